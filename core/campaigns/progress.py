"""How far a campaign is: its rows by what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

_STAGES: Final[Mapping[str, str]] = {
    "new": "waiting",
    "fed": "queued",
    "out": "sent",
    "queued": "queued",
    "sending": "queued",
    "unsettled": "unsettled",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
    "expired": "expired",
    "stopped": "stopped",
    "bad": "bad",
    "duplicate": "duplicate",
    "refused": "refused",
}


def stage(state: str) -> str:
    """What an operator calls the state of a row, or of its message."""
    return _STAGES[state]


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows by what became of them. `sent` were taken by a provider and have no receipt yet.

    `stopped` includes those who said STOP before it was their turn.
    """

    waiting: int = 0
    queued: int = 0
    unsettled: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    expired: int = 0
    stopped: int = 0
    bad: int = 0
    duplicate: int = 0
    refused: int = 0
    segments: int = 0
    cost: Decimal = Decimal(0)

    @classmethod
    def of(
        cls, counts: Mapping[str, int], *, segments: int = 0, cost: Decimal = Decimal(0)
    ) -> Progress:
        """From counts by the names of these fields."""
        return cls(**counts, segments=segments, cost=cost)

    def __add__(self, other: Progress) -> Progress:
        """Both together."""
        return Progress(
            **{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        )

    @property
    def to_send(self) -> int:
        """Rows that were to be sent when it began."""
        return self.out + self.waiting + self.queued

    @property
    def out(self) -> int:
        """Rows with which we are done, one way or another."""
        over = (self.sent, self.delivered, self.failed, self.expired, self.stopped, self.unsettled)
        return sum(over)

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON."""
        counts = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**counts, "cost": str(self.cost)}
