"""Talking to a person: while somebody of ours answers in a chat, the gateway itself is quiet there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from core.message import Address, Inbound, Network
from core.people.accounts import Person

Whose = Literal["ours", "theirs", "back"]
"""Who is to answer: we, a person, or we again, from this very message on."""

Ending = Literal["operator", "person", "time"]
"""Who ended a talk, or that nobody said anything for too long."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Does anybody answer at this moment, and if not, from when on? None: nobody ever does."""

    now: bool
    next: datetime | None = None


class Talks(Protocol):
    """Who answers in which chat."""

    def ask(self, address: Address, person: Person) -> Answering:
        """The person wants to talk to somebody: a talk is open from now on, if anybody answers."""

    def hear(self, inbound: Inbound) -> Whose:
        """Whose is this to answer? What is a person's is put on their list, once.

        What somebody of ours has written by hand makes a talk of it, too.
        """


class NobodyAnswers:
    """Implements `Talks` where there are no operators."""

    def ask(self, address: Address, person: Person) -> Answering:
        return Answering(False)

    def hear(self, inbound: Inbound) -> Whose:
        return "ours"


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One thing that was said in a talk; `said` is empty for what cannot be shown as text."""

    by: Literal["person", "operator"]
    said: str = field(repr=False)
    at: datetime
    status: str | None = None
    """What has become of an operator's line on its way; None for the person's own."""


@dataclass(frozen=True, slots=True)
class OperatorTalk:
    """A talk as an operator sees it."""

    id: str
    network: Network
    language: str
    by_hand: bool
    """Begun by somebody of ours in the network's own console, not asked for by the person."""
    opened_at: datetime
    waiting_since: datetime | None
    """Since when the person has had no answer."""
    closed_at: datetime | None
    ending: Ending | None
    lines: Sequence[TalkLine] = ()


class OperatorTalks(Protocol):
    """What operators do with talks."""

    def listed(self, *, closed: bool) -> Sequence[OperatorTalk]:
        """The open ones, whoever has waited longest first, or those closed last; without lines."""

    def read(self, talk_id: str) -> OperatorTalk | None:
        """One talk with its lines, oldest first."""

    def say(self, talk_id: str, said: str, *, key_id: str, key: str) -> Literal["said", "closed"]:
        """Sends a line to the person; the same `key` again changes nothing. Raises KeyError."""

    def close(self, talk_id: str) -> None:
        """Ends it, and tells the person so; again changes nothing. Raises KeyError."""
