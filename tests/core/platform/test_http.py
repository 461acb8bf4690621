"""The one client: what it makes of statuses and bodies, when it asks again, what it tells the log."""

from __future__ import annotations

import json
import logging

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs

from core.errors import Absent, Down, Late, PlatformError, Refused
from core.platform.auth import Credentials
from core.platform.http import ATTEMPTS, Call
from core.platform.reading import retry_after
from tests.core.platform.conftest import AT, MakesHttp, Time, counted, soon

LOOK = Call(operation="look", path="Patient", query=(("telecom", "+84912345678"),))
WRITE = Call(operation="write", path="Task", method="POST", body={"name": "Ý"})
ONCE = Call(operation="once", path="Task", method="POST", body={}, repeatable=False)

REASON = {"issue": [{"severity": "error", "details": {"text": "Thiếu câu trả lời"}}]}


def answers(httpserver: HTTPServer, *statuses: int, headers: dict[str, str] | None = None) -> None:
    """The server's answers in this order, then 200 for ever."""
    for status in statuses:
        httpserver.expect_oneshot_request("/fhir/Patient").respond_with_json(
            {}, status=status, headers=headers
        )
        httpserver.expect_oneshot_request("/fhir/Task").respond_with_json(
            {}, status=status, headers=headers
        )
    for path in ("/fhir/Patient", "/fhir/Task"):
        httpserver.expect_request(path).respond_with_json({"well": True})


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, Down), (400, Down), (401, Down), (403, Down), (404, Absent), (409, Down),
        (410, Absent), (412, Down), (418, Down), (422, Refused), (429, Down), (500, Down),
        (502, Down), (503, Down),
    ],
)  # fmt: skip
def test_every_status_has_its_error(
    httpserver: HTTPServer, client_of: MakesHttp, status: int, error: type[PlatformError]
) -> None:
    httpserver.expect_request("/fhir/Patient").respond_with_json(REASON, status=status)
    with pytest.raises(PlatformError) as raised:
        client_of().ask(LOOK, deadline=soon())
    assert isinstance(raised.value, error)
    if isinstance(raised.value, Refused):
        assert raised.value.reason == "Thiếu câu trả lời"


def test_what_was_posted_and_read_and_will_never_be_taken_is_refused(
    httpserver: HTTPServer, client_of: MakesHttp
) -> None:
    """Medplum answers 400 to what breaks a rule; a proxy's 400 is a page, and says nothing."""
    httpserver.expect_oneshot_request("/fhir/Task").respond_with_json(REASON, status=400)
    httpserver.expect_oneshot_request("/fhir/Task").respond_with_data("<html>", status=400)
    client = client_of()
    with pytest.raises(Refused) as raised:
        client.ask(WRITE, deadline=soon())
    assert raised.value.reason == "Thiếu câu trả lời"
    with pytest.raises(Down):
        client.ask(WRITE, deadline=soon())


@pytest.mark.parametrize(("status", "open_after"), [(400, 6), (405, 6), (403, 5), (301, 5)])
def test_a_question_that_is_not_liked_closes_the_way_for_no_other(
    httpserver: HTTPServer, client_of: MakesHttp, status: int, open_after: int
) -> None:
    httpserver.expect_request("/fhir/Patient").respond_with_json({}, status=status)
    client = client_of()
    for _ in range(6):
        with pytest.raises(Down):
            client.ask(LOOK, deadline=soon())
    assert len(httpserver.log) == open_after


def test_a_settled_status_is_as_good_as_200(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    httpserver.expect_request("/fhir/Task").respond_with_data("<html>", status=412)
    call = Call(operation="w", path="Task", method="POST", body={}, settled=frozenset({412}))
    assert client_of().ask(call, deadline=soon()).body is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a": 1', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b"[" * 200_000, "application/json"),
        (b"", "application/json"),
        (b"{}", "text/html"),
        (b"9" * 5000, "application/json"),
    ],
)
def test_a_body_that_is_no_json_is_down_and_counted(
    httpserver: HTTPServer, client_of: MakesHttp, body: bytes, content_type: str
) -> None:
    httpserver.expect_request("/fhir/Patient").respond_with_data(body, content_type=content_type)
    before = counted("anomalies", platform="fhir", operation="look", kind="not JSON")
    with pytest.raises(Down):
        client_of().ask(LOOK, deadline=soon())
    assert counted("anomalies", platform="fhir", operation="look", kind="not JSON") > before


