"""Sending through Africa's Talking, to a stand-in that keeps its rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.outbox.ports import Sender
from sms.providers import sending
from sms.providers.africastalking_sender import CODES, PATH, AfricasTalkingSender
from sms.providers.port import Decision
from tests.fakes import PHONE
from tests.sms.outcomes import OUTCOME
from tests.sms.senders import PASSWORD, SenderContract, outgoing


def said(*recipients: Any, message: str = "Sent to 1/1 Total Cost: KES 0.8000") -> str:
    return json.dumps({"SMSMessageData": {"Message": message, "Recipients": list(recipients)}})


def recipient(code: Any, **more: Any) -> dict[str, Any]:
    usual = {"number": PHONE, "status": "Success", "cost": "KES 0.8000", "messageId": "ATXid_1"}
    return {"statusCode": code, **usual, **more}


class TestAfricasTalkingSender(SenderContract):
    path = PATH
    their_ref = "ATXid_1"
    refusals = (
        *(
            (201, said(recipient(int(code) if code.isdecimal() else code)), OUTCOME[decision])
            for code, (_, decision) in CODES.items()
            if decision is not None
        ),
        (201, said(recipient(999)), SendLater),
        (201, said(recipient(PHONE)), SendLater),
        (201, said(recipient(101, messageId=None)), SendLater),
        (201, said(recipient(101, messageId="")), SendLater),
        (201, said({"status": "Failed"}), SendLater),
        (201, said(message="InvalidSenderId"), SendLater),
        (201, said(message=f"no {PHONE}"), SendLater),
        (201, said(), SendLater),
        (201, "{}", SendLater),
        (201, "[]", SendLater),
        (201, "not json", SendLater),
        (400, "Must have to", SendNever),
        (401, "The supplied authentication is invalid", SendLater),
        (429, "", SendLater),
    )
    alarms = (
        *(
            (201, said(recipient(int(code) if code.isdecimal() else code)))
            for code, (_, decision) in CODES.items()
            if decision is Decision.ALARM
        ),
        (201, said(message="InvalidSenderId")),
        (201, said(message="InsufficientBalance")),
        (401, ""),
    )

    def sender(self, base: str, *, sender: str = "YTE") -> Sender:
        return AfricasTalkingSender(
            username="gateway", api_key=PASSWORD, sender=sender, api_url=base
        )

    def stand_in(self, request: Request) -> Response:
        if request.headers.get("apikey") != PASSWORD or request.form.get("username") != "gateway":
            return Response("The supplied authentication is invalid", 401)
        if request.method != "POST" or not request.mimetype.endswith("form-urlencoded"):
            return Response("Bad request", 400)
        if not request.form.get("to", "").startswith("+") or not request.form.get("message"):
            return Response("Must have to and message", 400)
        if request.form.get("from", "YTE") != "YTE":
            return Response(said(message="InvalidSenderId"), 201)
        return Response(said(recipient(101)), 201, content_type="application/json")

    def arrived(self, request: Request) -> tuple[str, str]:
        return request.form["to"], request.form["message"]

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_without_a_sender_the_accounts_own_is_used(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        self.sender(other.url_for(""), sender="").send(outgoing("Ket qua"))
        assert "from" not in taken[0].form

    def test_a_word_without_a_code_will_do(self, httpserver: HTTPServer) -> None:
        answer = said({"status": "Success", "messageId": "ATXid_7"})
        sent = self.answering(httpserver, 201, answer).send(outgoing("Ket qua"))
        assert sent.provider_ref == "ATXid_7"
