"""The health platform over HL7 FHIR R4: who people are, doses, tests and declarations."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

import pybreaker

from core.clock import Clock, Deadline, now
from core.errors import Absent, Down, Late, Refused
from core.people.papers import Paper
from core.platform.auth import Credentials
from core.platform.fhir_citizen import CitizenReader, FhirSystems
from core.platform.fhir_editions import Editions, Shelf
from core.platform.fhir_read import RecordReader
from core.platform.fhir_response import DoesNotFit, response
from core.platform.fhir_search import FhirSearch
from core.platform.forms import Form
from core.platform.http import Answer, Call, PlatformHttp
from core.platform.ports import Citizen, Declaration, Dose, TestResult
from core.platform.reading import Json, identifier, mapping, objects, text
from core.platform.watch import anomaly, noting

PLATFORM = "fhir"
MEDIA_TYPE = "application/fhir+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSettings:
    """Where the health platform is and how it names things; nothing of it is fixed in code."""

    url: str
    credentials: Credentials | None = None
    """None for a server that asks for no token."""
    systems: FhirSystems = field(default_factory=FhirSystems)
    form_url: str = "urn:motcua:form:general"
    page_size: int = 50
    page_cap: int = 20
    form_seconds: float = 60.0
    """For so long the form in force is not asked for again."""


class Fhir:
    """Implements Citizens, Vaccinations, TestResults and Declarations; safe between threads."""

    def __init__(
        self,
        settings: FhirSettings,
        *,
        http: PlatformHttp | None = None,
        breaker_storage: pybreaker.CircuitBreakerStorage | None = None,
        shelf: Shelf | None = None,
        clock: Clock = now,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """`http` only to replace the usual client; `breaker_storage` shares the breaker's state,
        `shelf` the forms, between processes."""
        self._settings = settings
        self._clock = clock
        self._http = http or PlatformHttp(
            PLATFORM,
            settings.url,
            media_type=MEDIA_TYPE,
            credentials=settings.credentials,
            reason=outcome_text,
            breaker_storage=breaker_storage,
            clock=clock,
            tick=tick,
        )
        self._search = FhirSearch(
            self._http, page_size=settings.page_size, page_cap=settings.page_cap
        )
        self._editions = Editions(
            self._search,
            form_url=settings.form_url,
            form_seconds=settings.form_seconds,
            clock=clock,
            tick=tick,
            shelf=shelf,
        )

    def by_phone(self, phone: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Everybody with this E.164 number on file; empty when nobody."""
        found = self._citizens("citizens-by-phone", ("telecom", phone), deadline)
        return self._matching(found, "citizens-by-phone", lambda one: phone in one.phones)

    def by_paper(self, paper: Paper, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Whoever holds this paper; empty when nobody."""
        wanted = f"{self._settings.systems.of_paper(paper.type)}|{paper.number}"
        found = self._citizens("citizens-by-paper", ("identifier", wanted), deadline)
        return self._matching(found, "citizens-by-paper", lambda one: paper in one.papers)

    def by_qid(self, qid: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Whoever has this QID; empty when nobody."""
        wanted = f"{self._settings.systems.qid}|{qid}"
        found = self._citizens("citizens-by-qid", ("identifier", wanted), deadline)
        return self._matching(found, "citizens-by-qid", lambda one: one.qid == qid)

    def by_id(self, citizen_id: str, *, deadline: Deadline) -> Citizen:
        """The person behind a platform id; raises Absent."""
        operation = "citizen-by-id"
        if identifier(citizen_id) is None:
            raise Absent(PLATFORM, "nobody can have such an id")
        call = Call(operation=operation, path="Patient/{id}", parts={"id": citizen_id})
        patient = mapping(self._http.ask(call, deadline=deadline).body)
        if patient.get("resourceType") != "Patient":
            raise self._search.senseless(operation, "not a Patient")
        citizen = self._citizen_reader(operation).citizen(patient)
        if citizen is None:
            raise Absent(PLATFORM, "nothing usable about this person")
        if citizen.id != citizen_id:
            raise self._search.senseless(operation, "somebody else")
        return citizen

    def doses(self, citizen_id: str, *, deadline: Deadline) -> tuple[Dose, ...]:
        """Completed doses, oldest first."""
        operation = "doses"
        query = (("patient", citizen_id), ("status", "completed"))
        reader = self._record_reader(operation)
        doses = self._search.read(
            operation,
            "Immunization",
            query,
            lambda each: reader.dose(each, citizen_id),
            deadline=deadline,
        )
        return tuple(sorted(doses, key=lambda dose: (dose.on, dose.number or 0)))

    def results(self, citizen_id: str, *, deadline: Deadline) -> tuple[TestResult, ...]:
        """Laboratory results, newest sample first; those entered in error are left out."""
        operation = "results"
        query = (("patient", citizen_id), ("category", "laboratory"))
        reader = self._record_reader(operation)
        results = self._search.read(
            operation,
            "Observation",
            query,
            lambda each: reader.result(each, citizen_id),
            deadline=deadline,
        )
        return tuple(sorted(results, key=lambda one: one.sampled, reverse=True))

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        """When the newest declaration about this person was made."""
        operation = "last-declared"
        query = (("subject", f"Patient/{citizen_id}"), ("_sort", "-authored"))
        reader = self._record_reader(operation)
        made = self._search.read(
            operation,
            "QuestionnaireResponse",
            query,
            lambda each: reader.declared(each, citizen_id),
            deadline=deadline,
            pages=1,
        )
        return max(made, default=None)

    def form(self, *, deadline: Deadline) -> Form:
        """The declaration form now in force (newest active version); asked for once a minute.

        Raises Absent when the platform has none, Down when it has none that can be asked.
        """
        return self._editions.current(deadline=deadline).form

    def form_named(self, name: str, *, deadline: Deadline) -> Form:
        """The edition `url|version` that people are in the middle of; raises Absent."""
        return self._editions.named(name, deadline).form

    def declare(self, declaration: Declaration, *, key: str, deadline: Deadline) -> str:
        """Sends a declaration; the same key twice makes one record.

        Returns the platform's id, or the key where the platform tells none. Raises Refused also
        when the answers do not fit the form that they name, and Absent when there is no such form.
        """
        operation, system = "declare", self._settings.systems.declaration
        edition = self._editions.named(declaration.form, deadline)
        try:
            body = response(declaration, edition, system=system, key=key)
        except DoesNotFit as error:
            anomaly(PLATFORM, operation, "answers that do not fit the form")
            raise Refused(PLATFORM, str(error)) from None
        named = f"{quote(system, safe=':/')}|{quote(key, safe='')}"
        answer = self._http.ask(
            Call(
                operation=operation,
                method="POST",
                path="QuestionnaireResponse",
                headers={"If-None-Exist": f"identifier={named}"},
                body=body,
                settled=frozenset({409, 412}),
            ),
            deadline=deadline,
        )
        return (
            self._id_of(answer, operation) or self._declared_as(f"{system}|{key}", deadline) or key
        )

    @property
    def state(self) -> str:
        """Whether calls go through: the state of the circuit breaker, "closed" when they do."""
        return self._http.state

    def close(self) -> None:
        """Gives the connections back."""
        self._http.close()

    def _citizens(
        self, operation: str, wanted: tuple[str, str], deadline: Deadline
    ) -> tuple[Citizen, ...]:
        reader = self._citizen_reader(operation)
        return self._search.read(operation, "Patient", (wanted,), reader.citizen, deadline=deadline)

    def _matching(
        self, found: tuple[Citizen, ...], operation: str, asked: Callable[[Citizen], bool]
    ) -> tuple[Citizen, ...]:
        """Nobody is shown a person the platform should not have sent."""
        kept = tuple(one for one in found if asked(one))
        if len(kept) < len(found):
            anomaly(PLATFORM, operation, "somebody else")
        return kept

    def _citizen_reader(self, operation: str) -> CitizenReader:
        note = noting(PLATFORM, operation)
        return CitizenReader(systems=self._settings.systems, at=self._clock(), note=note)

    def _record_reader(self, operation: str) -> RecordReader:
        return RecordReader(at=self._clock(), note=noting(PLATFORM, operation))

    def _id_of(self, answer: Answer, operation: str) -> str | None:
        """The id of what was just created, from the body or from where it is said to be."""
        body = mapping(answer.body)
        if body.get("resourceType") == "QuestionnaireResponse" and identifier(body.get("id")):
            return identifier(body["id"])
        place = re.search(r"QuestionnaireResponse/([^/?]+)", answer.headers.get("location", ""))
        if place is not None and identifier(place[1]):
            return place[1]
        if answer.status not in (409, 412) and answer.body is not None:
            # It may have been kept or not; whoever sends it again with its key does no harm.
            raise self._search.senseless(operation, "not a QuestionnaireResponse")
        return None

    def _declared_as(self, name: str, deadline: Deadline) -> str | None:
        """The id under which a declaration has been kept already."""
        query = (("identifier", name),)
        try:
            found = self._search.resources(
                "declared-as", "QuestionnaireResponse", query, deadline=deadline, pages=1
            )
            return next(filter(None, (identifier(each.get("id")) for each in found)), None)
        except (Late, Down, Refused):
            return None


def outcome_text(body: Json) -> str | None:
    """What an OperationOutcome says to people: `details.text`; `diagnostics` are for programmers."""
    for issue in objects(mapping(body).get("issue")):
        if issue.get("severity") in ("fatal", "error"):
            said = text(mapping(issue.get("details")).get("text"), longest=300)
            if said:
                return said
    return None
