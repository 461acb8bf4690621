"""The door to the conversation, as a web server sees it: what it lets in, and what it reads."""

from __future__ import annotations

import io
from collections.abc import Iterable
from logging import DEBUG, INFO
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from werkzeug.test import EnvironBuilder, run_wsgi_app

from core.asked import LIMIT
from tests.core.house import House
from tests.talk import FORM
from ussd.aggregators.africastalking import AfricasTalking
from ussd.app import Door
from ussd.pages import UssdVoice

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECRET = "s3cret-part"
URL = f"/ussd/africastalking/{SECRET}"
HOP = b"sessionId=s1&phoneNumber=%2B84912345678&serviceCode=%2A1022%23&text="


def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [])
    return [b"somebody else's"]


@pytest.fixture
def door() -> Door:
    return Door(
        behind,
        engine=House().engine,
        voice=UssdVoice(),
        secrets={"africastalking": SECRET},
        aggregators=(AfricasTalking(),),
    )


def ask(
    door: Door, path: str = URL, method: str = "POST", changes: dict[str, Any] | None = None
) -> tuple[str, bytes]:
    """The status and the body of the answer; `changes` are made to what the server hands over."""
    environ = EnvironBuilder(path=path, method=method, data=HOP, content_type=FORM).get_environ()
    body, status, _headers = run_wsgi_app(door, {**environ, **(changes or {})})
    return status, b"".join(body)


def test_a_hop_is_answered(door: Door) -> None:
    status, body = ask(door)
    assert status == "200 OK"
    assert body.startswith(b"CON ")


@pytest.mark.parametrize("path", ["/", "/ussd", "/ussd/", "/ussd/nobody/x", f"{URL}/x", "/sms/x/y"])
def test_what_is_not_ours_is_left_to_others(door: Door, path: str) -> None:
    assert ask(door, path) == ("404 Not Found", b"somebody else's")


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS"])
def test_another_method_is_refused(door: Door, method: str) -> None:
    assert ask(door, method=method)[0] == "405 Method Not Allowed"


@pytest.mark.parametrize("told", [str(len(HOP) + 1), "-1", "ten", "1.5"])
def test_a_body_that_is_not_as_long_as_told_is_refused(door: Door, told: str) -> None:
    status, body = ask(door, changes={"CONTENT_LENGTH": told})
    assert status == "400 Bad Request"
    assert body.startswith(b"END ")


def test_what_is_announced_as_too_long_is_never_read(door: Door) -> None:
    unread = io.BytesIO(b"x" * LIMIT * 3)
    changes = {"CONTENT_LENGTH": str(LIMIT + 1), "wsgi.input": unread}
    assert ask(door, changes=changes)[0] == "413 Request Entity Too Large"
    assert unread.tell() == 0


def test_a_body_in_chunks_is_read_as_far_as_it_may_be(door: Door) -> None:
    chunks = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    long = io.BytesIO(b"x" * LIMIT * 3)
    assert ask(door, changes={**chunks, "wsgi.input": long})[0] == "413 Request Entity Too Large"
    assert long.tell() == LIMIT + 1
    assert ask(door, changes={**chunks, "wsgi.input": io.BytesIO(HOP)})[0] == "200 OK"


def test_a_body_without_an_end_is_never_read(door: Door) -> None:
    endless = io.BytesIO(HOP)
    changes = {"CONTENT_LENGTH": "", "wsgi.input_terminated": False, "wsgi.input": endless}
    assert ask(door, changes=changes)[0] == "400 Bad Request"
    assert endless.tell() == 0


def test_a_caller_who_hangs_up_is_not_an_error_of_ours(door: Door) -> None:
    class HungUp(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    status, body = ask(door, changes={"wsgi.input": HungUp()})
    assert status == "400 Bad Request"
    assert body.startswith(b"END ")


def test_its_addresses_can_be_listed(door: Door) -> None:
    listed = {(rule.rule, *sorted(rule.methods or ())) for rule in door.rules()}
    assert listed == {
        ("/ussd/africastalking/<secret>", "POST"),
        ("/ussd/africastalking/<secret>/notice", "POST"),
    }


def test_usually_only_a_hop_that_went_wrong_is_logged(door: Door) -> None:
    before = structlog.get_config()
    written: list[str] = []
    try:
        for level, expected in ((INFO, ["malformed"]), (DEBUG, ["page", "malformed"])):
            written.clear()
            structlog.configure(
                processors=[lambda _logger, _method, event: str(event["outcome"])],
                wrapper_class=structlog.make_filtering_bound_logger(level),
                logger_factory=lambda *_names: Line(written),
                cache_logger_on_first_use=False,
            )
            ask(door)
            ask(door, changes={"CONTENT_LENGTH": "ten"})
            assert written == expected
    finally:
        structlog.configure(**before)


class Line:
    """A logger that keeps what it is told."""

    def __init__(self, written: list[str]) -> None:
        self.debug = self.info = written.append
