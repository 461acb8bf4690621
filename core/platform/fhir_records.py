"""One person's records over FHIR R4: doses, the next dose, the passport, tests, isolation."""

from __future__ import annotations

from datetime import datetime

from core.clock import Clock, Deadline
from core.platform.fhir_care import CareReader
from core.platform.fhir_read import RecordReader
from core.platform.fhir_search import FhirSearch
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Dose, Due, Isolation, Known, TestResult
from core.platform.watch import noting

PLATFORM = "fhir"


class FhirRecords:
    """Implements Vaccinations and TestResults; safe between threads."""

    def __init__(self, search: FhirSearch, systems: FhirSystems, clock: Clock) -> None:
        self._search = search
        self._systems = systems
        self._clock = clock

    def doses(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Dose, ...]]:
        """Completed doses, oldest first."""
        operation = "doses"
        query = (("patient", f"Patient/{citizen_id}"), ("status", "completed"))
        reader = self._record_reader(operation)
        found = self._search.resources(operation, "Immunization", query, deadline=deadline)
        doses = (reader.dose(each, citizen_id) for each in found)
        oldest_first = sorted(
            (dose for dose in doses if dose), key=lambda dose: (dose.on, dose.number or 0)
        )
        return Known(tuple(oldest_first), self._clock())

    def next_dose(self, citizen_id: str, *, deadline: Deadline) -> Known[Due | None]:
        """The next dose that is due, if the platform recommends one."""
        operation = "next-dose"
        query = (("patient", f"Patient/{citizen_id}"),)
        found = self._search.resources(
            operation, "ImmunizationRecommendation", query, deadline=deadline
        )
        return Known(self._care_reader(operation).due(found, citizen_id), self._clock())

    def passport(self, citizen_id: str, *, deadline: Deadline) -> str | None:
        """The vaccine passport (`HC1:…`), if one was issued and is current."""
        operation = "passport"
        query = (
            ("patient", f"Patient/{citizen_id}"),
            ("type", self._systems.vaccine_passport),
            ("status", "current"),
        )
        found = self._search.resources(operation, "DocumentReference", query, deadline=deadline)
        return self._care_reader(operation).passport(found, citizen_id)

    def results(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[TestResult, ...]]:
        """Laboratory results, newest sample first; those entered in error are left out."""
        operation = "results"
        query = (("patient", f"Patient/{citizen_id}"), ("category", "laboratory"))
        reader = self._record_reader(operation)
        found = self._search.resources(operation, "Observation", query, deadline=deadline)
        results = (reader.result(each, citizen_id) for each in found)
        newest_first = sorted(
            (one for one in results if one), key=lambda one: one.sampled, reverse=True
        )
        return Known(tuple(newest_first), self._clock())

    def isolation(self, citizen_id: str, *, deadline: Deadline) -> Known[Isolation | None]:
        """Isolation or treatment under way."""
        operation = "isolation"
        # R4 cannot search a Flag by its status, and a strict server refuses to: it is read instead.
        query = (("patient", f"Patient/{citizen_id}"),)
        found = self._search.resources(operation, "Flag", query, deadline=deadline)
        return Known(self._care_reader(operation).isolation(found, citizen_id), self._clock())

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        """When the newest declaration about this person was made."""
        operation = "last-declared"
        query = (("subject", f"Patient/{citizen_id}"), ("_sort", "-authored"))
        reader = self._record_reader(operation)
        found = self._search.resources(
            operation, "QuestionnaireResponse", query, deadline=deadline, pages=1
        )
        made = (reader.declared(each, citizen_id) for each in found)
        return max((one for one in made if one), default=None)

    def _record_reader(self, operation: str) -> RecordReader:
        form = self._systems.check_in_form
        return RecordReader(at=self._clock(), note=noting(PLATFORM, operation), check_in_form=form)

    def _care_reader(self, operation: str) -> CareReader:
        return CareReader(self._systems, at=self._clock(), note=noting(PLATFORM, operation))
