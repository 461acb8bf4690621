"""A vaccine dose is due: told once, a week ahead at the earliest.

The outbox sees to it that a reminder comes at a decent hour.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from core.clock import VIETNAM
from core.errors import Down
from core.notices.notice import Desk, Finding, Notice, Say, Wait
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.text import _

DUE = _("{name} can have the next vaccine dose from {day}. Reply TIEM to see the doses.")
AHEAD = timedelta(days=7)
OVERDUE = timedelta(days=30)
MORNING = time(8)


def look(event: Event, desk: Desk) -> Finding:
    """The dose that is due now; a far one is looked at again when its time has come."""
    if event.citizen_id is None:
        return None
    known = desk.platforms.vaccinations.next_dose(event.citizen_id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered doses are no news")
    due, today = known.value, desk.now.astimezone(VIETNAM).date()
    if due is None or due.on < today - OVERDUE:
        return None
    if due.on > today + AHEAD:
        return Wait(_morning_of(due.on - AHEAD))
    told = DUE.with_(day=due.on)
    return Say(
        citizen_id=event.citizen_id,
        said=f"{due.on.isoformat()} {due.number}",
        first=told,
        again=told,
        purpose=Purpose.REMINDER,
        useless_after=_morning_of(max(due.on, today) + AHEAD),
    )


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, MORNING, VIETNAM)


DOSE_DUE = Notice("dose", look, worst=(DUE.with_(day=date(2026, 12, 30)),))
