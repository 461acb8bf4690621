"""One person's record as FHIR R4 resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sandbox.clock import stamp
from sandbox.fhir.codes import (
    FINDINGS,
    FLAG,
    HL7,
    IDENTIFIER,
    LOINC,
    METHODS,
    RELATIONS,
    SNOMED,
    TUBE,
    VACCINE,
    concept,
)
from sandbox.people.person import VACCINES, VIETNAM, LabTest, Person
from sandbox.people.provinces import PROVINCES
from sandbox.world import Resource, World

COVID = concept(SNOMED, "840539006", text="COVID-19")


def patient(world: World, person: Person) -> Resource:
    """The person themselves: name, papers, telephones, and who acts for them."""
    identifiers = [{"use": "official", "system": f"{IDENTIFIER}qid", "value": person.qid}]
    identifiers += [
        {"use": "official", "system": f"{IDENTIFIER}{paper.type}", "value": paper.number}
        for paper in person.papers
    ]
    resource: Resource = {
        "resourceType": "Patient",
        "id": person.id,
        "meta": _meta(person.version, person.updated),
        "active": True,
        "identifier": identifiers,
        "name": [_name(person)],
        "gender": person.gender,
        "birthDate": person.birth_date.isoformat(),
    }
    telecom = []
    if person.phone:
        telecom.append({"system": "phone", "value": person.phone, "use": "mobile", "rank": 1})
    if person.family_phone:
        telecom.append({"system": "phone", "value": person.family_phone, "use": "home", "rank": 2})
    if telecom:
        resource["telecom"] = telecom
    if person.province:
        resource["address"] = [{"state": PROVINCES[person.province].name, "country": "VN"}]
    if contact := _contact(world, person):
        resource["contact"] = [contact]
    return resource


def immunizations(person: Person) -> Iterator[Resource]:
    """Every dose on file, those entered in error included (their status says so)."""
    for position, dose in enumerate(person.doses, start=1):
        code, name, series = VACCINES[dose.vaccine]
        noon = datetime.combine(dose.given, time(9, 30), VIETNAM)
        yield {
            "resourceType": "Immunization",
            "id": f"{person.id}-d{position}",
            "meta": _meta(1, noon + timedelta(days=1)),
            "status": dose.status,
            "vaccineCode": concept(VACCINE, code, text=name),
            "patient": {"reference": f"Patient/{person.id}"},
            # Real records are of both kinds: some with the hour, some with the day alone.
            "occurrenceDateTime": noon.isoformat() if position % 2 else dose.given.isoformat(),
            "lotNumber": dose.lot,
            "location": {"display": dose.place},
            "protocolApplied": [
                {
                    "targetDisease": [COVID],
                    "doseNumberPositiveInt": dose.number,
                    "seriesDosesPositiveInt": series,
                }
            ],
        }


def recommendations(person: Person) -> Iterator[Resource]:
    """The next dose the person is called for, if there is one."""
    due = person.due
    if due is None:
        return
    day = datetime.combine(due.on, time(0), VIETNAM)
    yield {
        "resourceType": "ImmunizationRecommendation",
        "id": f"{person.id}-next",
        "meta": _meta(due.version, due.updated),
        "patient": {"reference": f"Patient/{person.id}"},
        "date": stamp(due.updated or day),
        "recommendation": [
            {
                "targetDisease": COVID,
                "forecastStatus": concept(
                    f"{HL7}immunization-recommendation-status", "due", text="Đến hạn tiêm"
                ),
                "dateCriterion": [
                    {
                        "code": concept(LOINC, "30980-7", text="Date vaccine due"),
                        "value": due.on.isoformat(),
                    }
                ],
                "doseNumberPositiveInt": due.number,
            }
        ],
    }


def observations(person: Person) -> Iterator[Resource]:
    """Every laboratory test, those entered in error included."""
    for position, test in enumerate(person.tests, start=1):
        yield observation(person, test, position)


def observation(person: Person, test: LabTest, position: int) -> Resource:
    """One laboratory test; `position` counts from 1 and never changes."""
    code, display = METHODS[test.method]
    resource: Resource = {
        "resourceType": "Observation",
        "id": f"{person.id}-t{position}",
        "meta": _meta(test.version, test.updated),
        "status": test.status,
        "category": [concept(f"{HL7}observation-category", "laboratory", text="Xét nghiệm")],
        "code": concept(LOINC, code, text=display),
        "subject": {"reference": f"Patient/{person.id}"},
        "effectiveDateTime": test.sampled.isoformat(),
    }
    if test.issued:
        resource["issued"] = stamp(test.issued)
    if test.value:
        value, english, vietnamese = FINDINGS[test.value]
        resource["valueCodeableConcept"] = concept(SNOMED, value, text=vietnamese, display=english)
    else:
        resource["dataAbsentReason"] = concept(
            f"{HL7}data-absent-reason", "temp-unknown", text="Chưa có kết quả"
        )
    if test.tube:
        resource["specimen"] = {
            "identifier": {"system": TUBE, "value": test.tube},
            "display": "Mẫu gộp",
        }
    return resource


def flags(person: Person) -> Iterator[Resource]:
    """Isolation under way or over."""
    isolation = person.isolation
    if isolation is None:
        return
    yield {
        "resourceType": "Flag",
        "id": f"{person.id}-isolation",
        "meta": _meta(isolation.version, isolation.updated),
        "status": "active" if isolation.active else "inactive",
        "category": [concept(f"{HL7}flag-category", "safety", text="An toàn")],
        "code": concept(FLAG, "isolation", text="Cách ly tại nhà"),
        "subject": {"reference": f"Patient/{person.id}"},
        "period": {"start": isolation.since.isoformat(), "end": isolation.until.isoformat()},
    }


def _name(person: Person) -> Resource:
    family, _, given = person.name.partition(" ")
    name: Resource = {"use": "official", "text": person.name, "family": family}
    if given:
        name["given"] = given.split()
    return name


def _contact(world: World, person: Person) -> Resource | None:
    carer = world.carer(person)
    if carer is None or person.carer is None:
        return None
    relation = person.carer.relation
    contact: Resource = {
        "relationship": [concept(f"{HL7}v3-RoleCode", RELATIONS[relation], text=relation)],
        "name": _name(carer),
        "gender": carer.gender,
    }
    if carer.reached_at:
        contact["telecom"] = [{"system": "phone", "value": carer.reached_at, "use": "mobile"}]
    return contact


def _meta(version: int, updated: datetime | None) -> Resource:
    meta: Resource = {"versionId": str(version)}
    if updated:
        meta["lastUpdated"] = stamp(updated)
    return meta
