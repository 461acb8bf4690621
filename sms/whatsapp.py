"""How the conversation speaks on WhatsApp: full letters, and a numbered line for whatever can be picked."""

from __future__ import annotations

from dataclasses import dataclass

from core.gsm import ucs2_units
from core.message import Channel, Option, Page, Screen
from core.paging import Feet, lay_out, lines_of
from sms.texts import MORE_BY_TEXT

LONGEST = 1600
"""What Twilio takes in one message, in characters; counted in UTF-16 units, which are no fewer."""


@dataclass(frozen=True, slots=True)
class WhatsAppVoice:
    """Speaks in text. Implements `core.engine.Voice`. `patience` in seconds.

    A personal QR is shown as its short code, in the words of a small screen, and with `pictures`
    as a picture as well, which Twilio fetches from an address of ours that ends soon.
    """

    patience: float = 15.0
    longest: int = LONGEST
    pictures: bool = False
    channel: Channel = Channel.CHAT
    keywords: bool = True

    def pages(
        self, screen: Screen, *, language: str, accents: bool | None = None
    ) -> tuple[Page, ...]:
        """The screen in this language; letters keep their marks, whatever is wished on telephones."""
        said = screen.brief if screen.qr is not None and screen.brief else screen.say
        lines = lines_of(said.to(language))
        for options in (screen.options, screen.ways):
            if options:
                lines += ["", *(_line(option, language) for option in options)]
        more = MORE_BY_TEXT.to(language)
        feet = Feet(only="", first=more, middle=more, last="")
        texts = lay_out(lines, feet, self.longest, ucs2_units)
        last = len(texts) - 1
        qr = screen.qr if self.pictures else None
        return tuple(
            Page(text, qr=None if number else qr, end=screen.end and number == last)
            for number, text in enumerate(texts)
        )


def _line(option: Option, language: str) -> str:
    return f"{option.number}. {' '.join(lines_of(option.label.to(language)))}"
