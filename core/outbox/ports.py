"""What the dispatcher asks of whoever carries a message to a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from core.message import Channel, Network
from core.outbox.outgoing import Outgoing


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
