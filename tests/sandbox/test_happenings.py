"""Making things happen, and being told of them by a hook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.sandbox.conftest import Visitor, ticket

Answer = Callable[[Request], Response]


def subscription(hook: str, criteria: str) -> dict[str, Any]:
    """A subscription with a secret header."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "results",
        "criteria": criteria,
        "channel": {
            "type": "rest-hook",
            "endpoint": hook,
            "payload": "application/fhir+json",
            "header": ["Authorization: Bearer hook-secret"],
        },
    }


def test_a_pending_result_becomes_final(visitor: Visitor) -> None:
    person = visitor.person("result-pending")
    done = visitor.happen("result-final", person["qid"], value="detected")
    (changed,) = done["changed"]
    assert (changed["status"], changed["meta"]["versionId"]) == ("final", "2")
    assert changed["valueCodeableConcept"]["coding"][0]["code"] == "260373001"
    assert "dataAbsentReason" not in changed
    assert visitor.resources("Observation", patient=person["patient"]) == [changed]
    assert done["expects"]["lastTest"]["value"] == "detected"


def test_a_negative_pcr_turns_red_into_yellow(visitor: Visitor) -> None:
    phone = visitor.person("result-pending")["phone"]
    answer = visitor.http.post("/happen", json={"what": "result-final", "phone": phone})
    assert answer.json()["expects"]["status"] == "yellow"


def test_a_result_for_somebody_without_a_pending_test_is_new(visitor: Visitor) -> None:
    person = visitor.person("leap-day")
    done = visitor.happen("result-final", person["qid"], method="antigen")
    (changed,) = done["changed"]
    assert changed["code"]["coding"][0]["code"] == "94558-4"
    assert visitor.resources("Observation", patient=person["patient"]) == [changed]


def test_a_pooled_result_is_everybodys(visitor: Visitor) -> None:
    done = visitor.happen("result-final", visitor.person("pooled-a")["qid"])
    subjects = {each["subject"]["reference"] for each in done["changed"]}
    assert subjects == {"Patient/p-pooled-a", "Patient/p-pooled-b"}
    assert visitor.person("pooled-b")["expects"]["lastTest"]["status"] == "final"


def test_a_result_is_corrected_to_its_opposite(visitor: Visitor) -> None:
    person = visitor.person("foreigner")
    (changed,) = visitor.happen("result-corrected", person["qid"])["changed"]
    assert changed["status"] == "corrected"
    assert changed["valueCodeableConcept"]["coding"][0]["code"] == "260373001"
    (again,) = visitor.happen("result-corrected", person["qid"])["changed"]
    assert again["valueCodeableConcept"]["coding"][0]["code"] == "260415000"
    assert (changed["id"], again["meta"]["versionId"]) == (again["id"], "3")


def test_a_dose_falls_due_today_or_on_a_day(visitor: Visitor) -> None:
    qid = visitor.person("family-child")["qid"]
    (today,) = visitor.happen("dose-due", qid)["changed"]
    due = today["recommendation"][0]["dateCriterion"][0]["value"]
    assert abs((date.fromisoformat(due) - visitor.watch().date()).days) <= 1
    (later,) = visitor.happen("dose-due", qid, date="2027-01-02")["changed"]
    assert later["recommendation"][0]["dateCriterion"][0]["value"] == "2027-01-02"
    assert later["recommendation"][0]["doseNumberPositiveInt"] == 2
    assert int(later["meta"]["versionId"]) == int(today["meta"]["versionId"]) + 1


def test_isolation_starts(visitor: Visitor) -> None:
    person = visitor.person("family-mother")
    visitor.happen("isolation-started", person["qid"], days=7)
    (flag,) = visitor.resources("Flag", patient=person["patient"], status="active")
    length = date.fromisoformat(flag["period"]["end"]) - date.fromisoformat(flag["period"]["start"])
    assert length.days == 7


def test_a_shared_telephone_means_its_owner(visitor: Visitor) -> None:
    mother = visitor.person("family-mother")
    done = visitor.http.post("/happen", json={"what": "dose-due", "phone": mother["phone"]}).json()
    assert done["qid"] == mother["qid"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"what": "miracle", "phone": "+84912004701"}, 422),
        ({"what": "dose-due"}, 422),
        ({"what": "dose-due", "phone": "+84000000000"}, 404),
        ({"what": "dose-due", "phone": "+84912004701", "date": "soon"}, 422),
        ({"what": "result-final", "phone": "+84912004701", "value": "maybe"}, 422),
        ({"what": "result-corrected", "phone": "+84913824712"}, 409),
        ({"what": "ticket-moved", "phone": "+84912004701"}, 409),
        ({"what": "isolation-started", "phone": "+84912004701", "days": "ten"}, 422),
        ([], 400),
    ],
)
def test_what_cannot_happen_is_refused(visitor: Visitor, asked: Any, status: int) -> None:
    answer = visitor.http.post("/happen", json=asked)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_subscribers_are_told_with_their_secret(visitor: Visitor, httpserver: HTTPServer) -> None:
    httpserver.expect_oneshot_request(
        "/hook", method="POST", headers={"Authorization": "Bearer hook-secret"}
    ).respond_with_data("", status=202)
    hook = httpserver.url_for("/hook")
    made = visitor.write(subscription(hook, "Observation?category=laboratory&status=final"))
    assert (made.status_code, made.json()["status"]) == (201, "active")
    visitor.write(subscription(hook, "Task"))
    with httpserver.wait(timeout=10) as waiting:
        done = visitor.happen("result-final", visitor.person("result-pending")["qid"])
    assert waiting.result
    assert done["subscribers"] == 1
    ((request, _),) = httpserver.log
    assert request.get_json() == done["changed"][0]
    assert request.headers["Content-Type"] == "application/fhir+json"


