"""FHIR resources about what is due, under way, wrong, and where; as a platform that is well sends them."""

from __future__ import annotations

import base64
from typing import Any

from tests.core.platform.resources import LOINC, SNOMED

PASSPORT = "HC1:6BFOXN%TSMAHN-H1QO5:RK+1DJ$:QH"


def concept(system: str, *codes: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def due(on: str = "2026-12-01", **changed: Any) -> dict[str, Any]:
    """One recommendation within an ImmunizationRecommendation."""
    return {
        "targetDisease": concept(SNOMED, "840539006"),
        "vaccineCode": [{"text": "Comirnaty"}],
        "forecastStatus": concept("urn:status", "due"),
        "dateCriterion": [{"code": concept(LOINC, "30980-7"), "value": on}],
        "doseNumberPositiveInt": 3,
        **changed,
    }


def recommendation(*within: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "ImmunizationRecommendation",
        "id": "next",
        "meta": {"versionId": "1", "lastUpdated": "2026-11-20T08:00:00+07:00"},
        "patient": {"reference": "Patient/mother"},
        "date": "2026-11-20T08:00:00+07:00",
        "recommendation": list(within or [due()]),
        **changed,
    }


def attachment(written: str | bytes) -> list[dict[str, Any]]:
    raw = written.encode() if isinstance(written, str) else written
    return [{"attachment": {"data": base64.b64encode(raw).decode()}}]


def document(id: str = "p1", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": id,
        "status": "current",
        "type": concept(LOINC, "82593-5"),
        "subject": {"reference": "Patient/mother"},
        "date": "2026-04-01T08:00:00+07:00",
        "content": attachment(PASSPORT),
        "context": {"period": {"start": "2026-04-01", "end": "2027-04-01"}},
        **changed,
    }


def flag(**changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Flag",
        "id": "f1",
        "status": "active",
        "code": concept("urn:motcua:flag", "isolation"),
        "subject": {"reference": "Patient/mother"},
        "period": {"start": "2026-11-20", "end": "2026-12-04"},
        **changed,
    }


def task(id: str = "t1", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "id": id,
        "meta": {"versionId": "2", "lastUpdated": "2026-11-22T08:00:00+07:00"},
        "identifier": [
            {"system": "urn:motcua:id:declaration", "value": "key-1"},
            {"system": "urn:motcua:id:ticket", "value": "PA-0017"},
        ],
        "status": "in-progress",
        "statusReason": {"text": "Đang đối chiếu với cơ sở tiêm."},
        "intent": "order",
        "code": concept("urn:motcua:correction", "dose-missing"),
        "for": {"reference": "Patient/mother"},
        "authoredOn": "2026-11-20T08:00:00+07:00",
        "lastModified": "2026-11-21T08:00:00+07:00",
        **changed,
    }


def location(id: str = "kh", name: str = "Khánh Hòa", **changed: Any) -> dict[str, Any]:
    return {"resourceType": "Location", "id": id, "status": "active", "name": name, **changed}


def ward(id: str = "nt", part_of: str = "kh", **changed: Any) -> dict[str, Any]:
    within = {"reference": f"Location/{part_of}"}
    return location(id, "Phường Nha Trang", partOf=within, **changed)


def risk(level: Any = 2, on: str = "2026-11-20", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"risk-{on}-{level}",
        "status": "final",
        "code": concept("urn:motcua:risk", "risk-level"),
        "subject": {"reference": "Location/nt"},
        "effectiveDateTime": on,
        "valueInteger": level,
        **changed,
    }
