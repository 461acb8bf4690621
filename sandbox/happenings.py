"""Things that can be made to happen to a person: a result, a correction, a dose due, a ticket moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sandbox.clock import stamp
from sandbox.fhir.resources import (
    flags,
    immunizations,
    observation,
    observations,
    patient,
    recommendations,
)
from sandbox.people.person import VIETNAM, Due, Finding, Isolation, LabTest, Method, Person
from sandbox.people.records import next_due
from sandbox.world import Resource, World

TICKET_STATES = ("requested", "accepted", "in-progress", "completed")
"""The way of a ticket; it may also be rejected from any state but the last."""


@dataclass
class CannotHappen(Exception):
    """Why not: HTTP status and a reason."""

    status: int
    reason: str


def happen(world: World, asked: Mapping[str, Any]) -> tuple[Person, list[Resource]]:
    """Makes it happen. Returns the person, and every FHIR resource that is different now."""
    what = str(asked.get("what"))
    if what not in HAPPENINGS:
        raise CannotHappen(422, f"what: one of {', '.join(HAPPENINGS)}")
    with world.lock:
        person = _whom(world, asked)
        changed = HAPPENINGS[what](world, person, asked)
        return world.person(person.id) or person, changed


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


def _isolation_started(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """Isolation from today, for `days` days (14)."""
    days = asked.get("days", 14)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 60:
        raise CannotHappen(422, "days: 1 to 60")
    today = _day(None, world)
    version = person.isolation.version + 1 if person.isolation else 1
    isolation = Isolation(today, today + timedelta(days=days), True, version, world.clock())
    return list(flags(world.change(person.id, lambda it: replace(it, isolation=isolation))))


def _ticket_moved(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """The person's newest ticket (or `ticket`) moves on, or to `state`; completed, it is put right."""
    theirs = [
        task
        for task in world.written["Task"].values()
        if task["for"]["reference"] == f"Patient/{person.id}"
        and asked.get("ticket") in (None, task["id"])
    ]
    if not theirs:
        raise CannotHappen(409, "no such ticket")
    ticket = theirs[-1]
    state = _next_state(ticket["status"], asked.get("state"))
    now = stamp(world.clock())
    version = str(int(ticket["meta"]["versionId"]) + 1)
    moved = ticket | {
        "status": state,
        "lastModified": now,
        "meta": {"versionId": version, "lastUpdated": now},
    }
    if reason := asked.get("reason"):
        moved["statusReason"] = {"text": str(reason)}
    world.written["Task"][ticket["id"]] = moved
    return [moved, *(_put_right(world, person) if state == "completed" else [])]


def _next_state(present: str, wanted: Any) -> str:
    if present in ("completed", "rejected"):
        raise CannotHappen(409, f"the ticket is {present}")
    if wanted is None:
        place = TICKET_STATES.index(present) if present in TICKET_STATES else -1
        return TICKET_STATES[place + 1]
    if wanted not in (*TICKET_STATES, "rejected"):
        raise CannotHappen(422, f"state: one of {', '.join(TICKET_STATES)}, rejected")
    return str(wanted)


def _put_right(world: World, person: Person) -> list[Resource]:
    truth = person.truth
    if truth is None:
        return []
    after = world.correct(person.id)
    today = _day(None, world)
    if truth.doses is not None:
        version = person.due.version + 1 if person.due else 1
        due = next_due(after, today=today, at=world.clock())
        if due:
            due = replace(due, version=version)
        after = world.change(person.id, lambda it: replace(it, due=due))
    fresh = list(immunizations(after))[len(person.doses) :]
    return [patient(world, after), *fresh, *recommendations(after)]


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

HAPPENINGS: dict[str, Happening] = {
    "result-final": _result_final,
    "result-corrected": _result_corrected,
    "dose-due": _dose_due,
    "ticket-moved": _ticket_moved,
    "isolation-started": _isolation_started,
}
"""What can be asked for."""
