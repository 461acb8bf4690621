"""FHIR resources about one invented family, as a platform that is well would send them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.clock import VIETNAM
from core.platform.ports import Declaration

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
PHONE = "+84912345678"


def patient(id: str = "mother", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id,
        "active": True,
        "identifier": [
            {"system": "urn:motcua:id:qid", "value": "162979388586171101"},
            {"system": "urn:motcua:id:cccd", "value": "079190012345"},
            {"system": "urn:motcua:id:bhyt", "value": "DN4797912345678"},
            {"system": "urn:else:where", "value": "7"},
            {"use": "old", "system": "urn:motcua:id:cmnd", "value": "024123456"},
        ],
        "name": [
            {"use": "nickname", "text": "Bé Na"},
            {"use": "official", "family": "Nguyễn", "given": ["Thị", "Hồng"]},
        ],
        "telecom": [
            {"system": "phone", "value": "0912 345 678"},
            {"system": "phone", "value": "+84912345678", "use": "mobile"},
            {"system": "phone", "value": "0987654321", "use": "old"},
            {"system": "email", "value": "a@b.example"},
        ],
        "gender": "female",
        "birthDate": "1990-02-28",
        "address": [
            {"use": "old", "state": "Tỉnh Hà Tây"},
            {"use": "home", "state": "Thành phố Hồ Chí Minh"},
        ],
        "contact": [
            {
                "relationship": [{"coding": [{"code": "DAUC"}]}],
                "telecom": [{"system": "phone", "value": "0398765432"}],
            },
            {
                "relationship": [{"coding": [{"code": "C"}]}],
                "telecom": [{"system": "phone", "value": "0387654321"}],
            },
            {
                "period": {"end": "2020-01-01"},
                "telecom": [{"system": "phone", "value": "0376543210"}],
            },
        ],
        **changed,
    }


def immunization(id: str = "d1", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Immunization",
        "id": id,
        "status": "completed",
        "vaccineCode": {"coding": [{"code": "EU/1/20/1528", "display": "Comirnaty"}]},
        "patient": {"reference": "Patient/mother"},
        "occurrenceDateTime": "2026-03-14T23:30:00Z",
        "lotNumber": "AB12",
        "location": {"display": "Trạm y tế phường 1"},
        "protocolApplied": [{"doseNumberPositiveInt": 2}],
        **changed,
    }


def observation(id: str = "t1", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": LOINC, "code": "94500-6"}]},
        "subject": {"reference": "Patient/mother"},
        "effectiveDateTime": "2026-11-20T08:30:00+07:00",
        "issued": "2026-11-20T16:00:00+07:00",
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "260415000"}]},
        **changed,
    }


def in_english(words: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": "en-GB"}, {"url": "content", "valueString": words}]
    return {"extension": [{"url": TRANSLATION, "extension": parts}]}


def questionnaire(version: str = "2.0", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "id": f"general-{version}",
        "language": "vi",
        "url": "urn:motcua:form:general",
        "version": version,
        "status": "active",
        "title": "Tờ khai y tế",
        "_title": in_english("Health declaration"),
        "contained": [
            {
                "resourceType": "ValueSet",
                "id": "vehicles",
                "compose": {
                    "include": [
                        {"system": "urn:v", "concept": [{"code": "air", "display": "Tàu bay"}]}
                    ]
                },
            }
        ],
        "item": [
            {"linkId": "warning", "type": "display", "text": "Khai sai là vi phạm pháp luật."},
            {
                "linkId": "travel",
                "type": "boolean",
                "text": "Có đi đâu không?",
                "_text": in_english("Any travel?"),
                "required": True,
                "item": [
                    {
                        "linkId": "where",
                        "type": "string",
                        "text": "Đi đâu?",
                        "maxLength": 200,
                        "enableWhen": [
                            {"question": "travel", "operator": "=", "answerBoolean": True}
                        ],
                    }
                ],
            },
            {
                "linkId": "more",
                "type": "group",
                "text": "Thêm",
                "item": [
                    {
                        "linkId": "signs",
                        "type": "choice",
                        "text": "Dấu hiệu?",
                        "repeats": True,
                        "answerOption": [
                            {
                                "valueCoding": {
                                    "system": SNOMED,
                                    "code": "386661006",
                                    "display": "Sốt",
                                    "_display": in_english("Fever"),
                                }
                            },
                            {"valueCoding": {"system": SNOMED, "code": "49727002"}},
                        ],
                    },
                    {
                        "linkId": "doses",
                        "type": "choice",
                        "text": "Mấy mũi?",
                        "answerOption": [{"valueInteger": 0}, {"valueInteger": 1}],
                    },
                    {
                        "linkId": "since",
                        "type": "choice",
                        "text": "Từ ngày?",
                        "answerOption": [{"valueDate": "2026-11-01"}, {"valueDate": "2026-11-02"}],
                    },
                    {
                        "linkId": "city",
                        "type": "open-choice",
                        "text": "Tỉnh?",
                        "answerOption": [
                            {"valueString": "Huế", "initialSelected": True},
                            {"valueString": "Hà Nội", "_valueString": in_english("Ha Noi")},
                        ],
                    },
                    {
                        "linkId": "vehicle",
                        "type": "choice",
                        "text": "Phương tiện?",
                        "answerValueSet": "#vehicles",
                        "enableBehavior": "any",
                        "enableWhen": [
                            {"question": "signs", "operator": "exists", "answerBoolean": True},
                            {"question": "doses", "operator": ">=", "answerInteger": 1},
                            {
                                "question": "signs",
                                "operator": "!=",
                                "answerCoding": {"system": SNOMED, "code": "386661006"},
                            },
                        ],
                    },
                    {"linkId": "day", "type": "date", "text": "Ngày?"},
                    {"linkId": "many", "type": "integer", "initial": [{"valueInteger": 1}]},
                    {"linkId": "hot", "type": "decimal", "text": "Nhiệt độ?"},
                    {"linkId": "free", "type": "text", "text": "Gì nữa?"},
                ],
            },
            {"linkId": "photo", "type": "attachment", "text": "Ảnh chụp?", "required": True},
        ],
        **changed,
    }


def declared(id: str = "q1", **changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": id,
        "status": "completed",
        "subject": {"reference": "Patient/mother"},
        "authored": "2026-11-22T08:00:00+07:00",
        **changed,
    }


def bundle(*resources: Any, next_page: str | None = None) -> dict[str, Any]:
    links = [{"relation": "self", "url": "x"}]
    if next_page is not None:
        links.append({"relation": "next", "url": next_page})
    entries = [{"resource": each, "search": {"mode": "match"}} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def declaration(version: str = "2.0") -> Declaration:
    """The mother declares for her child that there was no travel."""
    made = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)
    form = f"urn:motcua:form:general|{version}"
    return Declaration(form, "child", "mother", {"travel": (False,)}, made)
