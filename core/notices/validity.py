"""A negative test counts for so many hours only: told once, some hours before that is over.

How long is the rule of the person's province, for a PCR; where none is known, the programme's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.errors import Down
from core.notices.hours import before
from core.notices.notice import Desk, Finding, Notice, Say, Wait
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.platform.ports import TestResult
from core.status import METHOD_WORDS, rule_of
from core.text import _

RUNS_OUT = _(
    "{name}: your negative {method} of {time} counts until {until}. If you still need one, please "
    "take a new test."
)


def follows(result: TestResult | None, told_of: Event, citizen_id: str) -> Event:
    """What follows from a result: a negative one will run out.

    One that is not negative, or was withdrawn (None), is looked at too: a reminder of the end of
    another one may wait to be sent.
    """
    what = "withdrawn" if result is None else f"{result.status} {result.sampled.isoformat()}"
    return Event("validity", citizen_id, f"{told_of.id} {what}", citizen_id, told_of.at)


def look(event: Event, desk: Desk) -> Finding:
    """The newest test as it stands now; when that is no negative one, nothing runs out."""
    ahead = desk.policy.tested.ahead
    if event.citizen_id is None or not ahead:
        return None
    known = desk.platforms.tests.results(event.citizen_id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered results are no news")
    newest = next((one for one in known.value if one.status != "preliminary"), None)
    if newest is None or newest.value != "not-detected":
        return None
    until = newest.sampled + timedelta(hours=_hours(newest, desk))
    tell_at = before(until, ahead)
    if desk.now >= until:
        return None
    if desk.now < tell_at:
        return Wait(tell_at)
    words = RUNS_OUT.with_(method=METHOD_WORDS[newest.method], time=newest.sampled, until=until)
    return Say(
        citizen_id=event.citizen_id,
        said=f"{newest.id} {until.isoformat()}",
        first=words,
        again=words,
        purpose=Purpose.REMINDER,
        useless_after=until,
    )


def _hours(result: TestResult, desk: Desk) -> float:
    rule = rule_of(desk.citizen.province, desk.now.date()) if desk.citizen else None
    if rule is not None and result.method == "pcr":
        return rule.hours_negative_pcr
    return desk.policy.tested.hours


_END = datetime.fromisoformat("2026-12-30T23:59:00+07:00")

TEST_VALIDITY = Notice(
    "validity",
    look,
    worst=(RUNS_OUT.with_(method=METHOD_WORDS["antigen"], time=_END, until=_END),),
)
