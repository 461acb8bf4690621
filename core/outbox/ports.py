"""What the dispatcher asks of whoever carries a message, and of whoever keeps those that wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeAlias

from core.message import Channel, Network
from core.outbox.outgoing import Lane, Outgoing, Status


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

    @property
    def honours_key(self) -> bool:
        """It drops a second message with the same `outgoing.id`: sending again does no harm."""

    @property
    def receipt_names_us(self) -> bool:
        """Its receipts repeat `outgoing.id`: they settle even what nobody could mark as sent."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Hands the message over. Raises SendLater or SendNever.

        `outgoing.id` is the same when the same message is tried again: give it to a provider that
        drops repeats by such an id. A SendLater must say whether it is `unsure`.
        """


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message was given to `provider` and nobody knows what came of it."""

    provider: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in this worker's hands until its lease ends.

    `attempt` counts from 1, tries that were only told to wait left out. `claim` makes this claim
    different from any later one: a worker that lost its lease cannot undo another's work.
    `due_at` is when it was to be sent at first.
    """

    outgoing: Outgoing
    attempt: int
    claim: int
    created_at: datetime
    due_at: datetime
    doubt: Doubt | None = None


class Verdict(StrEnum):
    """Whether a message may go, asked at the last moment."""

    GO = "go"
    LOST = "lost"
    """It is in other hands by now, or settled."""
    REFUSED = "refused"
    """The person wants no such messages."""
    IN_DOUBT = "in doubt"
    """Nobody knows whether the number is still theirs."""
    OVERTAKEN = "overtaken"
    """A newer message about the same thing says it better."""
    ENOUGH = "enough"
    """The person has had as many today as we send in a day."""
    HELD = "held"
    """Its campaign is paused, there or everywhere."""
    WITHDRAWN = "withdrawn"
    """Its campaign was stopped, there or everywhere."""


@dataclass(frozen=True, slots=True)
class Daily:
    """At most so many to one person since `since`."""

    most: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Begin:
    """A provider is about to be given the message, for the `number`th time in this claim.

    `segments` and `cost` are what we expect. `consent` names one that the person must have given.
    """

    claimed: Claimed
    number: int
    provider: str
    segments: int | None = None
    cost: Decimal | None = None
    daily: Daily | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The provider took it. A receipt that was quicker is settled now."""

    claimed: Claimed
    provider: str
    sent: Sent
    cost: Decimal | None = None


Note: TypeAlias = Begin | Done
"""What is written down around a send; many at once cost little more than one."""

Places: TypeAlias = Mapping[Lane, Collection[Network]]
"""Which networks take messages of which lane now."""


class Queue(Protocol):
    """Where messages wait."""

    def claim(self, limit: int, places: Places | None = None) -> Sequence[Claimed]:
        """Up to `limit` messages that are due, each handed to nobody else while the lease runs.

        Of the urgent messages to one address only the first is handed out. `places`: only these.
        """

    def renew(self, claimed: Collection[Claimed]) -> Collection[Claimed]:
        """Starts the leases anew; those that are still ours."""

    def write(self, notes: Sequence[Note]) -> Sequence[Verdict]:
        """Writes down that sends begin or are done, all in one transaction; a verdict for each.

        Writing the same note again does no harm. A `Begin` that is not GO is not written.
        """

    def missed(self, claimed: Claimed, words: str) -> None:
        """The provider did not take it; another one is asked at once."""

    def later(
        self,
        claimed: Claimed,
        at: datetime,
        words: str,
        *,
        counted: bool,
        unsure: bool = False,
        polite: bool = False,
    ) -> None:
        """To be tried again at `at`. `counted`: it was a failed attempt, not a wish to wait.

        `unsure`: the provider may have it all the same. `polite`: it is only due then. What a newer
        message about the same thing has overtaken is stopped instead.
        """

    def unsettled(
        self, claimed: Claimed, until: datetime, words: str, *, counted: bool = False
    ) -> None:
        """The provider may have it: its receipt is waited for until then."""

    def redirect(self, claimed: Claimed, other: Outgoing, words: str) -> None:
        """The same message goes on to another address, from the beginning."""

    def end(
        self, claimed: Claimed, status: Status, words: str, provider: str | None = None
    ) -> None:
        """It will not be sent: failed, expired or stopped, in these words."""
