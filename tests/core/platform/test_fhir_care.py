"""The next dose, the passport and isolation as they are read, and what is left out of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.platform.fhir_care import CareReader
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Due, Isolation
from tests.core.platform.care_resources import (
    PASSPORT,
    attachment,
    concept,
    document,
    due,
    flag,
    recommendation,
)
from tests.core.platform.conftest import AT
from tests.core.platform.mutation import spoilt
from tests.core.platform.resources import LOINC, SNOMED


def reader() -> tuple[CareReader, list[str]]:
    noted: list[str] = []
    return CareReader(FhirSystems(), at=AT, note=noted.append), noted


def test_the_next_dose_is_read() -> None:
    read, noted = reader()
    assert read.due([recommendation()], "mother") == Due(date(2026, 12, 1), "Comirnaty", 3)
    assert noted == []


@pytest.mark.parametrize(
    ("resource", "kinds"),
    [
        (recommendation(patient={"reference": "Patient/x"}), 1),
        (recommendation(due(dateCriterion=[])), 1),
        (recommendation(due("2026-13-01")), 1),
        (recommendation(due(forecastStatus=concept("urn:status", "complete"))), 0),
        (recommendation(due(targetDisease=concept(SNOMED, "14189004"))), 0),
        (recommendation(recommendation=None), 0),
    ],
)
def test_nothing_that_is_due(resource: dict[str, Any], kinds: int) -> None:
    read, noted = reader()
    assert read.due([resource], "mother") is None
    assert len(noted) == kinds


def test_the_newest_word_counts_and_the_earliest_day() -> None:
    old = recommendation(due("2026-10-01"), date="2026-01-01", id="old")
    several = recommendation(due("2027-02-01"), due("2027-01-01", doseNumberPositiveInt=4))
    for order in ([old, several], [several, old]):
        assert reader()[0].due(order, "mother") == Due(date(2027, 1, 1), "Comirnaty", 4)
    done = recommendation(due(forecastStatus=concept("urn:status", "complete")))
    assert reader()[0].due([old, done], "mother") is None


def test_the_due_date_before_the_earliest_date() -> None:
    early = {"code": concept(LOINC, "30981-5"), "value": "2026-11-25"}
    said = [early, {"code": concept(LOINC, "30980-7"), "value": "2026-12-25"}]
    (both, only) = (
        reader()[0].due([recommendation(due(dateCriterion=one))], "mother")
        for one in (said, [early])
    )
    assert both is not None
    assert only is not None
    assert (both.on, only.on) == (date(2026, 12, 25), date(2026, 11, 25))


def test_a_passport_is_read() -> None:
    read, noted = reader()
    older = document("p0", date="2025-01-01", content=attachment("HC1:" + "A" * 20))
    assert read.passport([older, document()], "mother") == PASSPORT
    assert noted == []


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({"status": "superseded"}, 0),
        ({"docStatus": "entered-in-error"}, 0),
        ({"type": concept(LOINC, "11506-3")}, 0),
        ({"context": {"period": {"end": "2026-11-22"}}}, 0),
        ({"subject": {"reference": "Patient/father"}}, 1),
        ({"content": attachment("HC1:<script>")}, 1),
        ({"content": attachment("https://evil.example/?HC1:AAAAAAAAAAAAA")}, 1),
        ({"content": attachment(b"\xff\xfe")}, 1),
        ({"content": attachment("HC1:" + "A" * 5000)}, 1),
        ({"content": [{"attachment": {"data": "=not base64="}}]}, 1),
        ({"content": [{"attachment": {"url": "https://elsewhere.example/"}}]}, 1),
        ({"content": None}, 1),
    ],
)
def test_what_is_no_passport(changed: dict[str, Any], kinds: int) -> None:
    read, noted = reader()
    assert read.passport([document(**changed)], "mother") is None
    assert len(noted) == kinds


def test_isolation_is_read() -> None:
    read, noted = reader()
    expected = Isolation("isolation", date(2026, 11, 20), date(2026, 12, 4))
    assert read.isolation([flag()], "mother") == expected
    treated = flag(code=concept("urn:motcua:flag", "treatment"))
    found = read.isolation([treated, flag()], "mother")
    assert found is not None
    assert found.kind == "treatment"
    endless = read.isolation([flag(period={"start": "2026-11-23"})], "mother")
    assert endless == Isolation("isolation", date(2026, 11, 23), None)
    assert noted == []


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({"status": "inactive"}, 0),
        ({"code": concept("urn:motcua:flag", "allergy")}, 0),
        ({"code": concept("urn:else:where", "isolation")}, 0),
        ({"period": {"start": "2026-11-01", "end": "2026-11-22"}}, 0),
        ({"period": {"start": "2026-11-24"}}, 0),
        ({"subject": {"reference": "Patient/father"}}, 1),
        ({"period": None}, 1),
        ({"period": {"start": "2026-11-20", "end": "2026-11-01"}}, 1),
    ],
)
def test_nobody_is_isolated(changed: dict[str, Any], kinds: int) -> None:
    read, noted = reader()
    assert read.isolation([flag(**changed)], "mother") is None
    assert len(noted) == kinds


def test_the_last_day_of_isolation_counts() -> None:
    today = flag(period={"start": "2026-11-10", "end": "2026-11-23"})
    assert reader()[0].isolation([today], "mother") is not None


@given(
    st.lists(spoilt(recommendation(due(), due("2027-01-01")), 6), max_size=3),
    st.lists(spoilt(document(), 6), max_size=3),
    st.lists(spoilt(flag(), 6), max_size=3),
)
def test_spoilt_records_never_raise_nor_cross_over(called: Any, papers: Any, held: Any) -> None:
    read, _ = reader()
    read.due(called, "mother")
    passport = read.passport(papers, "mother")
    assert passport is None or passport.startswith("HC1:")
    read.isolation(held, "mother")
    whoever = [one for one in (*called, *papers, *held) if "mother" not in str(one)]
    assert read.due(whoever, "mother") is None
    assert read.passport(whoever, "mother") is None
    assert read.isolation(whoever, "mother") is None
