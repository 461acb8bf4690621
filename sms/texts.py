"""Puts a screen into one text message: brief, plain letters, counted in the parts it is paid by."""

from __future__ import annotations

from dataclasses import dataclass

from core.gsm import is_gsm7, segments, septets, ucs2_units, unaccent
from core.hear import MORE
from core.message import Channel, Option, Page, Screen
from core.paging import Cost, Feet, lay_out, lines_of
from core.text import Text, _, joined, plain

_REPLY = _("Reply {options}")
MORE_BY_TEXT = _("Reply {number} for more", number=MORE)

# Room in one text alone and in a part of several. From two parts on, one septet or unit less
# for each joint, because a pair (escape and sign, or surrogates) is not split over two parts.
_SEPTETS = (160, 153)
_UNITS = (70, 67)


@dataclass(frozen=True, slots=True)
class SmsVoice:
    """Speaks as a text does: the brief words, then "Reply 1 Yes, 2 No". Implements `Voice`.

    `most_segments`: a text of more parts than this is split into pages, and 98 asks for the next;
    nothing is left out. `patience` in seconds.
    """

    patience: float = 30.0
    most_segments: int = 3
    channel: Channel = Channel.SMS
    keywords: bool = True

    def __post_init__(self) -> None:
        if self.most_segments < 1:
            raise ValueError("a text has at least one part")

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        """One text as a rule. The ways back and to the menu go without saying: words lead there.

        A QR cannot be sent; its short code stands in the words already.
        """
        accented = accents is True
        body = lines_of(_say(screen.text or screen.brief or screen.say, language, accented))
        short = _together(body, _asked_for(screen.options, language, accented))
        if len(segments(short)) > 1:
            # The numbers speak for themselves where the word before them would cost a part.
            bare = _together(body, _listed(screen.options, language, accented))
            short = bare if len(segments(bare)) < len(segments(short)) else short
        if len(segments(short)) <= self.most_segments:
            return (Page(short, end=screen.end),)
        listed = [_one_line(_label(one), language, accented) for one in screen.options]
        texts = self._laid_out([*body, *listed], _say(MORE_BY_TEXT, language, accented))
        last = len(texts) - 1
        return tuple(
            Page(text, end=screen.end and number == last) for number, text in enumerate(texts)
        )

    def _laid_out(self, lines: list[str], more: str) -> list[str]:
        whole = "\n".join((*lines, more))
        cost: Cost = _septets if is_gsm7(whole) else ucs2_units
        alone, part = _SEPTETS if is_gsm7(whole) else _UNITS
        joints = self.most_segments - 1
        room = part * self.most_segments - joints if joints else alone
        return lay_out(lines, Feet(only="", first=more, middle=more, last=""), room, cost)


def _say(text: Text, language: str, accented: bool) -> str:
    said = text.to(language)
    return said if accented else unaccent(said)


def _asked_for(options: tuple[Option, ...], language: str, accented: bool) -> list[str]:
    """The line that tells what may be replied."""
    if not options:
        return []
    reply = _REPLY.with_(options=tuple(map(_label, options)))
    return [_one_line(reply, language, accented)]


def _listed(options: tuple[Option, ...], language: str, accented: bool) -> list[str]:
    """The same line without the word that asks for a reply."""
    said = [_one_line(_label(one), language, accented) for one in options]
    return [", ".join(said)] if said else []


def _together(body: list[str], asked_for: list[str]) -> str:
    return "\n".join([*body, *asked_for]).strip("\n")


def _label(option: Option) -> Text:
    if option.reply is not None:
        return option.reply
    return joined(" ", plain(option.number), option.label)


def _one_line(text: Text, language: str, accented: bool) -> str:
    return " ".join(lines_of(_say(text, language, accented)))


def _septets(text: str) -> int:
    return septets(text) or 0
