"""Where a FHIR request finds its resources: made from the people, or as others wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from sandbox.fhir.codes import IDENTIFIER
from sandbox.fhir.forms import forms
from sandbox.fhir.places import locations, risks
from sandbox.fhir.resources import flags, immunizations, observations, patient, recommendations
from sandbox.fhir.search import SEARCHES, Parameters, matching
from sandbox.people.person import Paper, PaperType, Person
from sandbox.world import Resource, World

WRITTEN = ("QuestionnaireResponse", "Task", "Subscription")
"""What may be written here."""

OF_A_PERSON = {
    "Immunization": immunizations,
    "ImmunizationRecommendation": recommendations,
    "Flag": flags,
    "Observation": observations,
}


HELD: tuple[Literal["qid"] | PaperType, ...] = ("qid", "cccd", "cmnd", "passport", "bhyt")
"""What a person can be found by."""


class Shelf:
    """Reads and searches every resource type."""

    def __init__(self, world: World, start: datetime) -> None:
        self.world = world
        self.questionnaires = forms()
        self._places = list(locations(start))
        self._risks = list(risks(start))

    def read(self, kind: str, id: str) -> Resource | None:
        """The resource by this id, or None."""
        if kind == "Patient":
            person = self.world.person(id)
            return None if person is None else patient(self.world, person)
        if kind in OF_A_PERSON and not id.startswith("risk-"):
            person = self.world.person(id.rpartition("-")[0])
            candidates: Iterable[Resource] = OF_A_PERSON[kind](person) if person else ()
        else:
            candidates = self._all(kind, [])
        return next((each for each in candidates if each["id"] == id), None)

    def search(self, kind: str, parameters: Parameters) -> list[Resource]:
        """Everything of this type that matches all parameters. Raises Problem."""
        return matching(kind, parameters, self._all(kind, parameters))

    def _all(self, kind: str, parameters: Parameters) -> Iterator[Resource]:
        """All that may match; a known person, phone or paper narrows it down at once."""
        if kind == "Patient":
            yield from (patient(self.world, person) for person in self._people(kind, parameters))
        elif kind in OF_A_PERSON:
            for person in self._people(kind, parameters):
                yield from OF_A_PERSON[kind](person)
            if kind == "Observation":
                yield from self._risks
        elif kind in WRITTEN:
            with self.world.lock:
                yield from list(self.world.written[kind].values())
        elif kind == "Questionnaire":
            with self.world.lock:
                yield from list(self.questionnaires.values())
        elif kind == "Location":
            yield from self._places
        else:
            # Vaccine passports: none are issued yet, and an unsigned one would be a lie.
            assert kind in SEARCHES

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
        else:
            return self.world.everybody()
        return list({person.id: person for person in found}.values())

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
