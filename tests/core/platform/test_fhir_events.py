"""What has changed: subscribed to, asked for, and read out of whatever was sent."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import VIETNAM
from core.errors import Down, Late
from core.platform.fhir import Fhir
from core.platform.fhir_events import Event, event_of
from tests.core.platform.care_resources import recommendation, risk, task
from tests.core.platform.conftest import AT, anomalies, queries, serve, soon
from tests.core.platform.mutation import any_json, spoilt
from tests.core.platform.resources import bundle, observation, patient

META = {"versionId": "3", "lastUpdated": "2026-11-22T08:00:00+07:00"}
SINCE = datetime(2026, 11, 22, 0, tzinfo=VIETNAM)


def changed_at(id: str, moment: datetime) -> dict[str, Any]:
    return observation(id, meta={"versionId": "1", "lastUpdated": moment.isoformat()})


def test_each_kind_tells_whom_it_is_about() -> None:
    at = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
    before = anomalies()
    assert [event_of(one) for one in (observation(meta=META), task(), recommendation())] == [
        Event("Observation", "t1", "3", "mother", at),
        Event("Task", "t1", "2", "mother", at),
        Event("ImmunizationRecommendation", "next", "1", "mother", at - timedelta(days=2)),
    ]
    assert event_of(risk()) is None
    assert anomalies() == before


def test_a_moment_stands_in_for_a_version() -> None:
    event = event_of(task(meta={"lastUpdated": "2026-11-22T08:00:00+07:00"}))
    assert event is not None
    assert event.version == "2026-11-22T08:00:00+07:00"


@pytest.mark.parametrize(
    "resource",
    [
        patient(), observation(), observation(meta={"versionId": "1"}), task(id="../x"),
        task() | {"for": None}, recommendation(patient={"reference": "Group/1"}), None, [], "Task",
    ],
)  # fmt: skip
def test_what_tells_of_nothing_is_counted(resource: Any) -> None:
    before = anomalies()
    assert event_of(resource) is None
    assert anomalies() == before + 1


def test_what_has_changed_oldest_first(httpserver: HTTPServer, stand_in: Fhir) -> None:
    later, earlier = AT - timedelta(hours=1), AT - timedelta(hours=2)
    second = httpserver.url_for("/fhir") + "/Observation?page=2"
    httpserver.expect_request("/fhir/Observation", query_string="page=2").respond_with_json(
        bundle(changed_at("t1", earlier), risk())
    )
    serve(httpserver, "Observation", bundle(changed_at("t2", later), next_page=second))
    events, newest = stand_in.changed("Observation", SINCE, deadline=soon())
    assert [event.id for event in events] == ["t1", "t2"]
    assert newest == later
    assert queries(httpserver)[0] == {
        "category": "laboratory",
        "_lastUpdated": "gt2026-11-21T16:59:55.000Z",
        "_sort": "_lastUpdated",
        "_count": "200",
    }


def test_without_a_change_the_moment_stays(httpserver: HTTPServer, stand_in: Fhir) -> None:
    serve(httpserver, "Task", bundle())
    assert stand_in.changed("Task", SINCE, deadline=soon()) == ((), SINCE)


def test_a_change_to_come_hides_no_other(httpserver: HTTPServer, stand_in: Fhir) -> None:
    found = bundle(changed_at("t1", AT), changed_at("t2", AT + timedelta(days=900)))
    serve(httpserver, "Observation", found)
    before = anomalies()
    events, newest = stand_in.changed("Observation", SINCE, deadline=soon())
    assert (len(events), newest) == (2, AT)
    assert anomalies() == before + 1


def test_what_came_before_the_deadline_is_not_lost(httpserver: HTTPServer, stand_in: Fhir) -> None:
    over = threading.Event()

    def never(_: Request) -> Response:
        over.wait(5)
        return Response("{}")

    httpserver.expect_request("/fhir/Task", query_string="page=2").respond_with_handler(never)
    serve(httpserver, "Task", bundle(task(), next_page="Task?page=2"))
    events, newest = stand_in.changed("Task", SINCE, deadline=soon(0.4))
    over.set()
    assert ([event.id for event in events], newest) == (["t1"], events[0].at)


@pytest.mark.parametrize("sorted_", [True, False])
def test_pages_that_lead_elsewhere_hide_no_change(
    httpserver: HTTPServer, stand_in: Fhir, sorted_: bool
) -> None:
    """We go on from the newest that came; unless older ones may be on the page that is missing."""
    came = [changed_at("t1", AT - timedelta(minutes=2)), changed_at("t2", AT)]
    found = bundle(*(came if sorted_ else came[::-1]), next_page="http://elsewhere.example/?page=2")
    serve(httpserver, "Observation", found)
    events, newest = stand_in.changed("Observation", SINCE, deadline=soon())
    assert [event.id for event in events] == ["t1", "t2"]
    assert newest == (AT if sorted_ else SINCE)


def test_nothing_before_the_deadline_is_late(stand_in: Fhir) -> None:
    with pytest.raises(Late):
        stand_in.changed("Task", SINCE, deadline=soon(0))


def test_a_subscription_names_where_and_how(httpserver: HTTPServer, stand_in: Fhir) -> None:
    answer = {"resourceType": "Subscription", "id": "s1", "status": "requested"}
    httpserver.expect_request("/fhir/Subscription", method="POST").respond_with_json(
        answer, status=201
    )
    made = stand_in.subscribe(
        "Observation?category=laboratory", "https://gateway.example/hooks/fhir",
        secret="secret", key="k 1", deadline=soon(),
    )  # fmt: skip
    assert made == "s1"
    request = httpserver.log[0][0]
    place = "https://gateway.example/hooks/fhir?subscription=k+1"
    assert request.headers["If-None-Exist"] == (
        "url=https://gateway.example/hooks/fhir%3Fsubscription%3Dk%2B1&status=requested,active"
    )
    sent = json.loads(request.data)
    assert sent["criteria"] == "Observation?category=laboratory"
    assert sent["channel"] == {
        "type": "rest-hook",
        "endpoint": place,
        "payload": "application/fhir+json",
        "header": ["Authorization: Bearer secret"],
    }


def test_a_subscription_answered_with_something_else_is_down(
    httpserver: HTTPServer, stand_in: Fhir
) -> None:
    httpserver.expect_request("/fhir/Subscription").respond_with_json(patient(), status=201)
    with pytest.raises(Down):
        stand_in.subscribe("Task", "http://x.example/", secret="s", key="k", deadline=soon())


@given(st.one_of(any_json, spoilt(observation(meta=META)), spoilt(task()), spoilt(risk())))
def test_anything_posted_is_read_or_counted(posted: Any) -> None:
    event = event_of(posted)
    if event is not None:
        assert event.at.tzinfo is not None
        assert event.citizen_id in str(posted)
