"""A Patient becomes a Citizen, or what of it makes sense."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from core.people.papers import Paper
from core.platform.fhir_citizen import CitizenReader
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Citizen
from tests.core.platform.conftest import AT
from tests.core.platform.mutation import any_json, spoilt
from tests.core.platform.resources import patient


def read(resource: Any) -> tuple[Citizen | None, list[str]]:
    noted: list[str] = []
    reader = CitizenReader(systems=FhirSystems(), at=AT, note=noted.append)
    return reader.citizen(resource), noted


def citizen(**changed: Any) -> Citizen:
    found, _ = read(patient(**changed))
    assert found is not None
    return found


def test_everything_about_a_person_is_read() -> None:
    found, noted = read(patient())
    assert found == Citizen(
        id="mother",
        name="Nguyễn Thị Hồng",
        birth_date=date(1990, 2, 28),
        gender="female",
        papers=(Paper("cccd", "079190012345"), Paper("bhyt", "DN4797912345678")),
        qid="162979388586171101",
        phones=("+84912345678",),
        carers=("+84398765432",),
        province="Thành phố Hồ Chí Minh",
    )
    assert noted == []


def test_little_is_enough() -> None:
    found, noted = read({"resourceType": "Patient", "id": "x", "name": [{"text": "Vũ Ý"}]})
    assert found is not None
    assert (found.birth_date, found.gender, found.qid, found.phones) == (None, "unknown", None, ())
    assert noted == ["Patient without birth date"]


@pytest.mark.parametrize(
    "changed",
    [{"id": None}, {"id": "../x"}, {"id": "x" * 65}, {"name": []}, {"name": "Ý"}, {"name": [{}]}],
)
def test_without_id_or_name_there_is_nobody(changed: dict[str, Any]) -> None:
    found, noted = read(patient() | changed)
    assert found is None
    assert len(noted) == 1


def test_a_record_out_of_use_is_nobody() -> None:
    assert read(patient(active=False)) == (None, [])


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("1938", date(1938, 1, 1)), ("1938-05", date(1938, 5, 1)), ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None), ("2026-11-24", None), ("1700-01-01", None), ("28/02/1990", None),
        (1990, None), (None, None),
    ],
)  # fmt: skip
def test_birth_dates(written: Any, born: date | None) -> None:
    assert citizen(birthDate=written).birth_date == born


def test_two_qids_are_none() -> None:
    system = "urn:motcua:id:qid"
    both = [{"system": system, "value": "1"}, {"system": system, "value": "2"}]
    found, noted = read(patient(identifier=both))
    assert found is not None
    assert found.qid is None
    assert noted == ["Patient with several QIDs"]


def test_a_name_is_cleaned_for_the_screen() -> None:
    name = [{"text": " Nguye\u0302\u0303n\n\tVăn\u202e A\x00 "}]
    assert citizen(name=name).name == "Nguyễn Văn A"


@pytest.mark.parametrize("value", ["chín một", "", None, 912345678, "12", "x" * 5000])
def test_a_number_that_is_none_is_noted(value: Any) -> None:
    found, noted = read(patient(telecom=[{"system": "phone", "value": value}]))
    assert found is not None
    assert found.phones == ()
    assert noted == ["telecom that is no phone number"]


def test_systems_are_settings() -> None:
    systems = FhirSystems(cccd="https://gov.example/cccd")
    assert systems.of_paper("cccd") == "https://gov.example/cccd"
    assert systems.papers["urn:motcua:id:bhyt"] == "bhyt"


def test_the_city_stands_for_a_province_that_is_not_named() -> None:
    assert citizen(address=[{"city": "Hà Nội"}]).province == "Hà Nội"


@given(spoilt(patient()))
def test_a_spoilt_patient_never_raises(resource: Any) -> None:
    found, _ = read(resource)
    if found is not None:
        assert found.name
        assert all(phone.startswith("+") for phone in (*found.phones, *found.carers))


@given(any_json)
def test_anything_at_all_never_raises(value: Any) -> None:
    read({"resourceType": "Patient", "id": "x", "name": value, "telecom": value, "contact": value})


@pytest.mark.parametrize(
    ("relationship", "cares"),
    [
        (["N"], True), (["MTH"], True), (["C", "MTH"], True), (["GUARD"], True),
        (["C"], False), (["EP"], False), (["U"], False), (["FRND", "NBOR"], False),
        ([""], False), ([], False), (None, False),
    ],
)  # fmt: skip
def test_who_is_named_as_nothing_or_to_be_rung_is_no_carer(
    relationship: list[str] | None, cares: bool
) -> None:
    phone = [{"system": "phone", "value": "+84398765432"}]
    said = [{"coding": [{"code": one}]} for one in relationship or []]
    contact: dict[str, Any] = {"telecom": phone, "relationship": said}
    if relationship is None:
        del contact["relationship"]
    assert citizen(contact=[contact]).carers == (("+84398765432",) if cares else ())