def test_a_mark_before_the_json_does_no_harm(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    body = b"\xef\xbb\xbf" + b'{"a": 1}'
    httpserver.expect_request("/fhir/Patient").respond_with_data(
        body, content_type="application/fhir+json; charset=utf-8"
    )
    assert client_of().ask(LOOK, deadline=soon()).body == {"a": 1}


@pytest.mark.parametrize("call", [LOOK, WRITE])
def test_what_is_safe_is_asked_again(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time, call: Call
) -> None:
    answers(httpserver, 500, 502)
    assert client_of().ask(call, deadline=soon()).body == {"well": True}
    first, second = time_stands.slept
    assert 0.05 <= first <= 0.1 <= second <= 0.2


def test_a_write_without_a_key_is_asked_once(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    answers(httpserver, 500)
    with pytest.raises(Down):
        client_of().ask(ONCE, deadline=soon())
    assert len(httpserver.log) == 1


def test_it_gives_up_after_some_attempts(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    answers(httpserver, 500, 500, 500, 500)
    with pytest.raises(Down):
        client_of().ask(LOOK, deadline=soon())
    assert len(httpserver.log) == ATTEMPTS


def test_no_attempt_is_begun_that_the_deadline_leaves_no_room_for(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    answers(httpserver, 500)
    with pytest.raises(Down):
        client_of().ask(LOOK, deadline=time_stands.deadline(0.12))
    assert len(httpserver.log) == 1
    assert time_stands.slept == []


def test_retry_after_is_waited_for_when_there_is_time(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    answers(httpserver, 429, headers={"Retry-After": "2"})
    client_of().ask(LOOK, deadline=time_stands.deadline(10))
    assert 2.0 <= time_stands.slept[0] <= 2.2


def test_retry_after_is_told_when_there_is_not_and_keeps_everybody_away(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    answers(httpserver, 503, headers={"Retry-After": "20"})
    client = client_of()
    with pytest.raises(Down) as raised:
        client.ask(LOOK, deadline=time_stands.deadline(4))
    assert raised.value.after == 20.0
    time_stands.seconds += 5
    with pytest.raises(Down) as raised:
        client.ask(WRITE, deadline=time_stands.deadline(4))
    assert raised.value.after == pytest.approx(15.0)
    assert len(httpserver.log) == 1
    time_stands.seconds += 15
    assert client.ask(LOOK, deadline=time_stands.deadline(4)).body == {"well": True}


def test_nobody_is_kept_away_for_a_year(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    answers(httpserver, 429, headers={"Retry-After": "31536000"})
    client = client_of()
    with pytest.raises(Down) as raised:
        client.ask(LOOK, deadline=time_stands.deadline(4))
    assert raised.value.after == 600.0
    time_stands.seconds += 31
    assert client.ask(LOOK, deadline=time_stands.deadline(4)).status == 200


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (None, None), ("7", 7.0), (" 7 ", 7.0), ("-1", None), ("soon", None), ("", None),
        ("Mon, 23 Nov 2026 01:00:30 GMT", 30.0), ("Mon, 23 Nov 2020 01:00:30 GMT", 0.0),
        ("٧", None), ("9" * 400, 999_999_999.0), ("Mon, 23 Nov 2026 01:00:30", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_date(written: str | None, seconds: float | None) -> None:
    assert retry_after(written, at=AT) == seconds


def test_failures_in_a_row_open_the_breaker(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    httpserver.expect_request("/fhir/Patient").respond_with_json({}, status=500)
    client = client_of()
    for _ in range(3):
        with pytest.raises(Down):
            client.ask(LOOK, deadline=soon())
    assert len(httpserver.log) == 5


def test_the_request_carries_its_id_and_its_media_type(
    httpserver: HTTPServer, client_of: MakesHttp
) -> None:
    answers(httpserver, 500)
    client_of().ask(WRITE, deadline=soon())
    for request, _ in httpserver.log:
        assert request.headers["X-Request-Id"] == "request-1"
        assert request.headers["Content-Type"] == "application/fhir+json"
        assert json.loads(request.data) == {"name": "Ý"}
        assert "Authorization" not in request.headers


def test_a_look_up_wants_no_answer_from_a_memory(
    httpserver: HTTPServer, client_of: MakesHttp
) -> None:
    answers(httpserver, 500)
    client_of().ask(LOOK, deadline=soon())
    assert {request.headers["Cache-Control"] for request, _ in httpserver.log} == {"no-cache"}


def test_a_part_of_the_path_stays_a_part(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    httpserver.expect_request("/fhir/Patient/a/../b?c").respond_with_json({"id": 1})
    call = Call(operation="read", path="Patient/{id}", parts={"id": "a/../b?c"})
    assert client_of().ask(call, deadline=soon()).body == {"id": 1}
    for nothing in ("", ".", ".."):
        with pytest.raises(Absent):
            client_of().ask(
                Call(operation="read", path="Patient/{id}", parts={"id": nothing}), deadline=soon()
            )


def test_only_the_platforms_own_pages_are_followed(client_of: MakesHttp) -> None:
    client = client_of(base="https://health.example/fhir/r4")
    for ours in (
        "https://health.example/fhir/r4?page=2",
        "https://health.example:443/fhir/r4/Patient?page=2",
    ):
        assert client.page_of(ours) == ours
    assert client.page_of("Patient?page=2") == "https://health.example/fhir/r4/Patient?page=2"
    for theirs in (
        "http://health.example/fhir/r4?page=2",
        "https://health.example:8443/fhir/r4?page=2",
        "https://evil.example/fhir/r4",
        "//evil.example/fhir/r4",
        "https://health.example@evil.example/fhir/r4",
        "https://me:secret@health.example/fhir/r4",
        "https://health.example/fhir/r4/../../admin",
        "https://health.example/fhir/r4evil",
        "https://health.example:port/fhir/r4",
        "https://[health.example/fhir/r4",
        "file:///etc/passwd",
        7, None, {"url": "x"},
    ):  # fmt: skip
        assert client.page_of(theirs) is None, theirs


def test_nothing_of_a_person_reaches_a_log_or_an_error(
    httpserver: HTTPServer, client_of: MakesHttp, caplog: pytest.LogCaptureFixture
) -> None:
    httpserver.expect_request("/token").respond_with_json({"access_token": "tok-tok"})
    httpserver.expect_request("/fhir/Patient").respond_with_json(
        {"name": "Nguyễn"}, status=400, headers={"Location": "+84912345678"}
    )
    client = client_of(credentials=Credentials(httpserver.url_for("/token"), "me", "hush-hush"))
    with caplog.at_level(logging.INFO), capture_logs() as logs, pytest.raises(Down) as raised:
        client.ask(LOOK, deadline=soon())
    ours = [record.getMessage() for record in caplog.records if record.name != "werkzeug"]
    told = repr(logs) + repr(ours) + repr(raised.value) + repr(raised.value.__cause__)
    for secret in ("912345678", "tok-tok", "hush", "Nguy", "telecom"):
        assert secret not in told
    call = next(log for log in logs if log["event"] == "platform_call")
    assert (call["method"], call["path"], call["status"]) == ("GET", "Patient", 400)
    assert isinstance(call["ms"], int)


def test_calls_are_counted_by_how_they_ended(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    labels = {"platform": "fhir", "operation": "counted"}
    httpserver.expect_oneshot_request("/fhir/Patient").respond_with_json({})
    httpserver.expect_oneshot_request("/fhir/Patient").respond_with_json({}, status=404)
    call = Call(operation="counted", path="Patient")
    client = client_of()
    client.ask(call, deadline=soon())
    with pytest.raises(Absent):
        client.ask(call, deadline=soon())
    with pytest.raises(Late):
        client.ask(call, deadline=soon(0))
    assert [counted("requests", **labels, outcome=how) for how in ("ok", "absent", "late")] == [
        1,
        1,
        1,
    ]


def test_a_deadline_in_the_retry_waits_is_kept(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    answers(httpserver, 503, 503, 503, headers={"Retry-After": "1"})
    with pytest.raises(Down):
        client_of().ask(LOOK, deadline=time_stands.deadline(1.5))
    assert sum(time_stands.slept) < 1.5
