"""A FHIR R4 Patient read into a `Citizen`; what makes no sense is noted and left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from core.clock import VIETNAM
from core.people.papers import Paper
from core.people.phone import BadPhone, read_phone
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Citizen, Gender
from core.platform.reading import (
    Json,
    Object,
    code_of,
    day,
    first_day,
    identifier,
    mapping,
    objects,
    text,
)
from core.platform.watch import Note

GENDERS: dict[str, Gender] = {
    "male": "male",
    "female": "female",
    "other": "other",
    "unknown": "unknown",
}

NOT_CARERS = frozenset(
    {"BP", "C", "CP", "E", "ECON", "EP", "F", "FRND", "I", "NBOR", "PR", "ROOM", "S", "U"}
)
"""HL7 table 0131 and RoleCode: contacts for bills, emergencies and anything else, employer, agencies,
insurer, friend, neighbour, room-mate, unknown. Being rung in an emergency gives nobody the right to a
person's records; nor does being named without saying as what."""


class CitizenReader:
    """Reads Patients as of one moment, noting through `note` whatever makes no sense."""

    def __init__(self, *, systems: FhirSystems, at: datetime, note: Note) -> None:
        self._systems = systems
        self._today = at.astimezone(VIETNAM).date()
        self._note = note

    def citizen(self, patient: Object) -> Citizen | None:
        """A Patient; None when it is no longer in use, or has no id or no name."""
        if patient.get("active") is False:
            return None
        found, name = identifier(patient.get("id")), self._name(patient.get("name"))
        if found is None or name is None:
            self._note("Patient without id" if found is None else "Patient without name")
            return None
        return Citizen(
            id=found,
            name=name,
            birth_date=self._birth_date(patient.get("birthDate")),
            gender=self._gender(patient.get("gender")),
            papers=self._papers(patient),
            qid=self._qid(patient),
            phones=self._phones(patient.get("telecom")),
            carers=self._carers(patient.get("contact")),
            province=self._province(patient.get("address")),
            ward=self._ward(patient.get("address")),
        )

    def _name(self, names: Json) -> str | None:
        """The official name, else the usual one, else any; Vietnamese order: family name first."""
        order = {"official": 0, "usual": 1}
        current = [name for name in objects(names) if not self._over(name)]
        for name in sorted(current, key=lambda one: order.get(code_of(one.get("use")), 2)):
            given = name.get("given")
            parts = [name.get("family"), *(given if isinstance(given, list) else [])]
            read = text(name.get("text"), longest=120) or text(
                " ".join(part for part in parts if isinstance(part, str)), longest=120
            )
            if read:
                return read
        return None

    def _birth_date(self, value: Json) -> date | None:
        """Of people who know only the year or the month, its first day: as their papers say it."""
        born = first_day(value)
        if born is None or not self._today.year - 130 <= born.year or born > self._today:
            self._note("Patient without birth date")
            return None
        return born

    def _gender(self, value: Json) -> Gender:
        if value is not None and code_of(value) not in GENDERS:
            self._note("Patient of unknown gender code")
        return GENDERS.get(code_of(value), "unknown")

    def _papers(self, patient: Object) -> tuple[Paper, ...]:
        kinds = self._systems.papers
        found = [
            Paper(kinds[system], written)
            for system, written in self._numbers(patient)
            if system in kinds
        ]
        return tuple(dict.fromkeys(found))

    def _qid(self, patient: Object) -> str | None:
        """The one QID; of several none can be trusted."""
        found = {
            written for system, written in self._numbers(patient) if system == self._systems.qid
        }
        if len(found) > 1:
            self._note("Patient with several QIDs")
        return found.pop() if len(found) == 1 else None

    def _numbers(self, patient: Object) -> Iterator[tuple[str, str]]:
        for one in objects(patient.get("identifier")):
            system, written = code_of(one.get("system")), text(one.get("value"), longest=64)
            if system and written and not self._over(one):
                yield system, written

    def _phones(self, points: Json) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for point in objects(points):
            value = point.get("value")
            if code_of(point.get("system")) not in ("phone", "sms") or self._over(point):
                continue
            try:
                found[read_phone(value if isinstance(value, str) else "")] = None
            except BadPhone:
                self._note("telecom that is no phone number")
        return tuple(found)

    def _carers(self, contacts: Json) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for contact in objects(contacts):
            codes = {
                code_of(coding.get("code"))
                for relation in objects(contact.get("relationship"))
                for coding in objects(relation.get("coding"))
            }
            if not self._over(contact) and codes - NOT_CARERS - {""}:
                found.update(dict.fromkeys(self._phones(contact.get("telecom"))))
        return tuple(found)

    def _province(self, addresses: Json) -> str | None:
        current = [one for one in objects(addresses) if not self._over(one)]
        for address in sorted(current, key=lambda one: one.get("use") != "home"):
            if province := text(address.get("state"), longest=80):
                return province
        return next(filter(None, (text(one.get("city"), longest=80) for one in current)), None)

    def _ward(self, addresses: Json) -> str | None:
        """What stands below the province: since 2025 there is but one level."""
        current = [one for one in objects(addresses) if not self._over(one) and one.get("state")]
        for address in sorted(current, key=lambda one: one.get("use") != "home"):
            for element in ("city", "district"):
                if ward := text(address.get(element), longest=80):
                    return ward
        return None

    def _over(self, thing: Object) -> bool:
        """Whether a name, number, address or contact is no longer in use."""
        end = mapping(thing.get("period")).get("end")
        ended = day(end) or first_day(end)
        return thing.get("use") == "old" or (ended is not None and ended < self._today)
