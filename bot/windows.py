"""How long ago a person did something on a network that lets us write only for a while after that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.ports import Blind, Notes
from core.clock import Clock
from core.message import Address

KEPT: Final = 8 * 86400
"""Seconds: a day longer than the longest window (Zalo: seven days)."""


class Windows:
    """Kept with the notes. What is lost or was never seen is unknown, and the network is asked."""

    def __init__(self, notes: Notes, blind: Blind, clock: Clock) -> None:
        self._notes = notes
        self._blind = blind
        self._clock = clock

    def heard(self, address: Address) -> None:
        """The person has just done something that opens the window."""
        self._notes.put(self._note(address), self._clock().isoformat(), KEPT)

    def since(self, address: Address) -> timedelta | None:
        """How long ago that was; None when we do not know."""
        at = self._notes.get(self._note(address))
        return None if at is None else self._clock() - datetime.fromisoformat(at)

    def shut(self, address: Address, since: timedelta) -> None:
        """The network says that it was longer ago than `since`."""
        at = self._clock() - since
        self._notes.put(self._note(address), at.isoformat(), KEPT)

    def _note(self, address: Address) -> str:
        return f"heard:{self._blind(f'{address.network}-heard', address.value).hex()}"
