"""What can be made to happen: a result, a correction, a dose due, a ticket or a risk level moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sandbox.areas.area import LEVELS
from sandbox.areas.risk_map import AREAS
from sandbox.fhir.passports import passport_document
from sandbox.fhir.places import risk
from sandbox.fhir.resources import (
    flags,
    immunizations,
    observation,
    observations,
    recommendations,
)
from sandbox.people.person import (
    VACCINES,
    VIETNAM,
    Dose,
    Due,
    Finding,
    Isolation,
    LabTest,
    Method,
    Person,
)
from sandbox.refusal import CannotHappen
from sandbox.tickets import ticket_moved
from sandbox.world import Resource, World


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done: to whom (nobody, when it is about an area), and each resource that changed."""

    what: str
    person: Person | None
    changed: list[Resource]


def happen(world: World, asked: Mapping[str, Any]) -> Happened:
    """Makes it happen, or raises CannotHappen."""
    what = str(asked.get("what"))
    if what not in HAPPENINGS:
        raise CannotHappen(422, f"what: one of {', '.join(HAPPENINGS)}")
    with world.lock:
        if what == "risk-changed":
            return Happened(what, None, _risk_changed(world, asked))
        person = _whom(world, asked)
        changed = TO_A_PERSON[what](world, person, asked)
        return Happened(what, world.person(person.id) or person, changed)


def _whom(world: World, asked: Mapping[str, Any]) -> Person:
    found: Person | None = None
    if qid := asked.get("qid"):
        found = world.by_qid(str(qid))
    elif phone := asked.get("phone"):
        found = next(iter(world.by_phone(str(phone))), None)
    else:
        raise CannotHappen(422, "say to whom: phone or qid")
    if found is None:
        raise CannotHappen(404, "nobody like that here")
    return found


def _result_final(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """The newest pending test gets its result (with it all samples in its tube), or a new one comes."""
    value: Finding = _one_of(asked, "value", "not-detected", "detected")  # type: ignore[assignment]
    pending = [test for test in person.tests if test.status == "preliminary"]
    if not pending:
        method: Method = _one_of(asked, "method", "naat", "antigen")  # type: ignore[assignment]
        now = world.clock()
        sampled = (now - timedelta(hours=6)).astimezone(VIETNAM).replace(microsecond=0)
        made = LabTest(method, "final", sampled, value, now, updated=now)
        after = world.change(person.id, lambda it: replace(it, tests=(*it.tests, made)))
        return [observation(after, made, len(after.tests))]
    newest = max(pending, key=lambda test: test.sampled)
    sharing = world.same_tube(newest.tube) if newest.tube else [person]
    changed = []
    for each in sharing:
        for test in each.tests:
            if test == newest or (newest.tube and test.tube == newest.tube):
                changed.append(_settle(world, each, test, value, "final"))
    return changed


def _result_corrected(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """The newest result turns into its opposite (or into `value`)."""
    settled = [test for test in person.tests if test.status in ("final", "corrected")]
    if not settled:
        raise CannotHappen(409, "there is no result to correct")
    newest = max(settled, key=lambda test: test.sampled)
    opposite: Finding = "detected" if newest.value == "not-detected" else "not-detected"
    if "value" in asked:
        opposite = _one_of(asked, "value", "not-detected", "detected")  # type: ignore[assignment]
    return [_settle(world, person, newest, opposite, "corrected")]


def _settle(world: World, person: Person, test: LabTest, value: Finding, status: Any) -> Resource:
    now, place = world.clock(), person.tests.index(test)
    settled = replace(
        test, status=status, value=value, issued=now, version=test.version + 1, updated=now
    )
    tests = (*person.tests[:place], settled, *person.tests[place + 1 :])
    after = world.change(person.id, lambda it: replace(it, tests=tests))
    return list(observations(after))[place]


def _dose_due(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """The next dose may be given from today (or from `date`)."""
    day = _day(asked.get("date"), world)
    number = len(person.counted_doses) + 1
    version = person.due.version + 1 if person.due else 1
    due = Due(day, number, version, world.clock())
    return list(recommendations(world.change(person.id, lambda it: replace(it, due=due))))


def _dose_given(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """The next dose is on record; with the one that completes a series comes a vaccine passport."""
    vaccine = person.counted_doses[0].vaccine if person.counted_doses else "comirnaty"
    vaccine = _one_of({"vaccine": vaccine, **asked}, "vaccine", *VACCINES)
    given = _day(asked.get("date"), world)
    dose = Dose(vaccine, len(person.counted_doses) + 1, given, "SBX0001", "Trạm y tế phường")
    now = world.clock()

    def put_on_record(it: Person) -> Person:
        doses = (*it.doses, dose)
        return replace(it, doses=doses, due=None, version=it.version + 1, updated=now)

    after = world.change(person.id, put_on_record)
    document = passport_document(world.office, after)
    return [list(immunizations(after))[-1], *([document] if document else [])]


def _isolation_started(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """Isolation from today, for `days` days (14)."""
    days = asked.get("days", 14)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 60:
        raise CannotHappen(422, "days: 1 to 60")
    today = _day(None, world)
    version = person.isolation.version + 1 if person.isolation else 1
    isolation = Isolation(today, today + timedelta(days=days), True, version, world.clock())
    return list(flags(world.change(person.id, lambda it: replace(it, isolation=isolation))))


def _isolation_ended(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """Isolation is over before its last day."""
    before = person.isolation
    if before is None or not before.active:
        raise CannotHappen(409, "nobody is isolated here")
    over = replace(before, active=False, version=before.version + 1, updated=world.clock())
    return list(flags(world.change(person.id, lambda it: replace(it, isolation=over))))


def _risk_changed(world: World, asked: Mapping[str, Any]) -> list[Resource]:
    """An area gets another level, from today (or from `date`)."""
    area, wanted = str(asked.get("area")), asked.get("level")
    if area not in AREAS:
        raise CannotHappen(404, "no such area: the id of a Location")
    level = next((each for each in LEVELS if str(each) == str(wanted)), None)
    if level is None:
        raise CannotHappen(422, "level: 1 to 4")
    since = _day(asked.get("date"), world)
    return [risk(world.risks.change(area, level, since=since, at=world.clock()))]


def _one_of(asked: Mapping[str, Any], field: str, *choices: str) -> str:
    value = asked.get(field, choices[0])
    if value not in choices:
        raise CannotHappen(422, f"{field}: one of {', '.join(choices)}")
    return str(value)


def _day(written: Any, world: World) -> date:
    if written is None:
        return world.clock().astimezone(VIETNAM).date()
    try:
        return date.fromisoformat(written)
    except (TypeError, ValueError):
        raise CannotHappen(422, "date: YYYY-MM-DD") from None


Happening = Callable[[World, Person, Mapping[str, Any]], list[Resource]]

TO_A_PERSON: dict[str, Happening] = {
    "result-final": _result_final,
    "result-corrected": _result_corrected,
    "dose-due": _dose_due,
    "ticket-moved": ticket_moved,
    "dose-given": _dose_given,
    "isolation-started": _isolation_started,
    "isolation-ended": _isolation_ended,
}

HAPPENINGS = (*TO_A_PERSON, "risk-changed")
"""What can be asked for."""
