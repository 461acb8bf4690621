"""Areas and their risk as they are read, kept for an hour, and what is left out of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from core.errors import Down, Late
from core.platform.fhir import Fhir, FhirSettings
from core.platform.fhir_areas import PAGE_SIZE, read_areas, read_risk
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Area, Risk
from tests.core.platform.care_resources import concept, location, risk, ward
from tests.core.platform.conftest import AT, MakesHttp, Time, queries, serve, soon
from tests.core.platform.mutation import spoilt
from tests.core.platform.resources import bundle


def areas(*locations: Any) -> tuple[tuple[Area, ...], list[str]]:
    noted: list[str] = []
    return read_areas(locations, note=noted.append), noted


def risk_of(*found: Any) -> tuple[Risk | None, list[str]]:
    noted: list[str] = []
    return read_risk(found, "nt", FhirSystems(), at=AT, note=noted.append), noted


def test_provinces_and_wards_with_their_former_names() -> None:
    names = ["Ninh Thuận", "Ninh Thuận", 7, "", "Khánh Hòa"]
    assert areas(ward(), location(alias=names)) == (
        (
            Area("nt", "Phường Nha Trang", "ward", "kh"),
            Area("kh", "Khánh Hòa", "province", None, ("Ninh Thuận",)),
        ),
        [],
    )


@pytest.mark.parametrize(
    ("position", "read"),
    [
        ({"latitude": 12.24, "longitude": 109.19, "altitude": 4}, (12.24, 109.19)),
        ({"latitude": -90, "longitude": 180}, (-90.0, 180.0)),
        ({"latitude": "12", "longitude": 109.19}, None),
        ({"latitude": True, "longitude": 109.19}, None),
        ({"latitude": 91, "longitude": 109.19}, None),
        ({"latitude": 12.24}, None),
        ({"longitude": -181}, None),
        ([], None),
        ("12.24", None),
    ],
)
def test_where_an_area_lies(position: Any, read: tuple[float, float] | None) -> None:
    ((area, _province), noted) = areas(ward(position=position), location())
    assert (area.position, noted) == (read, [])


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        (ward("w2", part_of="nowhere"), 1),
        (ward("w2", part_of="nt"), 1),
        (ward("w2", part_of="w2"), 1),
        (location("l2", name=""), 1),
        (location("../x"), 1),
        (location("l2", status="inactive"), 0),
        (location("l2", physicalType=concept("urn:type", "bu")), 0),
    ],
)
def test_what_is_no_area(other: dict[str, Any], kinds: int) -> None:
    found, noted = areas(location(), ward(), other)
    assert [area.id for area in found] == ["kh", "nt"]
    assert len(noted) == kinds


def test_areas_are_asked_for_once_an_hour_and_outlive_an_outage(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    where = FhirSettings(url=httpserver.url_for("/fhir"))
    fhir = Fhir(where, http=client_of(), clock=lambda: AT, tick=time_stands.tick)
    second = bundle(ward())
    httpserver.expect_request("/fhir/Location", query_string="page=2").respond_with_json(second)
    serve(httpserver, "Location", bundle(location(), next_page="Location?page=2"))
    assert [area.id for area in fhir.areas.areas(deadline=soon())] == ["kh", "nt"]
    time_stands.seconds += 3599
    fhir.areas.areas(deadline=soon())
    assert queries(httpserver)[0] == {"status": "active", "_count": str(PAGE_SIZE)}
    assert len(httpserver.log) == 2
    httpserver.clear()
    serve(httpserver, "Location", {}, status=500)
    time_stands.seconds += 2
    assert len(fhir.areas.areas(deadline=soon())) == 2
    asked = len(httpserver.log)
    assert asked
    assert len(fhir.areas.areas(deadline=soon())) == 2
    assert len(httpserver.log) == asked
    httpserver.clear()
    serve(httpserver, "Location", bundle(location()))
    time_stands.seconds += 100
    assert len(fhir.areas.areas(deadline=soon())) == 1


def test_without_areas_of_before_an_outage_is_told(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Location", {}, status=404)
    with pytest.raises(Down):
        stand_in.areas.areas(deadline=soon())


def test_nobody_waits_for_areas_longer_than_the_deadline(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    with pytest.raises(Late):
        stand_in.areas.areas(deadline=soon(0))


def test_the_risk_is_asked_for_and_told_with_its_age(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    serve(httpserver, "Observation", bundle(risk()))
    known = stand_in.areas.risk("nt", deadline=soon())
    assert (known.value, known.as_of) == (Risk(2, date(2026, 11, 20)), AT)
    assert queries(httpserver)[0] == {
        "subject": "Location/nt",
        "code": "urn:motcua:risk|risk-level",
        "_sort": "-date",
        "_count": "50",
    }


def test_the_newest_final_level_in_force_counts() -> None:
    other_days = [risk(1, "2026-11-01"), risk(4, "2026-12-01"), risk(3, "2026-11-21")]
    mistaken = risk(4, "2026-11-22", status="entered-in-error")
    early = risk(4, "2026-11-22", status="preliminary")
    assert risk_of(*other_days, mistaken, early) == (Risk(3, date(2026, 11, 21)), [])


def test_a_level_of_the_same_day_that_was_said_later_counts() -> None:
    first = risk(1, issued="2026-11-20T08:00:00+07:00")
    later = risk(4, status="corrected", issued="2026-11-20T09:00:00+07:00")
    for order in ((first, later), (later, first)):
        assert risk_of(*order) == (Risk(4, date(2026, 11, 20)), [])
    assert risk_of(risk(1), risk(4)) == (None, ["contradictory risks"])


def test_a_level_may_be_a_code() -> None:
    coded = risk(None, valueCodeableConcept=concept("urn:motcua:risk", "4"))
    assert risk_of(coded)[0] == Risk(4, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (risk(0), 1), (risk(5), 1), (risk(True), 1), (risk("2"), 1), (risk(2.0), 1),
        (risk(on="2026-11"), 1), (risk(subject={"reference": "Location/kh"}), 1),
        (risk(None, valueCodeableConcept=concept("urn:motcua:risk", "red")), 1),
        (risk(code=concept("urn:else", "risk-level")), 0), (risk(status=None), 0),
    ],
)  # fmt: skip
def test_what_is_no_risk(resource: dict[str, Any], kinds: int) -> None:
    found, noted = risk_of(resource)
    assert found is None
    assert len(noted) == kinds


@given(
    st.tuples(spoilt(location(alias=["Ninh Thuận"]), 3), spoilt(ward(), 3)),
    st.lists(spoilt(risk(), 3), max_size=3),
)
def test_spoilt_places_never_raise(places: Any, risks: Any) -> None:
    found, _ = areas(*places)
    provinces = {area.id for area in found if area.kind == "province"}
    assert all(area.name for area in found)
    assert all(area.part_of in provinces for area in found if area.kind == "ward")
    level, _ = risk_of(*risks)
    assert level is None or level.level in (1, 2, 3, 4)
