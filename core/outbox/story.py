"""What has become of a message, as it is told to whoever put it in and to operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.outbox.outgoing import Lane, Outcome, Purpose, Status

NotAgain = Literal["unknown", "not-failed", "forgotten", "overtaken", "too-late"]
"""Why a message cannot be sent again: there is none (of theirs); it has not failed; its words have
been forgotten after their time; a newer one says it better; it would come too late."""


def why(status: str, words: str) -> str:
    """Why a message stands as it does: once it is sent, what had held it up is no reason any more.

    Its attempts tell of that.
    """
    return "" if status == Status.SENT else words


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `what` is a word: queued, given, sent, later, delivered, replayed …"""

    at: datetime
    what: str
    provider: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The message was given to a provider, once."""

    began_at: datetime
    ended_at: datetime | None
    provider: str
    network: str
    outcome: Outcome
    words: str
    segments: int | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A message in a list. `to` is masked; None when the number has been forgotten."""

    id: str
    seq: int
    owner: str | None
    status: Status
    purpose: Purpose
    lane: Lane
    network: str
    channel: str
    to: str | None
    created_at: datetime
    not_before: datetime
    useless_after: datetime | None
    settled_at: datetime | None
    provider: str | None
    segments: int | None
    cost: Decimal | None
    words: str
    test: bool


@dataclass(frozen=True, slots=True)
class Story:
    """A message with everything that happened to it, oldest first."""

    summary: Summary
    attempts: tuple[Attempt, ...]
    steps: tuple[Step, ...]
