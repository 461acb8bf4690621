"""Decent hours: when people may be written to on our own account."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from core.clock import VIETNAM

MORNING, EVENING = time(8), time(20)
LAST = time(19)
"""The hour for what cannot wait until the morning."""


def decent(now: datetime) -> datetime | None:
    """The next morning, when people sleep now; None when they do not."""
    here = now.astimezone(VIETNAM)
    if MORNING <= here.time() < EVENING:
        return None
    return morning_of(here.date() + timedelta(days=here.time() >= EVENING))


def before(end: datetime, hours: float) -> datetime:
    """So many hours before the end; where people sleep then, the evening before that."""
    at = (end - timedelta(hours=hours)).astimezone(VIETNAM)
    if MORNING <= at.time() < EVENING:
        return at
    return datetime.combine(at.date() - timedelta(days=at.time() < MORNING), LAST, VIETNAM)


def morning_of(day: date) -> datetime:
    return datetime.combine(day, MORNING, VIETNAM)