def test_a_hook_that_fails_is_tried_again(visitor: Visitor, httpserver: HTTPServer) -> None:
    for status in (503, 202):
        httpserver.expect_ordered_request("/hook").respond_with_data("", status=status)
    visitor.write(subscription(httpserver.url_for("/hook"), "Observation"))
    with httpserver.wait(timeout=10) as waiting:
        visitor.happen("result-final", visitor.person("result-pending")["qid"])
    assert waiting.result
    assert [answer.status_code for _, answer in httpserver.log] == [503, 202]


def test_every_move_of_a_ticket_is_told(visitor: Visitor, httpserver: HTTPServer) -> None:
    heard: list[tuple[str, str]] = []

    def hear(request: Request) -> Response:
        task = request.get_json()
        heard.append((task["status"], request.headers["Authorization"]))
        return Response(status=202)

    states = ("requested", "accepted", "in-progress", "completed")
    for _ in states:
        httpserver.expect_ordered_request("/hook").respond_with_handler(hear)
    visitor.write(subscription(httpserver.url_for("/hook"), "Task"))
    person = visitor.person("wrong-dose-missing")
    with httpserver.wait(timeout=10) as waiting:
        visitor.write(ticket(person["patient"], "t1"))
        for _ in states[1:]:
            visitor.happen("ticket-moved", person["qid"])
    assert waiting.result
    # The network may deliver them in another order; each says its own state.
    assert sorted(heard) == sorted((state, "Bearer hook-secret") for state in states)


@pytest.mark.parametrize("kind", ["Observation", "Task", "ImmunizationRecommendation"])
def test_whoever_cannot_be_told_can_ask_what_is_new(visitor: Visitor, kind: str) -> None:
    person = visitor.person("wrong-dose-missing")
    began = visitor.watch().isoformat()
    stamps = []
    for step in range(3):
        visitor.watch.ahead += timedelta(seconds=10)
        visitor.write(ticket(person["patient"], f"t{step}"))
        visitor.happen("result-final", person["qid"])
        visitor.happen("dose-due", visitor.person(("day-13", "day-14", "foreigner")[step])["qid"])
        stamps.append(visitor.watch())
    new = visitor.resources(kind, _lastUpdated=f"gt{began}", _sort="_lastUpdated")
    updated = [datetime.fromisoformat(each["meta"]["lastUpdated"]) for each in new]
    assert len(updated) == 3
    assert updated == sorted(updated)
    newest_first = visitor.resources(kind, _lastUpdated=f"gt{began}", _sort="-_lastUpdated")
    assert newest_first == new[::-1]
    since = visitor.resources(kind, _lastUpdated=f"gt{stamps[1].isoformat()}")
    assert since == new[2:]
    between = {"_lastUpdated": [f"gt{began}", f"le{stamps[1].isoformat()}"]}
    answer = visitor.http.get(f"/fhir/{kind}", params=between, headers=visitor.auth)
    assert answer.json()["total"] == 2


@pytest.mark.parametrize(
    ("criteria", "channel", "status"),
    [
        ("Patient", {}, 422),
        ("", {}, 422),
        ("Observation?shoe=1", {}, 400),
        ("Observation", {"type": "email"}, 422),
        ("Observation", {"endpoint": "ftp://x"}, 422),
    ],
)
def test_a_bad_subscription_is_refused(
    visitor: Visitor, criteria: str, channel: dict[str, str], status: int
) -> None:
    body = subscription("http://127.0.0.1:9/hook", criteria)
    body["channel"] |= channel
    assert visitor.write(body).status_code == status


def test_a_subscription_is_made_once_by_its_address(visitor: Visitor) -> None:
    hook = "http://127.0.0.1:9/hook"
    body = subscription(hook, "Observation")
    codes = [
        visitor.write(body, If_None_Exist=f"url={hook}&criteria=Observation").status_code
        for _ in range(2)
    ]
    assert codes == [201, 200]


def test_with_the_last_dose_of_a_series_comes_a_passport(visitor: Visitor) -> None:
    person = visitor.person("first-dose-new")
    done = visitor.happen("dose-given", person["qid"])
    dose, passport = done["changed"]
    assert dose["resourceType"] == "Immunization"
    assert passport["resourceType"] == "DocumentReference"
    assert visitor.resources("DocumentReference", patient=person["patient"]) == [passport]
    assert visitor.resources("ImmunizationRecommendation", patient=person["patient"]) == []


def test_isolation_may_end_before_its_last_day(visitor: Visitor) -> None:
    person = visitor.person("result-positive")
    (flag,) = visitor.happen("isolation-ended", person["qid"])["changed"]
    assert flag["status"] == "inactive"
    again = {"what": "isolation-ended", "qid": person["qid"]}
    assert visitor.http.post("/happen", json=again).status_code == 409
