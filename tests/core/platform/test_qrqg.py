"""The client of the national QR platform: look up, resolve, issue; believing nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from core.errors import Absent, Down, PlatformError, Refused
from core.people.papers import Paper
from core.platform.ports import NewPerson, PersonalRecord
from core.platform.qrqg import Qrqg, QrqgSettings
from tests.core.platform.conftest import anomalies, soon
from tests.core.platform.mutation import any_json, spoilt

QID = "162979388586171100"
PAYLOAD = f"001093029317|NGUYEN VAN A|1987-01-18|0|{QID}|<1<00<0123232422"
PERSON = {"name": "Nguyễn Văn A", "birthDate": "1987-01-18", "gender": "male"}
RECORD = {"qid": QID, "payload": PAYLOAD, "status": "active", "person": PERSON}


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[Qrqg]:
    made = Qrqg(QrqgSettings(url=httpserver.url_for("/qrqg")))
    yield made
    made.close()


def serve(httpserver: HTTPServer, path: str, body: Any, **more: Any) -> None:
    httpserver.expect_request(f"/qrqg/v1/{path}").respond_with_json(body, **more)


def newcomer(**more: Any) -> NewPerson:
    paper = Paper("cccd", "001093029317")
    return NewPerson(paper, "Nguyễn Văn A", date(1987, 1, 18), "male", **more)


def issue(client: Qrqg, **more: Any) -> PersonalRecord:
    return client.issue(newcomer(**more), key="key-1", deadline=soon())


@pytest.mark.parametrize(("status", "active"), [("active", True), ("revoked", False)])
def test_a_record(httpserver: HTTPServer, client: Qrqg, status: str, active: bool) -> None:
    serve(httpserver, f"personal-qr/{QID}", RECORD | {"status": status})
    found = client.record(QID, deadline=soon())
    assert found == PersonalRecord(QID, PAYLOAD, active, "Nguyễn Văn A", "1987-01-18")


def test_a_platform_that_knows_no_such_address_issues_nothing_and_refuses_nothing(
    httpserver: HTTPServer, client: Qrqg
) -> None:
    httpserver.expect_request("/qrqg/v1/personal-qr").respond_with_data("<html>", status=404)
    with pytest.raises(Down):
        issue(client)


def test_a_payload_resolved(httpserver: HTTPServer, client: Qrqg) -> None:
    serve(httpserver, "resolve", {"qid": QID, "status": "active", "person": PERSON})
    assert client.resolve(PAYLOAD, deadline=soon()).payload == PAYLOAD
    assert json.loads(httpserver.log[0][0].data) == {"payload": PAYLOAD}


def test_unknown_and_malformed(httpserver: HTTPServer, client: Qrqg) -> None:
    serve(httpserver, "personal-qr/7", {}, status=404)
    httpserver.expect_oneshot_request("/qrqg/v1/resolve").respond_with_json({}, status=404)
    serve(httpserver, "resolve", {"error": "malformed", "reason": "Mã không hợp lệ"}, status=422)
    with pytest.raises(Absent):
        client.record("7", deadline=soon())
    with pytest.raises(Absent):
        client.resolve(PAYLOAD, deadline=soon())
    with pytest.raises(Refused) as raised:
        client.resolve("hello", deadline=soon())
    assert raised.value.reason == "Mã không hợp lệ"


@pytest.mark.parametrize("payload", ["", "a\nb", "x" * 1001])
def test_what_no_code_can_hold_is_not_even_asked(
    httpserver: HTTPServer, client: Qrqg, payload: str
) -> None:
    with pytest.raises(Refused):
        client.resolve(payload, deadline=soon())
    assert httpserver.log == []


@pytest.mark.parametrize("qid", ["", "..", "."])
def test_no_qid_leads_out_of_its_place(client: Qrqg, qid: str) -> None:
    with pytest.raises(Absent):
        client.record(qid, deadline=soon())


@pytest.mark.parametrize(
    "changed",
    [
        {"qid": None}, {"qid": "8"}, {"payload": ""}, {"payload": "a\x00b"}, {"status": "maybe"},
        {"status": []}, {"person": ["nobody"]}, {"person": {}}, {"person": None},
    ],
)  # fmt: skip
def test_a_record_with_something_missing_is_down(
    httpserver: HTTPServer, client: Qrqg, changed: dict[str, Any]
) -> None:
    serve(httpserver, f"personal-qr/{QID}", RECORD | changed)
    before = anomalies()
    with pytest.raises(Down):
        client.record(QID, deadline=soon())
    assert anomalies() == before + 1


def test_somebody_else_is_not_taken_for_who_was_scanned(
    httpserver: HTTPServer, client: Qrqg
) -> None:
    serve(httpserver, "resolve", RECORD | {"qid": "8"})
    with pytest.raises(Down):
        client.resolve(PAYLOAD, deadline=soon())


def test_a_birth_date_that_is_none_is_left_empty(httpserver: HTTPServer, client: Qrqg) -> None:
    serve(httpserver, f"personal-qr/{QID}", RECORD | {"person": {"name": "Ý", "birthDate": "1987"}})
    assert client.record(QID, deadline=soon()).birth_date == ""


def test_issuing_sends_what_is_known_with_its_key(httpserver: HTTPServer, client: Qrqg) -> None:
    serve(httpserver, "personal-qr", {"qid": QID, "payload": PAYLOAD}, status=201)
    record = issue(client, declarer_qid="7", phone="+84912345678", bhyt="TE1797987654321")
    assert record == PersonalRecord(QID, PAYLOAD, True, "Nguyễn Văn A", "1987-01-18")
    request = httpserver.log[0][0]
    assert request.headers["Idempotency-Key"] == "key-1"
    assert json.loads(request.data) == {
        "paper": {"type": "cccd", "number": "001093029317"},
        "name": "Nguyễn Văn A",
        "birthDate": "1987-01-18",
        "gender": "male",
        "declarer": "7",
        "phone": "+84912345678",
        "bhyt": "TE1797987654321",
    }


@pytest.mark.parametrize(
    "body",
    [
        {}, {"qid": QID}, {"qid": 7, "payload": PAYLOAD}, {"qid": "8", "payload": PAYLOAD},
        {"qid": QID, "payload": PAYLOAD.replace("1987", "1978")},
    ],
)  # fmt: skip
def test_an_issue_of_nothing_or_to_somebody_else_is_down(
    httpserver: HTTPServer, client: Qrqg, body: Any
) -> None:
    serve(httpserver, "personal-qr", body)
    with pytest.raises(Down):
        issue(client)


ASKED: tuple[Callable[[Qrqg], object], ...] = (
    lambda qrqg: qrqg.record(QID, deadline=soon()),
    lambda qrqg: qrqg.resolve(PAYLOAD, deadline=soon()),
    lambda qrqg: issue(qrqg),
)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.one_of(any_json, spoilt(RECORD)))
def test_any_json_at_all_stays_within_the_errors_of_the_core(
    httpserver: HTTPServer, client: Qrqg, body: Any
) -> None:
    httpserver.clear()
    for path in (f"personal-qr/{QID}", "resolve", "personal-qr"):
        serve(httpserver, path, body)
    for ask in ASKED:
        try:
            ask(client)
        except PlatformError:
            continue
