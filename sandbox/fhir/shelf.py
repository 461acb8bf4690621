"""Where a FHIR request finds its resources: made from the people, or as others wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from sandbox.fhir.codes import IDENTIFIER
from sandbox.fhir.forms import forms, publish
from sandbox.fhir.passports import passport_document
from sandbox.fhir.places import locations, risk
from sandbox.fhir.resources import flags, immunizations, observations, patient, recommendations
from sandbox.fhir.search import Parameters, matching, moment
from sandbox.people.person import Paper, PaperType, Person
from sandbox.world import Resource, World

WRITTEN = ("QuestionnaireResponse", "Task", "Subscription")
"""What may be written here."""

OF_A_PERSON = (
    "Immunization", "ImmunizationRecommendation", "Flag", "Observation", "DocumentReference",
)  # fmt: skip
"""What is made from a person's record."""

HELD: tuple[Literal["qid"] | PaperType, ...] = ("qid", "cccd", "cmnd", "passport", "bhyt")
"""What a person can be found by."""


class Shelf:
    """Reads and searches every resource type."""

    def __init__(self, world: World, start: datetime) -> None:
        self.world = world
        self.questionnaires = forms(start)
        self.office = world.office
        self._start = start
        self._places = list(locations(start))

    def read(self, kind: str, id: str) -> Resource | None:
        """The resource by this id, or None."""
        if kind == "Patient":
            person = self.world.person(id)
            return None if person is None else patient(self.world, person)
        if kind == "Observation" and id.startswith("risk-"):
            candidates: Iterable[Resource] = self._risks()
        elif kind in OF_A_PERSON:
            person = self.world.person(id.rpartition("-")[0])
            candidates = self._of(kind, person) if person else ()
        else:
            candidates = self._all(kind, [])
        return next((each for each in candidates if each["id"] == id), None)

    def search(self, kind: str, parameters: Parameters) -> list[Resource]:
        """Everything of this type that matches all parameters. Raises Problem."""
        return matching(kind, parameters, self._all(kind, parameters))

    def forms_in_force(self) -> list[Resource]:
        """The newest edition of every form."""
        with self.world.lock:
            return [each for each in self.questionnaires.values() if each["status"] == "active"]

    def publish(self, edition: str) -> Resource:
        """Puts a prepared edition of the general form in force."""
        with self.world.lock:
            return publish(self.questionnaires, edition, self.world.clock())

    def _all(self, kind: str, parameters: Parameters) -> Iterator[Resource]:
        """All that may match; a known person, phone or paper narrows it down at once."""
        if kind == "Patient":
            yield from (patient(self.world, person) for person in self._people(kind, parameters))
        elif kind in OF_A_PERSON:
            for person in self._people(kind, parameters):
                yield from self._of(kind, person)
            if kind == "Observation":
                yield from self._risks()
        elif kind in WRITTEN:
            with self.world.lock:
                yield from list(self.world.written[kind].values())
        elif kind == "Questionnaire":
            with self.world.lock:
                yield from list(self.questionnaires.values())
        elif kind == "Location":
            yield from self._places

    def _of(self, kind: str, person: Person) -> Iterable[Resource]:
        match kind:
            case "Immunization":
                return immunizations(person)
            case "ImmunizationRecommendation":
                return recommendations(person)
            case "Flag":
                return flags(person)
            case "Observation":
                return observations(person)
            case _:
                document = passport_document(self.office, person)
                return [document] if document else []

    def _risks(self) -> list[Resource]:
        with self.world.lock:
            return [risk(each) for each in self.world.risks.everywhere()]

    def _people(self, kind: str, parameters: Parameters) -> list[Person]:
        asked = dict(parameters)
        about = ("_id",) if kind == "Patient" else ("patient", "subject")
        if ids := next((asked[name] for name in about if name in asked), None):
            known = [self.world.person(id.removeprefix("Patient/")) for id in ids.split(",")]
            found = [person for person in known if person]
        elif phones := asked.get("telecom") or asked.get("phone"):
            numbers = [each.rpartition("|")[2] for each in phones.split(",")]
            found = [person for number in numbers for person in self.world.by_phone(number)]
        elif identifiers := asked.get("identifier"):
            found = [person for each in identifiers.split(",") for person in self._holders(each)]
        elif self._since(parameters) > self._start:
            # What was there at the start cannot match: a poll must not cost a walk over everybody.
            return self.world.touched()
        else:
            return self.world.everybody()
        return list({person.id: person for person in found}.values())

    def _since(self, parameters: Parameters) -> datetime:
        """The latest moment that `_lastUpdated` asks results to be newer than."""
        after = [
            moment(wanted[2:])
            for name, wanted in parameters
            if name == "_lastUpdated" and wanted[:2] in ("gt", "ge") and "," not in wanted
        ]
        return max(after, default=self._start)

    def _holders(self, identifier: str) -> list[Person]:
        system, bar, number = identifier.rpartition("|")
        kinds = [kind for kind in HELD if not bar or system == f"{IDENTIFIER}{kind}"]
        found = []
        for kind in kinds:
            if kind == "qid":
                found.append(self.world.by_qid(number))
            else:
                found.append(self.world.by_paper(Paper(kind, number)))
        return [person for person in found if person]
