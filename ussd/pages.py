"""Puts a screen into pages that any telephone can show: at most 160 signs of GSM-7 each."""

from __future__ import annotations

from collections.abc import Iterable

from core.gsm import septets, ucs2_units, unaccent
from core.hear import BACK, MORE
from core.message import Channel, Option, Page, Screen
from core.paging import Cost, Feet, lay_out, lines_of
from core.text import Text, _

HARDEST_LIMIT = 182
"""Septets in the 160 octets of one USSD string (3GPP TS 23.038); some networks carry fewer."""

USUAL_LIMIT = 160
"""What every network is known to carry."""

MOST_UNITS = 80
"""16-bit units in the same 160 octets, for what GSM-7 cannot write."""

_MORE = _("More")
_BACK = _("Back")


class UssdVoice:
    """Speaks as USSD does: numbered lines, no accents unless the person wants them, 98 for more.

    Implements `core.engine.Voice`. Nothing is ever cut off: a network would refuse a longer page,
    or cut it without a word, so what does not fit goes onto the next one.
    """

    channel = Channel.USSD
    keywords = False

    def __init__(self, *, limit: int = USUAL_LIMIT, patience: float = 4.0) -> None:
        """`limit` in septets a page, at most 182; `patience` in seconds for a whole step."""
        if not 40 <= limit <= HARDEST_LIMIT:
            raise ValueError(f"a USSD page has 40 to {HARDEST_LIMIT} septets, not {limit}")
        self.limit = limit
        self.patience = patience

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        """The screen's brief words, its options a line each, and its ways on one line.

        A QR cannot be shown here; its short code stands in the words already.
        """
        speak = _Speaker(language, plain=accents is not True)
        lines = lines_of(speak.text(screen.brief or screen.say))
        lines += map(speak.option, screen.options)
        ways = [speak.option(way) for way in screen.ways]
        only = "\n".join((*lines, _row(ways)) if ways else lines)
        if speak.plain and _septets(only) <= self.limit:
            return (Page(only, end=screen.end),)
        texts = self._laid_out(screen, lines, ways, speak)
        last = len(texts) - 1
        return tuple(
            Page(text, end=screen.end and number == last) for number, text in enumerate(texts)
        )

    def _laid_out(
        self, screen: Screen, lines: list[str], ways: list[str], speak: _Speaker
    ) -> list[str]:
        """The lines on pages, on which 0 goes to the page before and 98 to the next one."""
        back = [f"{BACK} {speak.text(_BACK)}"]
        later = [*back, *(speak.option(way) for way in screen.ways if way.number != BACK)]
        more = f"{MORE} {speak.text(_MORE)}"
        room, cost = self._room("\n".join((*lines, *ways, *later, more)), speak.plain)
        longest = max(_foot(more, _row(later)), _foot(more, _row(ways)), key=cost)
        if cost(longest) > room // 2:
            lines, ways, later = [*lines, *ways], [], back
        feet = Feet(
            only=_row(ways),
            first=_foot(more, _row(ways)),
            middle=_foot(more, _row(later)),
            last="" if screen.end else _row(later),
        )
        return lay_out(lines, feet, room, cost)

    def _room(self, whole: str, plain: bool) -> tuple[int, Cost]:
        """What a page holds of this text, in the alphabet that it needs."""
        if plain or septets(whole) is not None:
            return self.limit, _septets
        return min(MOST_UNITS, self.limit // 2), ucs2_units


class _Speaker:
    """Says things in one language, with or without accents."""

    def __init__(self, language: str, *, plain: bool) -> None:
        self.language = language
        self.plain = plain

    def text(self, text: Text) -> str:
        said = text.to(self.language)
        return unaccent(said) if self.plain else said

    def option(self, option: Option) -> str:
        """`1 Label` on one line, whatever the label holds."""
        return " ".join(lines_of(f"{option.number} {self.text(option.label)}"))


def _septets(text: str) -> int:
    length = septets(text)
    assert length is not None, "unaccented text is all GSM-7"
    return length


def _row(ways: Iterable[str]) -> str:
    return "  ".join(ways)


def _foot(*rows: str) -> str:
    return "\n".join(filter(None, rows))
