"""Sending through eSMS, to a stand-in that keeps its rules: HTTP 200 always, CodeResult tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.outbox.ports import Sender
from sms.providers import sending
from sms.providers.esms_sender import CODES, PATH, EsmsSender
from sms.providers.port import Decision
from tests.fakes import PHONE
from tests.sms.outcomes import OUTCOME
from tests.sms.senders import PASSWORD, SenderContract, outgoing

KEY = "api-key-of-the-account"


def said(code: str, **more: Any) -> str:
    return json.dumps({"CodeResult": code, "ErrorMessage": f"{PHONE}: Ket qua", **more})


class TestEsmsSender(SenderContract):
    path = PATH
    refusals = (
        *(
            (200, said(code), OUTCOME[decision])
            for code, (_, decision) in CODES.items()
            if decision is not None
        ),
        (200, said("999"), SendLater),
        (200, said(PHONE), SendLater),
        (200, "{}", SendLater),
        (200, '{"CodeResult": null}', SendLater),
        (200, "[]", SendLater),
        (200, "not json", SendLater),
        (200, "<html>", SendLater),
        (400, said("100"), SendNever),
        (403, "", SendLater),
        (404, "", SendNever),
        (302, "", SendLater),
    )
    alarms = tuple(
        (200, said(code)) for code, (_, decision) in CODES.items() if decision is Decision.ALARM
    )

    def sender(self, base: str, *, secret: str | None = "path-secret") -> Sender:
        return EsmsSender(
            api_key=KEY,
            secret_key=PASSWORD,
            brandname="YTE",
            public_url="https://motcua.example.vn/",
            path_secret=secret,
            api_url=base,
        )

    @pytest.fixture(autouse=True)
    def _remembers(self) -> None:
        """The stand-in knows the request ids that it has taken."""
        self.known: set[str] = set()

    def stand_in(self, request: Request) -> Response:
        """Answers 200 whatever comes, as eSMS does."""
        code = self.judged(request)
        answer = {"CodeResult": code, "CountRegenerate": 0}
        return Response(
            json.dumps(answer | ({"SMSID": "b5f0a1c2"} if code == "100" else {})),
            content_type="application/json",
        )

    def judged(self, request: Request) -> str:
        if request.method != "POST" or request.mimetype != "application/json":
            return "99"
        body = json.loads(request.get_data())
        if (body.get("ApiKey"), body.get("SecretKey")) != (KEY, PASSWORD):
            return "101"
        if not all(isinstance(one, str) for one in body.values()):
            return "99"
        if body.get("Brandname") != "YTE" or len(body["Brandname"]) > 11:
            return "104"
        phone = body.get("Phone", "")
        if not (phone.isdecimal() and len(phone) == 10 and phone[0] == "0"):
            return "108"
        if body.get("SmsType") != "2" or not body.get("Content"):
            return "99"
        if body.get("IsUnicode") != ("0" if body["Content"].isascii() else "1"):
            return "99"
        if body.get("RequestId") in self.known:
            return "124"
        self.known.add(body["RequestId"])
        return "100"

    def arrived(self, request: Request) -> tuple[str, str]:
        body = json.loads(request.get_data())
        return "+84" + body["Phone"][1:], body["Content"]

    def report_address(self, request: Request) -> str:
        body = json.loads(request.get_data())
        assert body["CallbackUrl"] == "https://motcua.example.vn/sms/esms/path-secret/receipt"
        return str(body["RequestId"])

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_the_same_message_again_was_taken_before(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        sender = self.sender(other.url_for(""))
        message = outgoing("Ket qua da co")
        first, second = sender.send(message), sender.send(message)
        assert first == second
        assert len(taken) == 2
        assert self.known == {message.id}

    def test_words_that_match_no_template_never_go_and_the_operator_is_told(
        self, httpserver: HTTPServer
    ) -> None:
        with capture_logs() as lines, pytest.raises(SendNever) as caught:
            self.answering(httpserver, 200, said("146")).send(outgoing("Ket qua"))
        assert [line["event"] for line in lines] == ["sms_alarm"]
        assert caught.value.words == "146 the words match no registered template"
        assert not caught.value.opted_out

    def test_accented_letters_of_gsm_7_are_not_called_plain(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        self.sender(other.url_for("")).send(outgoing("chào ngày"))
        assert json.loads(taken[0].get_data())["IsUnicode"] == "1"

    def test_without_a_path_secret_no_receipts_are_asked_for(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        self.sender(other.url_for(""), secret=None).send(outgoing("Ket qua"))
        assert "CallbackUrl" not in json.loads(taken[0].get_data())
