"""A vaccine dose is due: told a week ahead, the day before, and the day after if it was missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from core.clock import VIETNAM
from core.errors import Down
from core.notices.hours import morning_of
from core.notices.notice import Desk, Finding, Notice, Say, Wait
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.platform.ports import Due
from core.text import Text, _

Stage = Literal["ahead", "eve", "missed"]

WORDS: dict[Stage, Text] = {
    "ahead": _("{name} can have the next vaccine dose from {day}. Reply TIEM to see the doses."),
    "eve": _("{name}: the next vaccine dose is due on {day}. Reply TIEM to see the doses."),
    "missed": _(
        "{name}: the vaccine dose of {day} is not on record yet. Please visit your ward health "
        "station. Reply TIEM for doses."
    ),
}
AHEAD = timedelta(days=7)
OVERDUE = timedelta(days=30)
DAY = timedelta(days=1)
EARLY = timedelta(days=14)
"""A dose may be given so long before its day; no two doses are so near to each other."""


def look(event: Event, desk: Desk) -> Finding:
    """The dose that is due now; once it is on record, the platform names another one or none."""
    if event.citizen_id is None:
        return None
    known = desk.platforms.vaccinations.next_dose(event.citizen_id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered doses are no news")
    due, today = known.value, desk.now.astimezone(VIETNAM).date()
    if due is None or due.on < today - OVERDUE or _is_given(event.citizen_id, due, desk):
        return None
    if due.on > today + AHEAD:
        return Wait(morning_of(due.on - AHEAD))
    stage, next_look = _stage(due.on, today)
    told = WORDS[stage].with_(day=due.on)
    return Say(
        citizen_id=event.citizen_id,
        said=f"{due.on.isoformat()} {due.number} {stage}",
        first=told,
        again=told,
        purpose=Purpose.REMINDER,
        useless_after=next_look or morning_of(max(due.on, today) + AHEAD),
        again_at=next_look,
    )


def _is_given(citizen_id: str, due: Due, desk: Desk) -> bool:
    """Whether this dose is on record: some servers work out their recommendations once a night."""
    known = desk.platforms.vaccinations.doses(citizen_id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered doses are no news")
    return any(
        dose.on >= due.on - EARLY
        and (dose.number is None or due.number is None or dose.number >= due.number)
        for dose in known.value
    )


def _stage(on: date, today: date) -> tuple[Stage, datetime | None]:
    """What to say today, and on which morning there will be something else to say."""
    if on < today:
        return "missed", None
    if on <= today + DAY:
        return "eve", morning_of(on + DAY)
    return "ahead", morning_of(on - DAY)


DOSE_DUE = Notice(
    "dose", look, worst=tuple(words.with_(day=date(2026, 12, 30)) for words in WORDS.values())
)
