"""How the conversation speaks on a chat: full Vietnamese letters, and buttons for whatever can be picked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.split import split
from core.gsm import ucs2_units
from core.hear import MORE
from core.message import Button, Channel, Option, Page, Screen
from core.text import _

LONGEST_LABEL: Final = 40
"""Units of a button's words; phones cut longer ones off, so those are written out above."""

SHARE: Final = _("Share my phone number")
TAP_OR_TYPE: Final = _("Tap a button, or type a number.")
TYPE: Final = _("Type the number of your answer.")
_ANY: Final = 1000
_WAY_SIGNS: Final = {"back": "↩", "menu": "☰"}
_PLAIN_KEY: Final = re.compile(r"[a-z]{1,20}")
_WAYS: Final = frozenset({"back", "menu", "more"})
"""Keys that lead elsewhere: a choice of the ministry's form may be called so."""


class ChatVoice:
    """The voice of a chat network whose messages hold `longest` UTF-16 units.

    4,096 on Telegram, 2,000 on Zalo. A screen is nearly always one page; a longer one goes on
    behind a button, and its options hang on the last page. A network may show at most so many
    buttons below a message (Zalo five, its bots none): then the options are written out to be
    typed, and as many as fit are buttons too.
    """

    channel: Channel = Channel.CHAT
    keywords: bool = True

    def __init__(
        self,
        *,
        longest: int = 4096,
        patience: float = 15.0,
        most_buttons: int | None = None,
        longest_label: int = LONGEST_LABEL,
    ) -> None:
        self.longest = longest
        self.patience = patience
        self.most_buttons = most_buttons
        self.longest_label = longest_label

    def pages(
        self, screen: Screen, *, language: str, accents: bool | None = None
    ) -> tuple[Page, ...]:
        """The screen in this language. Letters keep their marks, whatever is wished on telephones."""
        ways = tuple(Button(way.key, _way(way, language)) for way in screen.ways)
        answers = self._answers(screen, language)
        crowded = self._most < len(answers) + len(ways)
        texts = split(self._text(screen, language, crowded), self._room(language))
        room = max(0, self._most - len(ways)) if crowded else len(answers)
        last = (*answers[:room], *ways)
        more = (Button("more", "▸ " + _("More").to(language)), *ways)
        return tuple(
            Page(
                text=text if number == len(texts) else self._going_on(text, language),
                buttons=(last if number == len(texts) else more)[: self._most],
                qr=screen.qr if number == 1 else None,
                end=screen.end,
                wants=screen.wants if number == len(texts) else None,
            )
            for number, text in enumerate(texts, 1)
        )

    @property
    def _most(self) -> int:
        return _ANY if self.most_buttons is None else self.most_buttons

    def _text(self, screen: Screen, language: str, crowded: bool) -> str:
        """What is said, with whatever has no room on buttons written out below it."""
        said = screen.say.to(language)
        labels = [_numbered(option, language) for option in screen.options]
        written_out = any(ucs2_units(label) > self.longest_label for label in labels)
        if crowded and not self._most:
            labels += [_numbered(way, language) for way in screen.ways]
        elif not (crowded or written_out):
            return said
        hint = (TYPE if not self._most else TAP_OR_TYPE).to(language) if crowded else ""
        return "\n".join((said, "", *labels, *(("", hint) if hint else ())))

    def _room(self, language: str) -> int:
        return self.longest if self._most else self.longest - len(self._going_on("", language))

    def _going_on(self, text: str, language: str) -> str:
        """A page that is not the last, where no button can say so."""
        if self._most:
            return text
        return f"{text}\n\n{MORE}. {_('More').to(language)}"

    def _answers(self, screen: Screen, language: str) -> Sequence[Button]:
        options = [
            Button(_comes_back(option), self._shortened(_numbered(option, language)))
            for option in screen.options
        ]
        if screen.wants == "phone":
            return (Button("phone", "📱 " + SHARE.to(language)), *options)
        return options

    def _shortened(self, label: str) -> str:
        if ucs2_units(label) <= self.longest_label:
            return label
        return split(label, self.longest_label - 1)[0].rstrip() + "…"


def _numbered(option: Option, language: str) -> str:
    """People who would rather type see what to type."""
    return f"{option.number}. {option.label.to(language)}"


def _way(way: Option, language: str) -> str:
    sign = _WAY_SIGNS.get(way.key)
    return f"{sign} {way.label.to(language)}" if sign else _numbered(way, language)


def _comes_back(option: Option) -> str:
    """The key where it is a short plain word, else the number, which fits every network's button."""
    plain = _PLAIN_KEY.fullmatch(option.key) and option.key not in _WAYS
    return option.key if plain else option.number
