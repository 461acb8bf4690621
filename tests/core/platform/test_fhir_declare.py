"""The declaration form and what is sent in answer: editions, conditional creates, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from core.errors import Absent, Down, Refused
from core.platform.fhir import Fhir, FhirSettings
from core.platform.fhir_editions import version_order
from core.platform.ports import Declaration
from tests.core.platform.conftest import AT, MakesHttp, Time, queries, serve, soon
from tests.core.platform.resources import bundle, declaration, declared, questionnaire


def test_the_newest_form_in_force(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(
        httpserver,
        "Questionnaire",
        bundle(
            questionnaire("2.9", id="a"),
            questionnaire("2.10", id="b"),
            questionnaire("3.0", id="c", status="draft"),
            questionnaire("4.0", id="d", effectivePeriod={"start": "2027-01-01"}),
        ),
    )
    assert stand_in.form(deadline=soon()).version == "2.10"
    assert queries(httpserver)[0]["url"] == "urn:motcua:form:general"
    assert queries(httpserver)[0]["status"] == "active"


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1", "2"),
        ("1.9", "1.10"),
        ("2026-01", "2026-11"),
        ("2.0-rc", "2.0.1"),
        ("v1", "v2"),
        ("", "1"),
    ],
)
def test_versions_are_ordered_as_people_count(older: str, newer: str) -> None:
    assert version_order(older) < version_order(newer)


def test_no_form_in_force(httpserver: HTTPServer, stand_in: Fhir) -> None:
    httpserver.expect_oneshot_request("/fhir/Questionnaire").respond_with_json(bundle())
    with pytest.raises(Absent):
        stand_in.form(deadline=soon())
    serve(httpserver, "Questionnaire", bundle(questionnaire(item="?")))
    with pytest.raises(Down):
        stand_in.form(deadline=soon())


@pytest.fixture
def timed(httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time) -> Fhir:
    """A client whose minute passes when the test says so."""
    where = FhirSettings(url=httpserver.url_for("/fhir"))
    return Fhir(where, http=client_of(), clock=lambda: AT, tick=time_stands.tick)


def test_the_form_is_asked_for_once_in_five_seconds(
    httpserver: HTTPServer, timed: Fhir, time_stands: Time
) -> None:
    httpserver.expect_oneshot_request("/fhir/Questionnaire").respond_with_json(
        bundle(questionnaire("1.0"))
    )
    serve(httpserver, "Questionnaire", bundle(questionnaire("2.0")))
    assert timed.form(deadline=soon()).version == "1.0"
    time_stands.seconds += 4.5
    assert timed.form(deadline=soon()).version == "1.0"
    time_stands.seconds += 1
    assert timed.form(deadline=soon()).version == "2.0"
    assert len(httpserver.log) == 2


def expect_create(httpserver: HTTPServer, body: Any, **more: Any) -> None:
    httpserver.expect_request("/fhir/QuestionnaireResponse", method="POST").respond_with_json(
        body, **more
    )


def test_a_declaration_is_created_once(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    expect_create(httpserver, declared("q7"), status=201)
    stand_in.form(deadline=soon())
    assert stand_in.declare(declaration(), key="key 1", deadline=soon()) == "q7"
    request = httpserver.log[-1][0]
    assert request.headers["If-None-Exist"] == "identifier=urn:motcua:id:declaration|key%201"
    sent = json.loads(request.data)
    assert sent["identifier"] == {"system": "urn:motcua:id:declaration", "value": "key 1"}
    assert len(httpserver.log) == 2


def test_an_older_edition_is_fetched_once_by_its_version(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire("1.0", status="retired")))
    expect_create(httpserver, declared(), status=200)
    for key in ("k1", "k2"):
        stand_in.declare(declaration("1.0"), key=key, deadline=soon())
    asked = [query for query in queries(httpserver) if query]
    assert asked == [{"url": "urn:motcua:form:general", "version": "1.0", "_count": "50"}]


def test_an_edition_nobody_has(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire("1.0")))
    with pytest.raises(Absent):
        stand_in.declare(declaration("9.9"), key="k", deadline=soon())


@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_means_it_is_there_already(
    httpserver: HTTPServer, stand_in: Fhir, status: int
) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    expect_create(httpserver, {"resourceType": "OperationOutcome"}, status=status)
    serve(httpserver, "QuestionnaireResponse", bundle(declared("q9")))
    assert stand_in.declare(declaration(), key="k", deadline=soon()) == "q9"
    assert queries(httpserver)[-1]["identifier"] == "urn:motcua:id:declaration|k"


def test_the_key_stands_for_an_id_that_is_not_told(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    expect_create(httpserver, {}, status=409)
    serve(httpserver, "QuestionnaireResponse", {}, status=500)
    assert stand_in.declare(declaration(), key="k", deadline=soon()) == "k"


def test_the_id_may_be_in_the_location(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    place = httpserver.url_for("/fhir/QuestionnaireResponse/q5/_history/1")
    httpserver.expect_request("/fhir/QuestionnaireResponse", method="POST").respond_with_data(
        "", status=201, headers={"Location": place}
    )
    assert stand_in.declare(declaration(), key="k", deadline=soon()) == "q5"


def test_a_create_answered_with_nonsense_is_not_taken_for_done(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    expect_create(httpserver, bundle(), status=200)
    with pytest.raises(Down):
        stand_in.declare(declaration(), key="k", deadline=soon())


@pytest.mark.parametrize("status", [404, 410])
def test_a_place_to_write_to_that_is_not_there_is_no_refusal(
    httpserver: HTTPServer, stand_in: Fhir, status: int
) -> None:
    """A proxy in front of a server that is away says 404: what was kept must not be given up."""
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    httpserver.expect_request("/fhir/QuestionnaireResponse", method="POST").respond_with_data(
        "<html>not here</html>", status=status
    )
    with pytest.raises(Down):
        stand_in.declare(declaration(), key="k", deadline=soon())


def test_a_refusal_brings_its_reason(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire()))
    outcome = {"issue": [{"severity": "error", "details": {"text": "Thiếu câu trả lời"}}]}
    expect_create(httpserver, outcome, status=422)
    with pytest.raises(Refused) as raised:
        stand_in.declare(declaration(), key="k", deadline=soon())
    assert raised.value.reason == "Thiếu câu trả lời"
    odd = Declaration("urn:motcua:form:general|2.0", "child", "mother", {"x": (1,)}, AT)
    with pytest.raises(Refused) as raised:
        stand_in.declare(odd, key="k", deadline=soon())
    assert raised.value.reason is None
