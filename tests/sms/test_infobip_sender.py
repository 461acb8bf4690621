"""Sending through Infobip's two interfaces, to a stand-in that keeps the rules of either."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.outbox.ports import Sender
from sms.providers import sending
from sms.providers.infobip_sender import CODES, PATHS, InfobipSender, Version
from sms.providers.port import Decision
from tests.fakes import PHONE
from tests.sms.outcomes import OUTCOME
from tests.sms.senders import PASSWORD, SenderContract, outgoing

RECEIPTS = "https://motcua.example.vn/sms/infobip/path-secret/receipt"


def said(group: str, name: str, **more: Any) -> str:
    status = {"groupId": 5, "groupName": group, "id": 6, "name": name, "description": PHONE}
    return json.dumps({"messages": [{"to": PHONE[1:], "status": status, **more}]})


class InfobipContract(SenderContract):
    version: Version
    refusals = (
        *(
            (200, said("REJECTED", name), OUTCOME[decision])
            for name, (_, decision) in CODES.items()
            if decision is not None
        ),
        (200, said("REJECTED", "REJECTED_FOR_A_NEW_REASON"), SendLater),
        (200, said("REJECTED", PHONE), SendLater),
        (200, said("UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED"), SendNever),
        (200, said("EXPIRED", "EXPIRED_UNKNOWN"), SendNever),
        (200, said("", ""), SendLater),
        (200, '{"messages": []}', SendLater),
        (200, '{"messages": [5]}', SendLater),
        (200, '{"messages": [{"status": 1}]}', SendLater),
        (200, "[]", SendLater),
        (200, "not json", SendLater),
        (400, '{"requestError": {"serviceException": {"messageId": "BAD_REQUEST"}}}', SendNever),
        (401, '{"requestError": {"serviceException": {"messageId": "UNAUTHORIZED"}}}', SendLater),
        (403, "", SendLater),
        (429, "", SendLater),
    )
    alarms = (
        *(
            (200, said("REJECTED", name))
            for name, (_, decision) in CODES.items()
            if decision is Decision.ALARM
        ),
        (401, ""),
        (403, ""),
    )

    def sender(self, base: str, *, secret: str | None = "path-secret") -> Sender:
        return InfobipSender(
            api_url=base,
            api_key=PASSWORD,
            sender="YTE",
            public_url="https://motcua.example.vn/",
            path_secret=secret,
            version=self.version,
        )

    @pytest.fixture(autouse=True)
    def _remembers(self) -> None:
        """The stand-in knows the message ids that it has taken."""
        self.known: set[str] = set()

    def stand_in(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"App {PASSWORD}":
            return Response('{"requestError": {}}', 401)
        if request.method != "POST" or request.mimetype != "application/json":
            return Response('{"requestError": {}}', 400)
        (message,) = json.loads(request.get_data())["messages"]
        (to,) = message["destinations"]
        if not to["to"].isdecimal() or not self.sender_of(message) or not self.text_of(message):
            return Response('{"requestError": {}}', 400)
        if to["messageId"] in self.known:
            return Response(said("REJECTED", "REJECTED_DUPLICATE_MESSAGE_ID"))
        self.known.add(to["messageId"])
        return Response(said("PENDING", "PENDING_ACCEPTED", messageId=to["messageId"]))

    def sender_of(self, message: dict[str, Any]) -> object:
        return message.get("sender" if self.version == "3" else "from")

    def text_of(self, message: dict[str, Any]) -> str:
        return str(message["content"]["text"] if self.version == "3" else message["text"])

    def arrived(self, request: Request) -> tuple[str, str]:
        (message,) = json.loads(request.get_data())["messages"]
        return f"+{message['destinations'][0]['to']}", self.text_of(message)

    def report_address(self, request: Request) -> str:
        (message,) = json.loads(request.get_data())["messages"]
        if self.version == "3":
            delivery = message["webhooks"]["delivery"]
            assert delivery == {"url": RECEIPTS, "contentType": "application/json"}
        else:
            assert message["notifyUrl"] == RECEIPTS
            assert message["notifyContentType"] == "application/json"
        return str(message["destinations"][0]["messageId"])

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_the_same_message_again_was_taken_before(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        sender = self.sender(other.url_for(""))
        message = outgoing("Ket qua da co")
        assert sender.send(message) == sender.send(message)
        assert len(taken) == 2

    def test_without_a_path_secret_no_receipts_are_asked_for(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        self.sender(other.url_for(""), secret=None).send(outgoing("Ket qua"))
        (message,) = json.loads(taken[0].get_data())["messages"]
        assert not {"webhooks", "notifyUrl"} & message.keys()


class TestInfobipSender(InfobipContract):
    version = "3"
    path = PATHS["3"]


class TestOlderInfobipSender(InfobipContract):
    version = "2"
    path = PATHS["2"]
