"""Time as the gateway sees it: a clock that is passed in, and deadlines that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Clock = Callable[[], datetime]
"""Gives the present moment, always with a time zone."""


def now() -> datetime:
    """The present moment in Viet Nam (UTC+7, no daylight saving)."""
    return datetime.now(VIETNAM)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in monotonic time by which an answer is wanted."""

    at: float
    tick: Callable[[], float] = field(default=time.monotonic, repr=False)

    @classmethod
    def after(cls, seconds: float, tick: Callable[[], float] = time.monotonic) -> Deadline:
        """The deadline `seconds` from now."""
        return cls(tick() + seconds, tick)

    def left(self) -> float:
        """Seconds that remain, never below 0."""
        return max(0.0, self.at - self.tick())

    @property
    def passed(self) -> bool:
        return self.left() <= 0.0
