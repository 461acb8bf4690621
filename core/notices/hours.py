"""Decent hours: when people may be written to on our own account."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from core.clock import VIETNAM

MORNING, EVENING = time(8), time(20)


def decent(now: datetime) -> datetime | None:
    """The next morning, when people sleep now; None when they do not."""
    here = now.astimezone(VIETNAM)
    if MORNING <= here.time() < EVENING:
        return None
    return morning_of(here.date() + timedelta(days=here.time() >= EVENING))


def morning_of(day: date) -> datetime:
    return datetime.combine(day, MORNING, VIETNAM)
