"""What the file of a chat network offers the house, and what an event that it brings may mean."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.asked import Answer, Asked
from core.message import Address, Inbound
from core.outbox.outgoing import Receipt
from core.text import Text


@dataclass(frozen=True, slots=True)
class Blocked:
    """A person has blocked the bot, or left the account."""

    address: Address


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be said to a group, outside of any conversation."""

    chat: int = field(repr=False)
    said: Text
    language: str


@dataclass(frozen=True, slots=True)
class Told:
    """The network tells what became of messages that we sent."""

    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Somebody of ours has written to this person by hand: the two talk to each other now."""

    inbound: Inbound


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us; `why` is one of a few fixed words, to be counted."""

    why: str


Meant = Inbound | Blocked | Remark | Told | TakenOver | Ignored


class Network(Protocol):
    """One chat network's calls to us. Sending to it is a `core.outbox.ports.Sender` beside it."""

    @property
    def name(self) -> str:
        """Its short name, as in its address (`/bot/<name>/webhook`) and in the inbox."""

    @property
    def awake(self) -> bool:
        """False while it is being set up: a call is answered well, and nothing is taken in."""

    @property
    def labels_json(self) -> bool:
        """Does it say `application/json`? False where that is written down nowhere."""

    def prove(self, asked: Asked) -> bool:
        """Is the caller the network? Never raises, whatever was sent."""

    def read(self, event: Mapping[str, Any]) -> Meant:
        """What an event means. Raises Malformed when it is none, and nothing else."""

    def taken(self, remark: Remark | None) -> Answer:
        """The answer to what was taken in, with a remark where one is to be made at once."""


def knows(asked: Asked, header: str, secret: str) -> bool:
    """Does the caller send our secret along? With an empty one of ours, nobody does."""
    given = asked.headers.get(header, "").encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(given, secret.encode())
