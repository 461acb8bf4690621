"""Doses, tests and declarations as they are read, and what is left out of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from core.clock import VIETNAM
from core.platform.fhir_read import RecordReader
from core.platform.ports import Dose
from core.platform.ports import TestResult as Result
from tests.core.platform.conftest import AT
from tests.core.platform.mutation import spoilt
from tests.core.platform.resources import LOINC, SNOMED, declared, immunization, observation


def reader() -> tuple[RecordReader, list[str]]:
    noted: list[str] = []
    return RecordReader(at=AT, note=noted.append), noted


def dose(**changed: Any) -> Dose | None:
    return reader()[0].dose(immunization(**changed), "mother")


def result(**changed: Any) -> Result | None:
    return reader()[0].result(observation(**changed), "mother")


def coded(system: str, *codes: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def test_a_dose_is_read_on_its_day_in_viet_nam() -> None:
    read, noted = reader()
    assert read.dose(immunization(), "mother") == Dose(
        on=date(2026, 3, 15),
        vaccine="Comirnaty",
        number=2,
        lot="AB12",
        site="Trạm y tế phường 1",
    )
    assert noted == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"status": "entered-in-error"}, None),
        ({"status": "not-done"}, None),
        ({"status": ["completed"]}, None),
        ({"patient": {"reference": "Patient/father"}}, "Immunization of somebody else"),
        ({"patient": {"reference": "Group/mother"}}, "Immunization of somebody else"),
        ({"patient": "Patient/mother"}, "Immunization of somebody else"),
        ({"occurrenceDateTime": None}, "Immunization without its day"),
        ({"occurrenceDateTime": "2026"}, "Immunization without its day"),
        ({"occurrenceDateTime": "2026-02-30"}, "Immunization without its day"),
        ({"occurrenceDateTime": "2026-11-24"}, "Immunization to come"),
    ],
)
def test_a_dose_that_does_not_count(changed: dict[str, Any], kind: str | None) -> None:
    read, noted = reader()
    assert read.dose(immunization(**changed), "mother") is None
    assert noted == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("protocol", "number"),
    [
        ([{"doseNumberPositiveInt": 1}], 1), ([{"doseNumberString": "3"}], 3), (None, None),
        ([{"doseNumberPositiveInt": 0}], None), ([{"doseNumberPositiveInt": True}], None),
        ([{"doseNumberString": "booster"}], None), ([{}, {"doseNumberPositiveInt": 2}], 2),
    ],
)  # fmt: skip
def test_dose_numbers(protocol: Any, number: int | None) -> None:
    found = dose(protocolApplied=protocol)
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        ({"text": "Abdala", "coding": [{"display": "x"}]}, "Abdala"),
        ({"coding": [{"code": "1"}, {"display": "Abdala"}]}, "Abdala"),
        ({"coding": [{"code": "EU/1"}]}, "EU/1"),
        (None, "?"),
    ],
)
def test_a_dose_of_an_unnamed_vaccine_is_still_a_dose(concept: Any, said: str) -> None:
    found = dose(vaccineCode=concept)
    assert found is not None
    assert found.vaccine == said


def test_a_reference_may_be_a_whole_address() -> None:
    address = {"reference": "https://health.example/fhir/Patient/mother/_history/3"}
    assert dose(patient=address) is not None


def test_a_result_is_read() -> None:
    found = result()
    assert found == Result(
        id="t1",
        method="pcr",
        value="not-detected",
        status="final",
        sampled=datetime(2026, 11, 20, 8, 30, tzinfo=VIETNAM),
        issued=datetime(2026, 11, 20, 16, 0, tzinfo=VIETNAM),
    )


@pytest.mark.parametrize(
    ("loinc", "method"), [("94500-6", "pcr"), ("94558-4", "antigen"), ("2345-7", "other")]
)
def test_methods(loinc: str, method: str) -> None:
    found = result(code=coded(LOINC, loinc))
    assert found is not None
    assert found.method == method


@pytest.mark.parametrize(
    ("status", "concept", "seen"),
    [
        ("final", coded(SNOMED, "260373001"), ("final", "detected")),
        ("final", coded(SNOMED, "260415000"), ("final", "not-detected")),
        ("final", coded(SNOMED, "419984006"), ("final", "unclear")),
        ("final", coded(SNOMED, "260373001", "260415000"), ("final", "unclear")),
        ("final", coded("urn:else", "260373001"), ("final", "unclear")),
        ("final", None, ("final", "unclear")),
        ("corrected", coded(SNOMED, "260373001"), ("corrected", "detected")),
        ("amended", coded(SNOMED, "260373001"), ("corrected", "detected")),
        ("preliminary", None, ("preliminary", "pending")),
        ("preliminary", coded(SNOMED, "260373001"), ("preliminary", "detected")),
        ("registered", None, ("preliminary", "pending")),
        ("entered-in-error", coded(SNOMED, "260373001"), None),
        ("cancelled", None, None),
        (7, None, None),
        (None, None, None),
    ],
)
def test_status_and_value(status: Any, concept: Any, seen: tuple[str, str] | None) -> None:
    found = result(status=status, valueCodeableConcept=concept)
    assert (found and (found.status, found.value)) == seen


def test_a_blood_sugar_is_no_covid_test() -> None:
    sugar = {"code": coded(LOINC, "2345-7"), "valueCodeableConcept": None}
    assert result(**sugar, valueQuantity={"value": 5.5}) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": {"reference": "Patient/father"}}, {"subject": None}, {"id": None},
        {"effectiveDateTime": None}, {"effectiveDateTime": "hôm qua"},
        {"effectiveDateTime": (AT + timedelta(hours=1)).isoformat()},
    ],
)  # fmt: skip
def test_a_result_that_makes_no_sense_is_noted(changed: dict[str, Any]) -> None:
    read, noted = reader()
    assert read.result(observation(**changed), "mother") is None
    assert len(noted) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "in-progress"}, {"status": "entered-in-error"}, {"authored": None},
        {"authored": "2027-01-01T00:00:00Z"}, {"subject": {"reference": "Patient/father"}},
    ],
)  # fmt: skip
def test_a_declaration_that_does_not_count(changed: dict[str, Any]) -> None:
    assert reader()[0].declared(declared(**changed), "mother") is None
    assert reader()[0].declared(declared(), "mother") == datetime(2026, 11, 22, 8, tzinfo=VIETNAM)


@given(spoilt(immunization()), spoilt(observation()), spoilt(declared()))
def test_spoilt_records_never_raise(shot: Any, test: Any, response: Any) -> None:
    read, _ = reader()
    made = read.dose(shot, "mother")
    assert made is None or made.on <= AT.date()
    found = read.result(test, "mother")
    assert found is None or found.sampled.tzinfo is not None
    read.declared(response, "mother")
