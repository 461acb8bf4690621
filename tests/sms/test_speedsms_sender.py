"""Sending through SpeedSMS, to a stand-in that keeps its rules, 60 requests a minute among them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.outbox.ports import Sender
from sms.providers import sending
from sms.providers.port import Decision
from sms.providers.speedsms_sender import CODES, PATH, SpeedSmsSender
from tests.fakes import PHONE
from tests.sms.outcomes import OUTCOME
from tests.sms.senders import PASSWORD, SenderContract, outgoing

A_MINUTE = 60


def refused(code: str, **more: Any) -> str:
    return json.dumps({"status": "error", "code": code, "message": f"{PHONE}: Ket qua", **more})


def taken_as(ref: Any, **more: Any) -> str:
    data = {"tranId": ref, "totalSMS": 1, "totalPrice": 250, "invalidPhone": [], **more}
    return json.dumps({"status": "success", "code": "00", "data": data})


class TestSpeedSmsSender(SenderContract):
    path = PATH
    their_ref = "123456"
    refusals = (
        *(
            (200, refused(code), OUTCOME[decision])
            for code, (_, decision) in CODES.items()
            if decision is not None
        ),
        (200, refused("999"), SendLater),
        (200, refused(PHONE), SendLater),
        (200, taken_as(123456, invalidPhone=["84912345678"]), SendNever),
        (200, taken_as(None), SendLater),
        (200, taken_as("123456"), SendLater),
        (200, '{"code":"00"}', SendLater),
        (200, '{"code":"00","data":[]}', SendLater),
        (200, "[]", SendLater),
        (200, "not json", SendLater),
        (400, refused("105"), SendNever),
        (401, "", SendLater),
        (404, "", SendNever),
        (429, "", SendLater),
    )
    alarms = (
        *(
            (200, refused(code))
            for code, (_, decision) in CODES.items()
            if decision is Decision.ALARM
        ),
        (401, ""),
    )

    def sender(self, base: str) -> Sender:
        return SpeedSmsSender(token=PASSWORD, sender="YTE", api_url=base)

    @pytest.fixture(autouse=True)
    def _counts(self) -> None:
        """The stand-in counts the requests of this minute."""
        self.requests = 0

    def stand_in(self, request: Request) -> Response:
        self.requests += 1
        if self.requests > A_MINUTE:
            return Response("", 429, headers={"X-Rate-Limit-Reset": "17"})
        known = base64.b64encode(f"{PASSWORD}:x".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {known}":
            return Response(refused("007"))
        if request.method != "POST" or request.mimetype != "application/json":
            return Response(refused("101"))
        body = json.loads(request.get_data())
        phones = body.get("to")
        if not isinstance(phones, list) or body.get("sms_type") != 3 or not body.get("content"):
            return Response(refused("101"))
        if body.get("sender") != "YTE":
            return Response(refused("009"))
        wrong = [one for one in phones if not (one.isdecimal() and one.startswith("84"))]
        return Response(taken_as(123456, invalidPhone=wrong), content_type="application/json")

    def arrived(self, request: Request) -> tuple[str, str]:
        body = json.loads(request.get_data())
        (phone,) = body["to"]
        return f"+{phone}", body["content"]

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_the_sixty_first_in_a_minute_waits_as_long_as_it_is_told(
        self, other: HTTPServer
    ) -> None:
        sender = self.sender(other.url_for(""))
        for number in range(A_MINUTE):
            sender.send(outgoing(f"Ket qua {number}"))
        with pytest.raises(SendLater) as caught:
            sender.send(outgoing("Ket qua"))
        assert caught.value.after == 17.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("17", 17.0),
        ("0", 1.0),
        ("99999", 3600.0),
        ("1795420830", 30.0),
        ("1795420700", 1.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("１７", None),
        ("9" * 40, None),
    ],
)
def test_a_company_says_when_in_seconds_or_as_a_unix_time(told: str, seconds: float | None) -> None:
    headers = {"x-rate-limit-reset": told}
    asked = sending.asked_to_wait(headers, "x-rate-limit-reset", clock=lambda: 1_795_420_800.0)
    assert asked == seconds
