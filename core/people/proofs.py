"""How a chat proves a phone number where the network does not vouch for one: a code sent by SMS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from core.message import Address
from core.people.accounts import Person
from core.text import Text

DIGITS = 6
HOLDS = timedelta(minutes=5)
"""How long a code holds."""

TRIES = 5
"""With so many wrong tries a code ends."""

PAUSE = timedelta(seconds=60)
"""Whoever asks again within this time gets no second code: the first one is still on its way."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

TO_A_NUMBER = ((3, HOUR), (5, DAY))
"""So many codes go to one number in this time, whoever asks for them: nobody is pestered."""

FROM_A_CHAT = ((5, DAY),)
"""So many codes one chat may ask for in this time, for whichever numbers."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """No code was sent; the next one may be asked for at `until`."""

    until: datetime


class Proofs(Protocol):
    """Where codes are kept, and from where they are sent.

    Every number is treated alike: nobody learns here whether we know it.
    """

    def send(self, address: Address, phone: str, *, words: Text, to: Person) -> TooMany | None:
        """Sends `words` with a new {code} to `phone` (E.164), in the language of `to`.

        The code proves only that the chat `address` and this phone are in the same hands.
        """

    def check(self, address: Address, phone: str, code: str) -> Literal["right", "wrong", "over"]:
        """Is this the code? "over": there is none that holds; a right one cannot be used again."""
