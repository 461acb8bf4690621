"""Requests to put a wrong record right: the states they go through, and what completing one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.clock import stamp
from sandbox.fhir.codes import CASES
from sandbox.fhir.resources import immunizations, patient, recommendations
from sandbox.fhir.search import parts
from sandbox.people.person import VIETNAM, Person
from sandbox.people.records import next_due
from sandbox.refusal import CannotHappen
from sandbox.world import Resource, World

TICKET_STATES = ("requested", "accepted", "in-progress", "completed")
"""The way of a ticket; it may also be rejected from any state but the last."""

CLOSED = ("completed", "rejected")


def tickets(world: World, person: Person) -> list[Resource]:
    """The person's tickets, oldest first."""
    with world.lock:
        every = list(world.written["Task"].values())
    return [task for task in every if task["for"]["reference"] == f"Patient/{person.id}"]


def case_of(ticket: Resource) -> str:
    """Which of the three cases the ticket is about; it was checked when it came."""
    named = parts(ticket, "code.coding.code")
    return next(case for case in CASES if case in named)


def ticket_moved(world: World, person: Person, asked: Mapping[str, Any]) -> list[Resource]:
    """The newest open ticket (or `ticket`) moves on, or to `state`; completed, it is put right."""
    theirs = [each for each in tickets(world, person) if asked.get("ticket") in (None, each["id"])]
    if not theirs:
        raise CannotHappen(409, "no such ticket")
    still_open = [each for each in theirs if each["status"] not in CLOSED]
    ticket = (still_open or theirs)[-1]
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
    else:
        # What was said about the state before does not explain this one.
        moved.pop("statusReason", None)
    world.written["Task"][ticket["id"]] = moved
    return [moved, *(_put_right(world, person, moved) if state == "completed" else [])]


def _next_state(present: str, wanted: Any) -> str:
    if present in CLOSED:
        raise CannotHappen(409, f"the ticket is {present}")
    if wanted is None:
        place = TICKET_STATES.index(present) if present in TICKET_STATES else -1
        return TICKET_STATES[place + 1]
    if wanted not in (*TICKET_STATES, "rejected"):
        raise CannotHappen(422, f"state: one of {', '.join(TICKET_STATES)}, rejected")
    return str(wanted)


def _put_right(world: World, person: Person, ticket: Resource) -> list[Resource]:
    """The resources that say now what they should have said; none when nothing was wrong."""
    details = case_of(ticket) == "details-wrong"
    after = world.correct(person.id, doses=not details, details=details)
    if after.version == person.version:
        return []
    if details:
        return [patient(world, after)]
    version = person.due.version + 1 if person.due else 1
    now = world.clock()
    due = next_due(after, today=now.astimezone(VIETNAM).date(), at=now)
    if due:
        due = replace(due, version=version)
    after = world.change(person.id, lambda it: replace(it, due=due))
    fresh = list(immunizations(after))[len(person.doses) :]
    return [patient(world, after), *fresh, *recommendations(after)]
