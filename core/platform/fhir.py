"""The health platform over HL7 FHIR R4: who people are, their records, and what they declare."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pybreaker

from core.clock import Clock, Deadline, now
from core.errors import Absent, Refused
from core.people.papers import Paper
from core.platform.auth import Credentials
from core.platform.fhir_areas import FhirAreas
from core.platform.fhir_citizen import CitizenReader
from core.platform.fhir_corrections import FhirCorrections
from core.platform.fhir_create import FhirCreate
from core.platform.fhir_editions import Editions, Shelf
from core.platform.fhir_events import ALSO, Also, Event, EventKind, FhirEvents
from core.platform.fhir_records import FhirRecords
from core.platform.fhir_response import DoesNotFit, condition_response, response
from core.platform.fhir_search import FhirSearch
from core.platform.fhir_systems import FhirSystems
from core.platform.fhir_values import translations
from core.platform.forms import Form
from core.platform.http import PlatformHttp
from core.platform.limits import Limits
from core.platform.ports import (
    Citizen,
    Condition,
    Declaration,
    Dose,
    Due,
    Isolation,
    Known,
    TestResult,
)
from core.platform.reading import Json, mapping, objects, text
from core.platform.watch import anomaly, noting

PLATFORM = "fhir"
MEDIA_TYPE = "application/fhir+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSettings:
    """Where the health platform is and how it names things; nothing of it is fixed in code."""

    url: str
    credentials: Credentials | None = None
    """None for a server that asks for no token."""
    limits: Limits = field(default_factory=Limits)
    systems: FhirSystems = field(default_factory=FhirSystems)
    form_url: str = "urn:motcua:form:general"
    page_size: int = 50
    page_cap: int = 20
    form_seconds: float = 5.0
    """For so long the form in force is not asked for again: a new one is asked almost at once."""
    areas_seconds: float = 3600.0
    """For so long the provinces and wards are not asked for again."""


class Fhir:
    """Implements Citizens, Vaccinations, TestResults and Declarations; safe between threads.

    `corrections` implements Corrections, `areas` implements RiskMap.
    """

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
        self._systems = systems = settings.systems
        self._clock = clock
        self._http = http or PlatformHttp(
            PLATFORM,
            settings.url,
            media_type=MEDIA_TYPE,
            credentials=settings.credentials,
            reason=outcome_text,
            breaker_storage=breaker_storage,
            limits=settings.limits,
            clock=clock,
            tick=tick,
        )
        self._search = search = FhirSearch(
            self._http, page_size=settings.page_size, page_cap=settings.page_cap
        )
        self._create = FhirCreate(self._http, search)
        self._editions = Editions(
            search,
            form_url=settings.form_url,
            form_seconds=settings.form_seconds,
            clock=clock,
            tick=tick,
            shelf=shelf,
        )
        self._records = FhirRecords(search, systems, clock)
        self._events = FhirEvents(search, self._create, clock, {**ALSO, **_passports_only(systems)})
        self.corrections = FhirCorrections(search, self._create, systems, clock)
        self.areas = FhirAreas(
            search, systems, seconds=settings.areas_seconds, clock=clock, tick=tick
        )

    def by_phone(self, phone: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Everybody with this E.164 number on file; empty when nobody."""
        found = self._citizens("citizens-by-phone", ("telecom", phone), deadline)
        return self._matching(found, "citizens-by-phone", lambda one: phone in one.phones)

    def by_paper(self, paper: Paper, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Whoever holds this paper; empty when nobody."""
        wanted = f"{self._systems.of_paper(paper.type)}|{paper.number}"
        found = self._citizens("citizens-by-paper", ("identifier", wanted), deadline)
        return self._matching(found, "citizens-by-paper", lambda one: paper in one.papers)

    def by_qid(self, qid: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Whoever has this QID; empty when nobody."""
        wanted = f"{self._systems.qid}|{qid}"
        found = self._citizens("citizens-by-qid", ("identifier", wanted), deadline)
        return self._matching(found, "citizens-by-qid", lambda one: one.qid == qid)

    def by_id(self, citizen_id: str, *, deadline: Deadline) -> Citizen:
        """The person behind a platform id; raises Absent."""
        operation = "citizen-by-id"
        patient = self._search.one(operation, "Patient", citizen_id, deadline=deadline)
        citizen = self._citizen_reader(operation).citizen(patient)
        if citizen is None:
            raise Absent(PLATFORM, "nothing usable about this person")
        return citizen

    def doses(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Dose, ...]]:
        """Completed doses, oldest first."""
        return self._records.doses(citizen_id, deadline=deadline)

    def next_dose(self, citizen_id: str, *, deadline: Deadline) -> Known[Due | None]:
        """The next dose that is due, if the platform recommends one."""
        return self._records.next_dose(citizen_id, deadline=deadline)

    def passport(self, citizen_id: str, *, deadline: Deadline) -> str | None:
        """The vaccine passport (`HC1:…`), if one was issued and is current."""
        return self._records.passport(citizen_id, deadline=deadline)

    def results(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[TestResult, ...]]:
        """Laboratory results, newest sample first; those entered in error are left out."""
        return self._records.results(citizen_id, deadline=deadline)

    def isolation(self, citizen_id: str, *, deadline: Deadline) -> Known[Isolation | None]:
        """Isolation or treatment under way."""
        return self._records.isolation(citizen_id, deadline=deadline)

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        """When the newest declaration about this person was made."""
        return self._records.last_declared(citizen_id, deadline=deadline)

    def form(self, *, deadline: Deadline) -> Form:
        """The declaration form now in force (newest active version); asked for once in a few seconds.

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
        operation, system = "declare", self._systems.idempotency
        edition = self._editions.named(declaration.form, deadline)
        try:
            body = response(declaration, edition, system=system, key=key)
        except DoesNotFit as error:
            anomaly(PLATFORM, operation, "answers that do not fit the form")
            raise Refused(PLATFORM, str(error)) from None
        unless = (("identifier", f"{system}|{key}"),)
        return self._create.once(operation, body, unless=unless, deadline=deadline).id or key

    def report(self, condition: Condition, *, key: str, deadline: Deadline) -> str:
        """Tells how somebody in isolation feels; the same key twice makes one record.

        Returns the platform's id, or the key where the platform tells none.
        """
        systems = self._systems
        body = condition_response(
            condition,
            form=systems.check_in_form,
            coding=systems.condition,
            system=systems.idempotency,
            key=key,
        )
        unless = (("identifier", f"{systems.idempotency}|{key}"),)
        return self._create.once("report", body, unless=unless, deadline=deadline).id or key

    def subscribe(
        self, criteria: str, endpoint: str, *, secret: str, key: str, deadline: Deadline
    ) -> str | None:
        """Asks to be told at `endpoint` what comes to match `criteria`; see `FhirEvents`."""
        return self._events.subscribe(criteria, endpoint, secret=secret, key=key, deadline=deadline)

    def changed(
        self, kind: EventKind, since: datetime, *, deadline: Deadline
    ) -> tuple[tuple[Event, ...], datetime]:
        """What has changed since, oldest first, and from where to go on; see `FhirEvents`."""
        return self._events.changed(kind, since, deadline=deadline)

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
        found = self._search.resources(operation, "Patient", (wanted,), deadline=deadline)
        return tuple(one for one in (reader.citizen(each) for each in found) if one)

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
        return CitizenReader(systems=self._systems, at=self._clock(), note=note)


def _passports_only(systems: FhirSystems) -> Also:
    return {"DocumentReference": (("type", systems.vaccine_passport),)}


def outcome_text(body: Json) -> tuple[str | None, Mapping[str, str]]:
    """What an OperationOutcome says to people, and in other languages: `details.text`.

    `diagnostics` are for programmers.
    """
    for issue in objects(mapping(body).get("issue")):
        details = mapping(issue.get("details"))
        said = text(details.get("text"), longest=300)
        if said and issue.get("severity") in ("fatal", "error"):
            return said, {
                lang: one[:300] for lang, one in translations(details.get("_text")).items()
            }
    return None, {}
