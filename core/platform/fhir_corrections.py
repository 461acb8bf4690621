"""Corrections of wrong records as FHIR R4 Tasks: asked for once, and followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from core.clock import Clock, Deadline
from core.errors import Absent, Down
from core.platform.fhir_codes import codes
from core.platform.fhir_create import FhirCreate
from core.platform.fhir_read import SKEW
from core.platform.fhir_search import FhirSearch
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Correction, CorrectionKind, Known, Ticket
from core.platform.reading import (
    Object,
    code_of,
    identifier,
    mapping,
    moment,
    objects,
    reference,
    text,
)
from core.platform.watch import Note, noting

PLATFORM = "fhir"

KINDS: dict[str, CorrectionKind] = {
    "dose-missing": "dose-missing",
    "all-doses-missing": "all-doses-missing",
    "details-wrong": "details-wrong",
}

STATES: dict[str, Literal["received", "in-progress", "completed", "rejected"]] = {
    "draft": "received",
    "requested": "received",
    "received": "received",
    "accepted": "received",
    "ready": "in-progress",
    "in-progress": "in-progress",
    "on-hold": "in-progress",
    "completed": "completed",
    "rejected": "rejected",
    "failed": "rejected",
    "cancelled": "rejected",
}
"""Task.status as people are told it; one entered in error is no ticket."""


class FhirCorrections:
    """Implements Corrections; safe between threads."""

    def __init__(
        self, search: FhirSearch, create: FhirCreate, systems: FhirSystems, clock: Clock
    ) -> None:
        self._search = search
        self._create = create
        self._systems = systems
        self._clock = clock

    def ask(self, correction: Correction, *, key: str, deadline: Deadline) -> Ticket:
        """Asks for a record to be put right; the same key twice makes one ticket."""
        operation = "correction"
        created = self._create.once(
            operation,
            task(correction, self._systems, key),
            unless=(("identifier", f"{self._systems.idempotency}|{key}"),),
            deadline=deadline,
        )
        if created.id is None:
            raise Down(PLATFORM, "a ticket without its id")
        ticket = self._reader(operation).ticket(created.resource)
        if ticket is None:
            ticket = Ticket(
                created.id,
                created.id,
                correction.kind,
                correction.citizen_id,
                "received",
                correction.authored,
            )
        if (ticket.citizen_id, ticket.kind) != (correction.citizen_id, correction.kind):
            raise self._search.senseless(operation, "another ticket")
        return ticket

    def tickets(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Ticket, ...]]:
        """The tickets about this person, newest first."""
        operation = "tickets"
        reader = self._reader(operation)
        found = []
        for one in self._search.resources(
            operation, "Task", (("patient", f"Patient/{citizen_id}"),), deadline=deadline
        ):
            ticket = reader.ticket(one)
            if ticket is not None and ticket.citizen_id == citizen_id:
                found.append((moment(one.get("authoredOn")) or ticket.moved, ticket))
            elif ticket is not None:
                reader.note("Task about somebody else")
        found.sort(key=lambda pair: (pair[0], pair[1].moved), reverse=True)
        return Known(tuple(ticket for _, ticket in found), reader.at)

    def ticket(self, ticket_id: str, *, deadline: Deadline) -> Ticket:
        """One ticket; raises Absent."""
        operation = "ticket"
        found = self._search.one(operation, "Task", ticket_id, deadline=deadline)
        ticket = self._reader(operation).ticket(found)
        if ticket is None:
            raise Absent(PLATFORM, "no ticket of ours")
        return ticket

    def _reader(self, operation: str) -> TicketReader:
        return TicketReader(self._systems, at=self._clock(), note=noting(PLATFORM, operation))


class TicketReader:
    """Reads Tasks as of one moment, noting through `note` whatever makes no sense."""

    def __init__(self, systems: FhirSystems, *, at: datetime, note: Note) -> None:
        self._systems = systems
        self.at = at
        self.note = note

    def ticket(self, task: Object) -> Ticket | None:
        """A Task that asks for a correction; None for any other, or without what it takes."""
        kind = self._kind(task)
        state = STATES.get(code_of(task.get("status")))
        if kind is None or state is None:
            return None
        found, about = identifier(task.get("id")), reference(task.get("for"), "Patient")
        moved = self._moved(task)
        if found is None or about is None or moved is None:
            self.note("Task without id, person or moment")
            return None
        return Ticket(
            id=found,
            number=self._number(task) or found,
            kind=kind,
            citizen_id=about,
            state=state,
            moved=moved,
            reason=text(mapping(task.get("statusReason")).get("text"), longest=300),
        )

    def _kind(self, task: Object) -> CorrectionKind | None:
        system = self._systems.correction
        said = [*codes(task.get("code"), system), *codes(task.get("reasonCode"), system)]
        found = {KINDS[code] for code in said if code in KINDS}
        if len(found) > 1:
            self.note("Task with contradictory codes")
        return found.pop() if len(found) == 1 else None

    def _moved(self, task: Object) -> datetime | None:
        moments = (
            moment(written)
            for written in (
                task.get("lastModified"),
                mapping(task.get("meta")).get("lastUpdated"),
                task.get("authoredOn"),
            )
        )
        return next((at for at in moments if at is not None and at <= self.at + SKEW), None)

    def _number(self, task: Object) -> str | None:
        for one in objects(task.get("identifier")):
            if one.get("system") == self._systems.ticket and one.get("use") != "old":
                return text(one.get("value"), longest=40)
        return None


def task(correction: Correction, systems: FhirSystems, key: str) -> dict[str, Any]:
    """The resource that asks for it; `systems` and `key` name it once and for all."""
    said = correction.said.strip()
    return {
        "resourceType": "Task",
        "identifier": [{"system": systems.idempotency, "value": key}],
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": systems.correction, "code": correction.kind}]},
        **({"description": said} if said else {}),  # FHIR has no empty strings
        "for": {"reference": f"Patient/{correction.citizen_id}"},
        "requester": {"reference": f"Patient/{correction.author_id}"},
        "authoredOn": correction.authored.isoformat(timespec="seconds"),
    }
