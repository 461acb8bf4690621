"""People in isolation are asked how they are, morning and evening, until it ends.

Asked are those who are linked to the person, and the carers whom the platform names. Whoever feels
worse says so at any time (`core.dialogues.check_in`); silence is noticed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from core.clock import VIETNAM
from core.dialogues.check_in import ANSWERS
from core.errors import Down
from core.notices.alarm import LONGEST_NAME, words
from core.notices.notice import Desk, Finding, Notice, Question, Say, Wait
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.people.check_ins import CAUSES, PREFIX, Case, Standing
from core.platform.ports import Isolation
from core.text import _

ASK = _("{name}: how are you today? Reply 1 well, 2 mild symptoms, 3 severe or short of breath.")
APART = timedelta(hours=4)
"""Nobody is asked twice within this time."""

EVENING = timedelta(hours=2)
"""After the last round of a day, the first question of an isolation may still be asked for so long."""

BEGINS_SOON = timedelta(days=3)
"""So long after a record came that tells of no isolation yet, it is looked at again each morning."""


def look(event: Event, desk: Desk) -> Finding:
    """Whether it is time to ask; and whether somebody has been silent for too long."""
    rounds, citizen = desk.policy.check_ins, desk.citizen
    if event.citizen_id is None or citizen is None or not rounds.times:
        return None
    known = desk.platforms.tests.isolation(event.citizen_id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered isolation is no news")
    isolation = known.value
    if isolation is None or not _is_ours(isolation, event):
        desk.rounds.ended(event.id)
        soon = isolation is None and event.at is not None and desk.now < event.at + BEGINS_SOON
        return Wait(_next_round(desk.now, rounds.times)) if soon else None
    standing = desk.rounds.standing(event.id, isolation.since)
    waiting = None if standing is None else standing.waiting_since
    if waiting is not None and desk.now >= waiting + rounds.silence:
        desk.rounds.silent(event.id, isolation.since)
    due = _due(standing, desk.now, rounds.times)
    if desk.now < due:
        return Wait(_soonest(due, standing, rounds.silence, desk.now), over=False)
    phone = next(iter(citizen.phones), None)
    case = Case(citizen.id, citizen.name, phone, citizen.province, citizen.ward, isolation.since)

    def note(within: Any, people: Sequence[str]) -> None:
        desk.rounds.asked(within, event.id, case, people, desk.now)

    following = _next_round(desk.now + APART, rounds.times)
    asked = Standing(desk.now, waiting or desk.now)
    return Say(
        citizen_id=event.citizen_id,
        said=desk.now.isoformat(),
        first=ASK,
        again=ASK,
        purpose=Purpose.CHECKIN,
        useless_after=following,
        again_at=_soonest(following, asked, rounds.silence, desk.now),
        question=Question(ANSWERS, PREFIX + desk.rounds.name(event.id, isolation.since)),
        noted=note,
    )


def _is_ours(isolation: Isolation, event: Event) -> bool:
    """Of several records about one person each is asked about by its own event, or by none."""
    return isolation.kind == "isolation" and isolation.id in (None, event.id)


def _due(standing: Standing | None, now: datetime, times: Sequence[time]) -> datetime:
    """When the next question is to be asked; a round that was missed by a night is left out."""
    here = now.astimezone(VIETNAM)
    first = datetime.combine(here.date(), times[0], VIETNAM)
    last = datetime.combine(here.date(), times[-1], VIETNAM)
    due = now if standing is None else _next_round(standing.asked_at + APART, times)
    awake = first <= now <= last + EVENING
    return due if due > now or awake else _next_round(now, times)


def _next_round(after: datetime, times: Sequence[time]) -> datetime:
    """The first of these times of the Vietnamese day that is later."""
    day = after.astimezone(VIETNAM).date()
    moments = (
        datetime.combine(day + timedelta(days=days), at, VIETNAM)
        for days in (0, 1)
        for at in sorted(times)
    )
    return next(moment for moment in moments if moment > after)


def _soonest(
    due: datetime, standing: Standing | None, silence: timedelta, now: datetime
) -> datetime:
    """The next round, or the moment before it at which silence has lasted too long."""
    if standing is None or standing.waiting_since is None:
        return due
    silent = standing.waiting_since + silence
    return min(due, silent) if silent > now else due


_WORST = Case("", "W" * LONGEST_NAME, "+84912345678", None, None, date(2026, 12, 1))
_AT = datetime.fromisoformat("2026-12-30T23:59:00+07:00")

ISOLATION = Notice("isolation", look, worst=(ASK, *(words(cause, _WORST, _AT) for cause in CAUSES)))
