"""Sending through Twilio's SDK, to a stand-in that answers as Twilio's API does."""

from __future__ import annotations

import base64
import json

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.gsm import segments
from core.outbox.ports import Sender
from sms.providers import sending
from sms.providers.twilio_sender import DECISIONS, TwilioSender
from tests.fakes import PHONE
from tests.sms.outcomes import OUTCOME
from tests.sms.senders import PASSWORD, SenderContract, outgoing

ACCOUNT = "AC" + "a" * 32


def error(code: int, status: int = 400) -> str:
    return json.dumps(
        {
            "code": code,
            "message": f"The 'To' number {PHONE} is not valid: Ket qua",
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
    )


class TestTwilioSender(SenderContract):
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    refusals = (
        *((400, error(code), OUTCOME[decision]) for code, decision in DECISIONS.items()),
        (429, error(20429, 429), SendLater),
        (401, error(20003, 401), SendLater),
        (400, error(29999), SendNever),
        (404, error(20404, 404), SendNever),
        (403, "", SendLater),
        (400, "<html>", SendNever),
        (400, "[]", SendNever),
        (400, '{"code": "many"}', SendNever),
        (201, "{}", SendLater),
        (201, "not json", SendLater),
        (201, "[]", SendLater),
        (302, "", SendLater),
    )
    alarms = ((401, error(20003, 401)), (400, error(30002)), (403, ""))

    def sender(self, base: str) -> Sender:
        return TwilioSender(
            account_sid=ACCOUNT,
            auth_token=PASSWORD,
            sender="YTE",
            public_url="https://motcua.example.vn/",
            api_url=base,
        )

    def stand_in(self, request: Request) -> Response:
        known = base64.b64encode(f"{ACCOUNT}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {known}":
            return Response(error(20003, 401), 401)
        if request.method != "POST" or not request.mimetype.endswith("form-urlencoded"):
            return Response(error(20001), 400)
        if not all(request.form.get(name) for name in ("To", "From", "Body")):
            return Response(error(21604), 400)
        if len(request.form["Body"]) > 1600:
            return Response(error(21617), 400)
        message = {
            "sid": "SM" + "1" * 32,
            "status": "queued",
            "num_segments": str(len(segments(request.form["Body"]))),
            "error_code": None,
            "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
        }
        return Response(json.dumps(message), 201, content_type="application/json")

    def arrived(self, request: Request) -> tuple[str, str]:
        return request.form["To"], request.form["Body"]

    def report_address(self, request: Request) -> str:
        address = request.form["StatusCallback"]
        assert address.startswith("https://motcua.example.vn/sms/twilio/receipt?id=")
        return address

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_what_twilio_returns_is_what_its_receipts_will_name(self, other: HTTPServer) -> None:
        sent = self.sender(other.url_for("")).send(outgoing("Kết quả " * 10))
        assert (sent.provider_ref, sent.segments) == ("SM" + "1" * 32, 2)

    def test_somebody_who_said_stop_to_twilio_means_us(self, httpserver: HTTPServer) -> None:
        with pytest.raises(SendNever) as caught:
            self.answering(httpserver, 400, error(21610)).send(outgoing("Ket qua"))
        assert caught.value.opted_out
        assert caught.value.words == "21610"

    def test_a_handset_that_does_not_exist_is_a_number_given_away(
        self, httpserver: HTTPServer
    ) -> None:
        with pytest.raises(SendNever) as caught:
            self.answering(httpserver, 400, error(30005)).send(outgoing("Ket qua"))
        assert caught.value.gone
        assert not caught.value.opted_out

    @pytest.mark.parametrize(("told", "after"), [("7", 7.0), ("99999", 3600.0), ("soon", None)])
    def test_twilio_may_say_when_to_try_again(
        self, httpserver: HTTPServer, told: str, after: float | None
    ) -> None:
        sender = self.answering(httpserver, 429, error(20429, 429), Retry_After=told)
        with pytest.raises(SendLater) as caught:
            sender.send(outgoing("Ket qua"))
        assert caught.value.after == after

    def test_what_twilio_would_refuse_as_too_long_is_not_sent(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        with pytest.raises(SendNever):
            self.sender(other.url_for("")).send(outgoing("x" * 1601))
        assert taken == []
