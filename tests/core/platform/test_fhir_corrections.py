"""Corrections as Tasks: what is sent, what is read, and whose."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from pytest_httpserver import HTTPServer

from core.clock import VIETNAM
from core.errors import Absent, Down, Refused
from core.platform.fhir import Fhir
from core.platform.fhir_corrections import TicketReader
from core.platform.fhir_corrections import task as task_for
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Correction, Ticket
from tests.core.platform.care_resources import concept, task
from tests.core.platform.conftest import AT, anomalies, queries, serve, soon
from tests.core.platform.mutation import spoilt
from tests.core.platform.resources import bundle, patient

WRONG = Correction("dose-missing", "mother", "father", "Thiếu mũi 2", AT)


def read(**changed: Any) -> tuple[Ticket | None, list[str]]:
    noted: list[str] = []
    reader = TicketReader(FhirSystems(), at=AT, note=noted.append)
    return reader.ticket(task(**changed)), noted


def post(httpserver: HTTPServer, body: Any, **more: Any) -> None:
    httpserver.expect_request("/fhir/Task", method="POST").respond_with_json(body, **more)


def test_a_ticket_is_read() -> None:
    assert read() == (
        Ticket(
            id="t1",
            number="PA-0017",
            kind="dose-missing",
            citizen_id="mother",
            state="in-progress",
            moved=datetime(2026, 11, 21, 8, tzinfo=VIETNAM),
            reason="Đang đối chiếu với cơ sở tiêm.",
        ),
        [],
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("draft", "received"), ("requested", "received"), ("received", "received"),
        ("accepted", "received"), ("in-progress", "in-progress"), ("ready", "in-progress"),
        ("on-hold", "in-progress"), ("completed", "completed"), ("rejected", "rejected"),
        ("failed", "rejected"), ("cancelled", "rejected"), ("entered-in-error", None),
        (None, None), (["completed"], None),
    ],
)  # fmt: skip
def test_states(status: Any, state: str | None) -> None:
    ticket, _ = read(status=status)
    assert (ticket and ticket.state) == state


def test_the_id_stands_in_for_a_number_and_the_case_may_be_a_reason() -> None:
    ticket, _ = read(
        identifier=[{"system": "urn:motcua:id:declaration", "value": "key-1"}],
        code=concept("urn:else", "fulfill"),
        reasonCode=concept("urn:motcua:correction", "details-wrong"),
        statusReason=None,
        lastModified=None,
    )
    assert ticket is not None
    assert (ticket.number, ticket.kind, ticket.reason) == ("t1", "details-wrong", None)
    assert ticket.moved == datetime(2026, 11, 22, 8, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({"code": concept("urn:motcua:correction", "something-else")}, 0),
        ({"code": concept("urn:else", "dose-missing")}, 0),
        ({"code": concept("urn:motcua:correction", "dose-missing", "details-wrong")}, 1),
        ({"id": "../x"}, 1),
        ({"for": {"reference": "Group/mother"}}, 1),
        ({"lastModified": None, "meta": None, "authoredOn": "hôm qua"}, 1),
    ],
)
def test_what_is_no_ticket(changed: dict[str, Any], kinds: int) -> None:
    ticket, noted = read(**changed)
    assert ticket is None
    assert len(noted) == kinds


def test_asking_says_everything_once(httpserver: HTTPServer, stand_in: Fhir) -> None:
    post(httpserver, task(status="requested"), status=201)
    asked = stand_in.corrections.ask(WRONG, key="key-1", deadline=soon())
    assert (asked.number, asked.state) == ("PA-0017", "received")
    request = httpserver.log[0][0]
    assert request.headers["If-None-Exist"] == "identifier=urn:motcua:id:declaration|key-1"
    assert json.loads(request.data) == {
        "resourceType": "Task",
        "identifier": [{"system": "urn:motcua:id:declaration", "value": "key-1"}],
        "status": "requested",
        "intent": "order",
        "code": concept("urn:motcua:correction", "dose-missing"),
        "description": "Thiếu mũi 2",
        "for": {"reference": "Patient/mother"},
        "requester": {"reference": "Patient/father"},
        "authoredOn": "2026-11-23T08:00:00+07:00",
    }


def test_nothing_is_sent_empty() -> None:
    silent = replace(WRONG, said=" \n")
    assert "description" not in task_for(silent, FhirSystems(), "key-1")


def test_a_server_that_only_says_where_it_put_it(httpserver: HTTPServer, stand_in: Fhir) -> None:
    where = {"Location": httpserver.url_for("/fhir/Task/t9/_history/1")}
    httpserver.expect_request("/fhir/Task").respond_with_data(b"", status=201, headers=where)
    asked = stand_in.corrections.ask(WRONG, key="key-1", deadline=soon())
    assert asked == Ticket("t9", "t9", "dose-missing", "mother", "received", AT)


def test_one_that_was_kept_already_is_looked_up(httpserver: HTTPServer, stand_in: Fhir) -> None:
    post(httpserver, {"resourceType": "OperationOutcome"}, status=412)
    serve(httpserver, "Task", bundle(task()))
    assert stand_in.corrections.ask(WRONG, key="key-1", deadline=soon()).number == "PA-0017"
    assert queries(httpserver)[1]["identifier"] == "urn:motcua:id:declaration|key-1"


def test_one_that_was_kept_but_is_not_to_be_found_is_asked_again(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    post(httpserver, {}, status=409)
    serve(httpserver, "Task", bundle())
    with pytest.raises(Down):
        stand_in.corrections.ask(WRONG, key="key-1", deadline=soon())


@pytest.mark.parametrize(
    "other",
    [
        task() | {"for": {"reference": "Patient/stranger"}},
        task(code=concept("urn:motcua:correction", "details-wrong")),
        patient(),
    ],
)
def test_anothers_ticket_is_not_shown(
    httpserver: HTTPServer, stand_in: Fhir, other: dict[str, Any]
) -> None:
    post(httpserver, other, status=200)
    before = anomalies()
    with pytest.raises(Down):
        stand_in.corrections.ask(WRONG, key="key-1", deadline=soon())
    assert anomalies() == before + 1


def test_a_refusal_says_why(httpserver: HTTPServer, stand_in: Fhir) -> None:
    why = {"severity": "error", "code": "value", "details": {"text": "Đã có phản ánh."}}
    post(httpserver, {"resourceType": "OperationOutcome", "issue": [why]}, status=422)
    with pytest.raises(Refused) as raised:
        stand_in.corrections.ask(WRONG, key="key-1", deadline=soon())
    assert raised.value.reason == "Đã có phản ánh."


def test_tickets_newest_first_and_only_ones_own(httpserver: HTTPServer, stand_in: Fhir) -> None:
    newer = task("t2", authoredOn="2026-11-21T08:00:00+07:00")
    stranger = task("t3") | {"for": {"reference": "Patient/stranger"}}
    other = task("t4", code=concept("urn:else", "x"))
    serve(httpserver, "Task", bundle(task(), stranger, newer, other))
    before = anomalies()
    found = stand_in.corrections.tickets("mother", deadline=soon()).value
    assert [one.id for one in found] == ["t2", "t1"]
    assert anomalies() == before + 1


def test_one_ticket(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Task/t1", task())
    serve(httpserver, "Task/t2", task("t1"))
    serve(httpserver, "Task/t3", task("t3", code=None))
    assert stand_in.corrections.ticket("t1", deadline=soon()).number == "PA-0017"
    for name, error in (("t2", Down), ("t3", Absent), ("t4", Down), ("../x", Absent)):
        if name == "t4":
            serve(httpserver, "Task/t4", patient("t4"))
        with pytest.raises(error):
            stand_in.corrections.ticket(name, deadline=soon())


@given(spoilt(task(), 6))
def test_a_spoilt_task_never_raises(spoilt_task: Any) -> None:
    ticket = TicketReader(FhirSystems(), at=AT, note=lambda kind: None).ticket(spoilt_task)
    if ticket is not None:
        assert ticket.citizen_id in str(spoilt_task["for"])
        assert ticket.number
