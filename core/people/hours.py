"""Hours of the week at which somebody is there, by the clock of Viet Nam."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.clock import VIETNAM

ALWAYS: Final = "always"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60
_SPAN: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of the week, each as (weekday, first minute, minute after the last); Monday is 0."""

    spans: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def read(cls, written: str) -> Hours:
        """`mon-fri 07:30-11:30 13:30-17:00; sat 07:30-11:30`, `always`, or nothing for never.

        Raises ValueError.
        """
        if written.strip().lower() == ALWAYS:
            return cls(tuple((day, 0, _DAY) for day in range(7)))
        parts = [part.split() for part in written.lower().split(";") if part.strip()]
        spans = [
            (day, *_span(one)) for days, *listed in parts for day in _days(days) for one in listed
        ]
        if any(len(part) < 2 for part in parts):
            raise ValueError("give days and hours, such as mon-fri 07:30-17:00")
        return cls(tuple(sorted(spans)))

    def at(self, moment: datetime) -> bool:
        """Is somebody there at this moment?"""
        here = moment.astimezone(VIETNAM)
        minute = here.hour * 60 + here.minute
        return any(
            day == here.weekday() and start <= minute < end for day, start, end in self.spans
        )

    def next(self, moment: datetime) -> datetime | None:
        """When somebody is there next, after a moment at which nobody is; None: never."""
        here = moment.astimezone(VIETNAM)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        starts = (
            midnight + timedelta(days=(day - here.weekday()) % 7 + week, minutes=start)
            for day, start, _end in self.spans
            for week in (0, 7)
        )
        return min((start for start in starts if start > here), default=None)


def _days(written: str) -> range | tuple[int, ...]:
    first, _, last = written.partition("-")
    try:
        start, end = DAYS.index(first), DAYS.index(last or first)
    except ValueError:
        raise ValueError(f"a day is one of {', '.join(DAYS)}") from None
    if start > end:
        raise ValueError(f"{written}: the week begins on mon")
    return range(start, end + 1)


def _span(written: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(written)
    if found is None:
        raise ValueError(f"{written!r} is not like 07:30-17:00")
    first, first_minute, last, last_minute = map(int, found.groups())
    start, end = first * 60 + first_minute, last * 60 + last_minute
    if not start < end <= _DAY:
        raise ValueError(f"{written}: hours end later than they begin, on the same day")
    return start, end
