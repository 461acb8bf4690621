"""Puts a screen into pages that any telephone can show: at most 160 signs of GSM-7 each."""

from __future__ import annotations

from collections.abc import Iterable

from core.gsm import septets, ucs2_units, unaccent
from core.hear import BACK, MORE
from core.message import Channel, Option, Page, Screen
from core.paging import Cost, Feet, lay_out, lines_of
from core.text import _

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

    Implements `core.voice.Voice`. Nothing is ever cut off: a network would refuse a longer page,
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
        self._kept: dict[tuple[str, str, bool | None], tuple[Screen, tuple[Page, ...]]] = {}

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        """The screen's brief words, its options a line each, and its ways on one line.

        A QR cannot be shown here; its short code stands in the words already. The pages of fixed
        screens are kept: there are only so many, and people see them again and again.
        """
        if not screen.fixed:
            return self._pages(screen, language, accents)
        key = (screen.fixed, language, accents)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not screen:
            kept = self._kept[key] = (screen, self._pages(screen, language, accents))
        return kept[1]

    def _pages(self, screen: Screen, language: str, accents: bool | None) -> tuple[Page, ...]:
        plain = accents is not True
        said = (screen.brief or screen.say).to(language)
        ways = _rows(screen.ways, language)
        # Everything at once: a page is made for every hop, and one long text costs less than ten.
        lines = _written("\n".join((said, *_rows(screen.options, language), *ways)), plain)
        lines, ways = lines[: len(lines) - len(ways)], lines[len(lines) - len(ways) :]
        only = "\n".join((*lines, _row(ways)) if ways else lines)
        if plain and _septets(only) <= self.limit:
            return (Page(only, end=screen.end),)
        texts = self._laid_out(screen, lines, ways, language, plain)
        last = len(texts) - 1
        return tuple(
            Page(text, end=screen.end and number == last) for number, text in enumerate(texts)
        )

    def _laid_out(
        self, screen: Screen, lines: list[str], ways: list[str], language: str, plain: bool
    ) -> list[str]:
        """The lines on pages, on which 0 goes to the page before and 98 to the next one."""
        leading = f"{MORE} {_MORE.to(language)}\n{BACK} {_BACK.to(language)}"
        more, back = _written(leading, plain)
        later = [
            back,
            *(row for way, row in zip(screen.ways, ways, strict=True) if way.number != BACK),
        ]
        room, cost = self._room("\n".join((*lines, *ways, *later, more)), plain)
        longest = max(_foot(more, _row(later)), _foot(more, _row(ways)), key=cost)
        if cost(longest) > room // 2:
            # From the second page on, 0 stands at the foot already.
            without_back = [*lines, *later[1:]]
            several = cost("\n".join(without_back)) > room
            lines, ways, later = without_back if several else [*lines, *ways], [], [back]
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
        return _units(self.limit), ucs2_units


def on_one_page(text: str, limit: int) -> bool:
    """Whether a page of so many septets holds this text, in whichever alphabet it needs."""
    length = septets(text)
    return length <= limit if length is not None else ucs2_units(text) <= _units(limit)


def _units(limit: int) -> int:
    return min(MOST_UNITS, limit // 2)


def _rows(options: Iterable[Option], language: str) -> list[str]:
    """`1 Label`, each on one line whatever the label holds."""
    return [
        f"{option.number} {' '.join(option.label.to(language).splitlines())}" for option in options
    ]


def _written(text: str, plain: bool) -> list[str]:
    """The lines of a text as they are shown, with accents or without."""
    return lines_of(unaccent(text) if plain else text)


def _septets(text: str) -> int:
    length = septets(text)
    assert length is not None, "unaccented text is all GSM-7"
    return length


def _row(ways: Iterable[str]) -> str:
    return "  ".join(ways)


def _foot(*rows: str) -> str:
    return "\n".join(filter(None, rows))
