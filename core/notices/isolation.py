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
from core.platform.ports import Citizen
from core.text import _

ASK = _("{name}: how are you today? Reply 1 well, 2 mild symptoms, 3 severe or short of breath.")
APART = timedelta(hours=4)
"""Nobody is asked twice within this time."""

EVENING = timedelta(hours=2)
"""After the last round of a day, the first question of an isolation may still be asked for so long."""

BEGINS_SOON = timedelta(days=3)
"""So long after a record came that tells of no isolation yet, it is looked at again each morning."""


def linked(citizen_id: str, at: datetime) -> Event:
    """Somebody has proved to be this citizen: the platform has told us of them in vain until now."""
    return Event("isolation", citizen_id, None, citizen_id, at)


def look(event: Event, desk: Desk) -> Finding:
    """Whether it is time to ask; and whether somebody has been silent for too long."""
    rounds, citizen = desk.policy.check_ins, desk.citizen
    if citizen is None or not rounds.times:
        return None
    known = desk.platforms.tests.isolation(citizen.id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered isolation is no news")
    isolation = known.value
    if isolation is None or isolation.kind != "isolation":
        desk.rounds.ended(citizen.id)
        soon = isolation is None and _is_recent(event, desk.now)
        return Wait(_next_round(desk.now, rounds.times)) if soon else None
    standing = desk.rounds.standing(citizen.id, isolation.since)
    waiting = None if standing is None else standing.waiting_since
    if waiting is not None and desk.now >= waiting + rounds.silence:
        desk.rounds.silent(citizen.id, isolation.since)
    due = _due(event, standing, desk.now, rounds.times)
    if desk.now < due:
        return Wait(_soonest(due, waiting, rounds.silence, desk.now), over=False)
    return _asking(citizen, isolation.since, waiting, desk)


def _asking(citizen: Citizen, since: date, waiting: datetime | None, desk: Desk) -> Say:
    """The question, and what is written down with it."""
    phone = next(iter(citizen.phones), None)
    case = Case(citizen.id, citizen.name, phone, citizen.province, citizen.ward, since)

    def note(within: Any, people: Sequence[str]) -> None:
        desk.rounds.asked(within, case, people, desk.now)

    rounds = desk.policy.check_ins
    following = _next_round(desk.now + APART, rounds.times)
    return Say(
        citizen_id=citizen.id,
        said=desk.now.isoformat(),
        first=ASK,
        again=ASK,
        purpose=Purpose.CHECKIN,
        useless_after=following,
        again_at=_soonest(following, waiting or desk.now, rounds.silence, desk.now),
        question=Question(ANSWERS, PREFIX + desk.rounds.name(citizen.id, since)),
        noted=note,
    )


def _is_recent(event: Event, now: datetime) -> bool:
    """Whether the platform has told lately of what may still begin."""
    return event.version is not None and event.at is not None and now < event.at + BEGINS_SOON


def _due(event: Event, standing: Standing | None, now: datetime, times: Sequence[time]) -> datetime:
    """When the next question is to be asked; a round that was missed by a night is left out.

    The first one is asked at once; not so of somebody who has just linked, and is at something else.
    """
    here = now.astimezone(VIETNAM)
    first = datetime.combine(here.date(), times[0], VIETNAM)
    last = datetime.combine(here.date(), times[-1], VIETNAM)
    if standing is not None:
        due = _next_round(standing.asked_at + APART, times)
    else:
        due = now if event.version is not None else _next_round(event.at or now, times)
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
    due: datetime, waiting: datetime | None, silence: timedelta, now: datetime
) -> datetime:
    """The next round, or the moment before it at which silence has lasted too long."""
    if waiting is None or waiting + silence <= now:
        return due
    return min(due, waiting + silence)


_WORST = Case("", "W" * LONGEST_NAME, "+84912345678", None, None, date(2026, 12, 1))
_AT = datetime.fromisoformat("2026-12-30T23:59:00+07:00")

ISOLATION = Notice("isolation", look, worst=(ASK, *(words(cause, _WORST, _AT) for cause in CAUSES)))
