"""The FHIR client over the wire: pages, strangers, records, and any nonsense at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import VIETNAM
from core.errors import Absent, Down, PlatformError
from core.people.papers import Paper
from core.platform.fhir import Fhir, FhirSettings, outcome_text
from core.platform.ports import Correction
from tests.core.platform.care_resources import (
    document,
    flag,
    location,
    recommendation,
    risk,
    task,
    ward,
)
from tests.core.platform.conftest import (
    AT,
    MakesHttp,
    anomalies,
    counted,
    queries,
    serve,
    soon,
)
from tests.core.platform.mutation import any_json, spoilt
from tests.core.platform.resources import (
    PHONE,
    bundle,
    declaration,
    declared,
    immunization,
    observation,
    patient,
    questionnaire,
)

CHILD = patient("child", telecom=[{"system": "phone", "value": PHONE}])
STRANGER = patient("stranger", telecom=[], identifier=[], contact=[])


def test_everybody_on_one_phone_page_after_page(httpserver: HTTPServer, stand_in: Fhir) -> None:
    second = httpserver.url_for("/fhir") + "?page=2"
    serve(httpserver, "Patient", bundle(patient(), next_page=second))
    httpserver.expect_request("/fhir", query_string="page=2").respond_with_json(
        bundle(CHILD, patient())
    )
    found = stand_in.by_phone(PHONE, deadline=soon())
    assert [one.id for one in found] == ["mother", "child"]
    assert queries(httpserver) == [{"telecom": PHONE, "_count": "50"}, {"page": "2"}]


def test_a_stranger_is_not_shown(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Patient", bundle(STRANGER, patient()))
    before = anomalies()
    assert [one.id for one in stand_in.by_phone(PHONE, deadline=soon())] == ["mother"]
    paper = Paper("cccd", "079190012345")
    assert [one.id for one in stand_in.by_paper(paper, deadline=soon())] == ["mother"]
    assert stand_in.by_paper(Paper("cccd", "000000000000"), deadline=soon()) == ()
    assert anomalies() == before + 3
    assert queries(httpserver)[1]["identifier"] == "urn:motcua:id:cccd|079190012345"


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.1:1/fhir?page=2", "//evil.example/fhir", "http://["]
)
def test_a_page_elsewhere_is_not_followed(
    httpserver: HTTPServer, stand_in: Fhir, elsewhere: str
) -> None:
    serve(httpserver, "Patient", bundle(patient(), next_page=elsewhere))
    before = counted(
        "anomalies", platform="fhir", operation="citizens-by-phone", kind="next page elsewhere"
    )
    with pytest.raises(Down):  # half a family must not pass for all of it
        stand_in.by_phone(PHONE, deadline=soon())
    after = counted(
        "anomalies", platform="fhir", operation="citizens-by-phone", kind="next page elsewhere"
    )
    assert after == before + 1
    assert len(httpserver.log) == 1


def test_pages_in_a_circle_and_pages_without_end(httpserver: HTTPServer, stand_in: Fhir) -> None:
    pages = iter(range(1000))

    def endless(request: Request) -> Response:
        page = bundle(immunization(f"d{next(pages)}"), next_page=f"Immunization?page={next(pages)}")
        return Response(json.dumps(page), content_type="application/fhir+json")

    httpserver.expect_request("/fhir/Immunization").respond_with_handler(endless)
    serve(httpserver, "Observation", bundle(observation(), next_page="Observation?page=2"))
    assert len(stand_in.doses("mother", deadline=soon()).value) == 3
    assert len(stand_in.results("mother", deadline=soon()).value) == 1
    assert len(httpserver.log) == 5


def test_one_person(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Patient/mother", patient())
    serve(httpserver, "Patient/other", patient())
    serve(httpserver, "Patient/gone", {}, status=410)
    serve(httpserver, "Patient/odd", observation("odd"))
    serve(httpserver, "Patient/merged", patient("merged", active=False))
    assert stand_in.by_id("mother", deadline=soon()).id == "mother"
    for name, error in (
        ("other", Down), ("gone", Absent), ("odd", Down), ("merged", Absent), ("../x", Absent),
    ):  # fmt: skip
        with pytest.raises(error):
            stand_in.by_id(name, deadline=soon())


def test_records_in_their_order(httpserver: HTTPServer, stand_in: Fhir) -> None:
    shots = [
        immunization("d2", occurrenceDateTime="2026-02-01"),
        immunization("d1", occurrenceDateTime="2026-01-01"),
        {"resourceType": "OperationOutcome"},
    ]
    tests = [
        observation("t1", effectiveDateTime="2026-11-01T08:00:00+07:00"),
        observation("t2", effectiveDateTime="2026-11-02T00:00:00Z"),
    ]
    serve(httpserver, "Immunization", bundle(*shots))
    serve(httpserver, "Observation", bundle(*tests))
    before = anomalies()
    assert [one.on.month for one in stand_in.doses("mother", deadline=soon()).value] == [1, 2]
    assert [one.id for one in stand_in.results("mother", deadline=soon()).value] == ["t2", "t1"]
    assert anomalies() == before
    asked = queries(httpserver)
    assert asked[0] == {"patient": "Patient/mother", "status": "completed", "_count": "50"}
    assert asked[1] == {"patient": "Patient/mother", "category": "laboratory", "_count": "50"}


def test_the_newest_declaration(httpserver: HTTPServer, stand_in: Fhir) -> None:
    older = declared("q2", authored="2026-11-01T00:00:00Z")
    serve(httpserver, "QuestionnaireResponse", bundle(older, declared(), next_page="never-fetched"))
    found = stand_in.last_declared("mother", deadline=soon())
    assert found == datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
    assert queries(httpserver) == [
        {"subject": "Patient/mother", "_sort": "-authored", "_count": "50"}
    ]
    assert stand_in.last_declared("father", deadline=soon()) is None


@pytest.mark.parametrize("body", [[], {}, 7, None, patient(), {"resourceType": "OperationOutcome"}])
def test_a_search_answered_with_something_else_is_down(
    httpserver: HTTPServer, stand_in: Fhir, body: Any
) -> None:
    serve(httpserver, "Patient", body)
    before = anomalies()
    with pytest.raises(Down):
        stand_in.by_phone(PHONE, deadline=soon())
    assert anomalies() == before + 1


def test_a_search_that_is_not_there_is_down_not_nobody(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    serve(httpserver, "Patient", {}, status=404)
    with pytest.raises(Down):
        stand_in.by_phone(PHONE, deadline=soon())


@pytest.mark.parametrize(
    "body",
    [
        None, {}, {"issue": "x"}, {"issue": [{"severity": "error", "diagnostics": "NullPointer"}]},
        {"issue": [{"severity": "information", "details": {"text": "All good"}}]},
    ],
)  # fmt: skip
def test_words_for_programmers_are_not_for_people(body: Any) -> None:
    assert outcome_text(body) == (None, {})


WRONG = Correction("dose-missing", "mother", "mother", "Thiếu mũi 2", AT)

ASKED: tuple[Callable[[Fhir], object], ...] = (
    lambda fhir: fhir.by_phone(PHONE, deadline=soon()),
    lambda fhir: fhir.by_id("mother", deadline=soon()),
    lambda fhir: fhir.doses("mother", deadline=soon()),
    lambda fhir: fhir.results("mother", deadline=soon()),
    lambda fhir: fhir.last_declared("mother", deadline=soon()),
    lambda fhir: fhir.form(deadline=soon()),
    lambda fhir: fhir.declare(declaration(), key="k", deadline=soon()),
    lambda fhir: fhir.next_dose("mother", deadline=soon()),
    lambda fhir: fhir.passport("mother", deadline=soon()),
    lambda fhir: fhir.isolation("mother", deadline=soon()),
    lambda fhir: fhir.corrections.ask(WRONG, key="k", deadline=soon()),
    lambda fhir: fhir.corrections.tickets("mother", deadline=soon()),
    lambda fhir: fhir.corrections.ticket("t1", deadline=soon()),
    lambda fhir: fhir.areas.areas(deadline=soon()),
    lambda fhir: fhir.areas.risk("nt", deadline=soon()),
    lambda fhir: fhir.subscribe("Task", "http://x/", secret="s", key="k", deadline=soon()),
    lambda fhir: fhir.changed("Task", AT, deadline=soon()),
)

WELL = bundle(
    patient(), immunization(), observation(), declared(), questionnaire(), recommendation(),
    document(), flag(), task(), location(), ward(), risk(), next_page="x",
)  # fmt: skip


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.one_of(any_json, spoilt(WELL, 8), spoilt(patient()), spoilt(task())))
def test_any_json_at_all_stays_within_the_errors_of_the_core(
    httpserver: HTTPServer, client_of: MakesHttp, body: Any
) -> None:
    written = json.dumps(body)

    def answer(request: Request) -> Response:
        return Response(written, content_type="application/fhir+json")

    httpserver.clear()
    httpserver.expect_request(re.compile("/fhir/.*")).respond_with_handler(answer)
    where = FhirSettings(url=httpserver.url_for("/fhir"), page_cap=2)
    client = Fhir(where, http=client_of(), clock=lambda: AT)
    for ask in ASKED:
        try:
            ask(client)
        except PlatformError:
            continue
