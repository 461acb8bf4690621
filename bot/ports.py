"""What the chat networks ask of the house: a place for what comes in, and a small memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.message import Address

Blind = Callable[[str, str], bytes]
"""Makes a name out of (kind, value) which finds the value again and tells nothing about it."""

Block = Callable[[Address], None]
"""Writes down that an address wants nothing more from us."""


class Inbox(Protocol):
    """Keeps what was said until a worker has answered it."""

    def accept(
        self, *, provider: str, provider_id: str, order_key: str, body: Mapping[str, Any]
    ) -> object:
        """Stores it once, however often the provider brings it; one `order_key` keeps its order."""


class Notes(Protocol):
    """A small memory shared by all workers. Losing it costs a second upload, never an answer."""

    def get(self, key: str) -> str | None:
        """What was put there, if it has not run out."""

    def put(self, key: str, value: str, seconds: int) -> None:
        """Remembers it for so long."""

    def forget(self, key: str) -> None:
        """Remembers it no longer."""

    def first(self, key: str, seconds: int) -> bool:
        """Is this the first time in so long that somebody asks?"""


class Pictures(Protocol):
    """Shows a picture to a network that wants to fetch it, and to nobody else."""

    def address_of(self, payload: str) -> str:
        """An address from which the QR of this payload can be fetched, soon and seldom."""
