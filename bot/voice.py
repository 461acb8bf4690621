"""How the conversation speaks on a chat: full Vietnamese letters, and buttons for whatever can be picked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.split import split
from core.gsm import ucs2_units
from core.message import Button, Channel, Option, Page, Screen
from core.text import _

LONGEST_LABEL: Final = 40
"""Units of a button's words; phones cut longer ones off, so those are written out above."""

SHARE: Final = _("Share my phone number")
_WAY_SIGNS: Final = {"back": "↩", "menu": "☰"}
_PLAIN_KEY: Final = re.compile(r"[a-z]{1,20}")


class ChatVoice:
    """The voice of a chat network whose messages hold `longest` UTF-16 units.

    4,096 on Telegram, 2,000 on Zalo. A screen is nearly always one page; a longer one goes on
    behind a button, and its options hang on the last page.
    """

    channel: Channel = Channel.CHAT
    keywords: bool = True

    def __init__(self, *, longest: int = 4096, patience: float = 15.0) -> None:
        self.longest = longest
        self.patience = patience

    def pages(
        self, screen: Screen, *, language: str, accents: bool | None = None
    ) -> tuple[Page, ...]:
        """The screen in this language. Letters keep their marks, whatever is wished on telephones."""
        texts = split(self._text(screen, language), self.longest)
        ways = tuple(Button(way.key, _way(way, language)) for way in screen.ways)
        last = (*self._answers(screen, language), *ways)
        more = (Button("more", "▸ " + _("More").to(language)), *ways)
        return tuple(
            Page(
                text=text,
                buttons=last if number == len(texts) else more,
                qr=screen.qr if number == 1 else None,
                end=screen.end,
                wants=screen.wants if number == len(texts) else None,
            )
            for number, text in enumerate(texts, 1)
        )

    def _text(self, screen: Screen, language: str) -> str:
        """What is said, with the options written out when their words are too long for buttons."""
        said = screen.say.to(language)
        labels = [_numbered(option, language) for option in screen.options]
        if any(ucs2_units(label) > LONGEST_LABEL for label in labels):
            return "\n".join((said, "", *labels))
        return said

    def _answers(self, screen: Screen, language: str) -> Sequence[Button]:
        options = [
            Button(_comes_back(option), _shortened(_numbered(option, language)))
            for option in screen.options
        ]
        if screen.wants == "phone":
            return (Button("phone", "📱 " + SHARE.to(language)), *options)
        return options


def _numbered(option: Option, language: str) -> str:
    """People who would rather type see what to type."""
    return f"{option.number}. {option.label.to(language)}"


def _way(way: Option, language: str) -> str:
    sign = _WAY_SIGNS.get(way.key)
    return f"{sign} {way.label.to(language)}" if sign else _numbered(way, language)


def _comes_back(option: Option) -> str:
    """The key where it is a short plain word, else the number, which fits every network's button."""
    return option.key if _PLAIN_KEY.fullmatch(option.key) else option.number


def _shortened(label: str) -> str:
    if ucs2_units(label) <= LONGEST_LABEL:
        return label
    return split(label, LONGEST_LABEL - 1)[0].rstrip() + "…"
