"""Sending through Kannel, to a stand-in that answers as Kannel 1.4.5 was seen to."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote_to_bytes

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.gsm import is_gsm7
from core.outbox.ports import Sender
from sms.providers import kannel_sender
from sms.providers.kannel_sender import KannelSender
from tests.sms.senders import PASSWORD, SenderContract, outgoing

SECRET = "kannel-path-secret"


def raw(request: Request, name: str) -> bytes:
    for part in request.query_string.split(b"&"):
        key, _, value = part.partition(b"=")
        if key == name.encode():
            return unquote_to_bytes(value.replace(b"+", b" "))
    return b""


def understood(request: Request) -> str:
    """The text as Kannel puts it on the air: by coding and charset, `?` for what does not fit."""
    text = raw(request, "text")
    if raw(request, "coding") == b"2":
        charset = raw(request, "charset") or b"UTF-16BE"
        return text.decode("utf-8" if charset == b"UTF-8" else "utf-16-be", "replace")
    return "".join(sign if is_gsm7(sign) else "?" for sign in text.decode())


class TestKannelSender(SenderContract):
    path = "/cgi-bin/sendsms"
    refusals = (
        (403, "Authorization failed for sendsms", SendLater),
        (404, "Unknown request", SendLater),
        (400, "Missing receiver number, rejected", SendNever),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", SendNever),
        (400, "Sender missing and no global set, rejected", SendLater),
        (400, "Charset or body misformed, rejected", SendNever),
        (400, "Something else", SendNever),
        (503, "Temporal failure, try again later.", SendLater),
        (200, "Welcome to this captive portal", SendLater),
        (302, "", SendLater),
    )
    alarms = (
        (403, "Authorization failed for sendsms"),
        (404, "Unknown request"),
        (400, "Sender missing and no global set, rejected"),
    )

    def sender(self, base: str) -> Sender:
        return KannelSender(
            url=f"{base.rstrip('/')}{self.path}",
            username="gw",
            password=PASSWORD,
            sender="YTE",
            public_url="https://motcua.example.vn/",
            path_secret=SECRET,
        )

    def stand_in(self, request: Request) -> Response:
        if request.method != "GET":
            return Response("Invalid content-type", 400)
        if (raw(request, "username"), raw(request, "password")) != (b"gw", PASSWORD.encode()):
            return Response("Authorization failed for sendsms", 403)
        if not raw(request, "from"):
            return Response("Sender missing and no global set, rejected", 400)
        if not raw(request, "to"):
            return Response("Missing receiver number, rejected", 400)
        if set(raw(request, "to")) - set(b"0123456789+ "):
            return Response("Number(s) has/have been denied by white- and/or black-lists.", 400)
        return Response("0: Accepted for delivery", 202)

    def arrived(self, request: Request) -> tuple[str, str]:
        return raw(request, "to").decode(), understood(request)

    def report_address(self, request: Request) -> str:
        assert raw(request, "dlr-mask") == b"31"
        return raw(request, "dlr-url").decode()

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kannel_sender, "SECONDS", 0.2)

    def test_the_reports_address_leaves_kannels_own_escapes_to_kannel(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        message = outgoing("Ket qua")
        self.sender(other.url_for("")).send(message)
        address = self.report_address(taken[0])
        assert address.startswith(f"https://motcua.example.vn/sms/kannel/{SECRET}/receipt?")
        filled = address.replace("%d", "8").replace("%A", "ACK%2F")
        assert parse_qs(filled.partition("?")[2]) == {
            "id": [message.id],
            "type": ["8"],
            "answer": ["ACK/"],
        }

    def test_a_message_that_kannel_keeps_for_later_is_taken(self, httpserver: HTTPServer) -> None:
        sender = self.answering(httpserver, 202, "3: Queued for later delivery")
        sent = sender.send(outgoing("Kết quả " * 10))
        assert sent.segments == 2
