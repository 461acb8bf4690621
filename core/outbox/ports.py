"""What the dispatcher asks of whoever carries a message, and of whoever keeps those that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.message import Channel, Network
from core.outbox.outgoing import Outgoing, Status


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message. `provider_ref` is its id there, which receipts will name."""

    provider_ref: str | None = None
    segments: int | None = None


class Sender(Protocol):
    """One provider. `send` is called from several threads at once, never inside a transaction."""

    @property
    def provider(self) -> str:
        """The provider's short name ("twilio", "telegram"), as in its address and its receipts."""

    @property
    def serves(self) -> Collection[tuple[Network, Channel]]:
        """What it can carry: ("phone", Channel.SMS), ("telegram", Channel.CHAT) …"""

    def send(self, outgoing: Outgoing) -> Sent:
        """Hands the message over. Raises SendLater or SendNever.

        `outgoing.id` is the same when the same message is tried again: give it to a provider that
        drops repeats by such an id.
        """


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in this worker's hands until its lease ends.

    `attempt` counts from 1, tries that were only told to wait left out. `claim` makes this claim
    different from any later one: a worker that lost its lease cannot undo another's work.
    """

    outgoing: Outgoing
    attempt: int
    claim: int
    created_at: datetime


class Queue(Protocol):
    """Where messages wait."""

    def claim(self, limit: int) -> Sequence[Claimed]:
        """Up to `limit` messages that are due, each handed to nobody else while the lease runs.

        Of the urgent messages to one address only the first is handed out.
        """

    def renew(self, claimed: Collection[Claimed]) -> Collection[Claimed]:
        """Starts the leases anew; those that are still ours."""

    def sent(self, claimed: Claimed, provider: str, sent: Sent) -> None:
        """The provider took it. A receipt that was quicker is settled now."""

    def later(self, claimed: Claimed, at: datetime, words: str, *, counted: bool) -> None:
        """To be tried again at `at`. `counted`: it was a failed attempt, not a wish to wait."""

    def end(
        self, claimed: Claimed, status: Status, words: str, provider: str | None = None
    ) -> None:
        """It will not be sent: failed or expired, in these words."""
