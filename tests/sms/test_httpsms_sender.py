"""Sending through providers that settings describe, to stand-ins that keep the invented rules."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.gsm import is_gsm7
from core.outbox.ports import Sender
from sms.providers import sending
from sms.providers.httpsms_sender import DescribedSender
from sms.providers.httpsms_spec import understood
from tests.fakes import PHONE
from tests.sms.described import CUU, HONG, SONGHUONG
from tests.sms.senders import PASSWORD, SenderContract, outgoing


def described(name: str, values: Mapping[str, str], base: str, path: str) -> Sender:
    """The sender, with the other side at this address instead of its own."""
    query = values["URL"].partition("?")[2]
    url = f"{base.rstrip('/')}{path}" + (f"?{query}" if query else "")
    spec = understood(name, {**values, "URL": url})
    return DescribedSender(spec, public_url="https://motcua.example.vn/", path_secret="secret")


def said(error: Any, **more: Any) -> str:
    return json.dumps({"error": error, "message": f"{PHONE}: Ket qua", **more})


class TestInJson(SenderContract):
    path = "/v1/sms"
    refusals = (
        (200, said(20), SendLater),
        (200, said(30), SendLater),
        (200, said(40), SendNever),
        (200, said("40"), SendNever),
        (200, said(41), SendNever),
        (200, said(50), SendLater),
        (200, said(60), SendNever),
        (200, said(99), SendLater),
        (200, said(PHONE), SendLater),
        (200, said(None), SendLater),
        (200, "{}", SendLater),
        (200, "not json", SendLater),
        (402, "", SendLater),
        (400, said(40), SendNever),
        (400, said(20), SendLater),
        (400, "", SendNever),
        (401, "", SendLater),
        (302, "", SendLater),
        (429, "", SendLater),
    )
    alarms = ((200, said(50)), (402, ""), (401, ""), (403, ""))

    def sender(self, base: str) -> Sender:
        return described("songhuong", SONGHUONG, base, self.path)

    def stand_in(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {PASSWORD}":
            return Response("", 401)
        if request.method != "POST" or request.mimetype != "application/json":
            return Response("", 415)
        body = json.loads(request.get_data())
        if body["brand"] != "YTE" or body["priority"] != 1 or not body["phone"].isdecimal():
            return Response(said(50))
        if body["unicode"] != ("no" if is_gsm7(body["content"]) else "yes"):
            return Response(said(40))
        return Response(said(0, data={"id": 98765}), content_type="application/json")

    def arrived(self, request: Request) -> tuple[str, str]:
        body = json.loads(request.get_data())
        return f"+{body['phone']}", body["content"]

    def report_address(self, request: Request) -> str:
        body = json.loads(request.get_data())
        dlr = body["dlr"]
        assert dlr.startswith("https://motcua.example.vn/sms/songhuong/secret/receipt?id=")
        assert dlr.endswith(body["clientId"])
        return str(dlr)

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_its_own_id_is_what_its_receipts_will_name(self, other: HTTPServer) -> None:
        sent = self.sender(other.url_for("")).send(outgoing("Kết quả " * 10))
        assert (sent.provider_ref, sent.segments) == ("98765", 2)

    def test_taken_without_an_id_is_taken(self, httpserver: HTTPServer) -> None:
        message = outgoing("Ket qua")
        sent = self.answering(httpserver, 200, said(11)).send(message)
        assert sent.provider_ref == message.id

    def test_who_refused_there_means_us(self, httpserver: HTTPServer) -> None:
        with pytest.raises(SendNever) as caught:
            self.answering(httpserver, 200, said(60)).send(outgoing("Ket qua"))
        assert caught.value.opted_out
        assert caught.value.words == "60"

    @pytest.mark.parametrize(
        "text", ['", "phone": "1', "{secret}", "{to} {{text}}", "\\", '"}]', "%s\n\x01"]
    )
    def test_no_text_becomes_part_of_the_template(
        self, other: HTTPServer, taken: list[Request], text: str
    ) -> None:
        self.sender(other.url_for("")).send(outgoing(text))
        assert self.arrived(taken[0]) == (PHONE, text)
        assert PASSWORD not in taken[0].get_data(as_text=True)


class TestInAddresses(SenderContract):
    path = "/push"
    refusals = (
        (200, "ERR1 no such number", SendNever),
        (200, "ERR2 no money", SendLater),
        (200, f"no sense {PHONE}", SendLater),
        (200, "", SendLater),
        (401, "", SendLater),
        (404, "", SendNever),
    )
    alarms = ((200, "ERR2 no money"), (200, "anything else"), (401, ""))

    def sender(self, base: str) -> Sender:
        return described("hong", HONG, base, self.path)

    def stand_in(self, request: Request) -> Response:
        if (request.args.get("user"), request.args.get("pass")) != ("gateway", PASSWORD):
            return Response("ERR9 who are you")
        if request.method != "GET" or request.get_data() or not request.args.get("msg"):
            return Response("ERR8 how do you ask")
        if not request.args["msisdn"].startswith("+84"):
            return Response("ERR1 no such number")
        return Response("OK:abc123")

    def arrived(self, request: Request) -> tuple[str, str]:
        return request.args["msisdn"], request.args["msg"]

    def report_address(self, request: Request) -> str:
        return request.args["ref"]

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)

    def test_where_receipts_name_ours_that_is_what_we_keep(self, other: HTTPServer) -> None:
        message = outgoing("Ket qua")
        assert self.sender(other.url_for("")).send(message).provider_ref == message.id


class TestInForms(SenderContract):
    path = "/send"
    refusals = (
        (400, "", SendNever),
        (403, "", SendLater),
        (302, "", SendLater),
    )
    alarms = ((403, ""),)

    def sender(self, base: str) -> Sender:
        return described("cuu", CUU, base, self.path)

    def stand_in(self, request: Request) -> Response:
        if request.form.get("key") != PASSWORD:
            return Response("", 403)
        if not request.mimetype.endswith("form-urlencoded") or request.form["to"][:1] != "0":
            return Response("", 400)
        return Response("thank you", 202)

    def arrived(self, request: Request) -> tuple[str, str]:
        text = base64.b64decode(request.form["body"], validate=True).decode()
        return f"+84{request.form['to'][1:]}", text

    def report_address(self, request: Request) -> str:
        return request.form["cb"]

    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "SECONDS", 0.2)


def test_where_an_id_is_the_only_sign_there_must_be_one(httpserver: HTTPServer) -> None:
    values = {
        "URL": httpserver.url_for("/s"),
        "BODY": '{"to": "{to}", "text": "{text}"}',
        "ID": "id",
    }
    sender = DescribedSender(
        understood("dat", values), public_url="https://motcua.example.vn", path_secret=None
    )
    httpserver.expect_ordered_request("/s").respond_with_data('{"id": "a1"}')
    assert sender.send(outgoing("Ket qua")).provider_ref == "a1"
    for answer in ("{}", "thank you", '{"id": {}}', '{"id": "é"}', json.dumps({"id": "x" * 101})):
        httpserver.expect_ordered_request("/s").respond_with_data(answer)
        with pytest.raises(SendLater):
            sender.send(outgoing("Ket qua"))


def test_one_that_only_brings_cannot_send() -> None:
    spec = understood("hong", {"MESSAGE_FROM": "from", "MESSAGE_TEXT": "text"})
    with pytest.raises(ValueError, match="only brings"):
        DescribedSender(spec, public_url="https://motcua.example.vn", path_secret="s")


def test_an_own_content_type_stays(httpserver: HTTPServer) -> None:
    values = {
        "URL": httpserver.url_for("/s"),
        "CONTENT": "json",
        "HEADERS": '{"content-type": "application/vnd.sms+json"}',
        "BODY": '[{"to": "{to}", "text": "{text}"}]',
    }
    httpserver.expect_request(
        "/s", headers={"Content-Type": "application/vnd.sms+json"}
    ).respond_with_data("")
    sender = DescribedSender(
        understood("dat", values), public_url="https://motcua.example.vn", path_secret="s"
    )
    message = replace(outgoing("Ket qua"), key="key-2")
    assert sender.send(message).provider_ref == message.id


@pytest.mark.parametrize(
    ("change", "names_us"),
    [
        ({}, True),
        ({"BODY": '{"phone": "{to}", "content": "{text}"}'}, False),
        ({"BODY": '{"phone": "{to}", "content": "{text}"}', "RECEIPT_OURS": "/clientId"}, True),
    ],
)
def test_it_knows_whether_receipts_will_name_our_id(
    change: Mapping[str, str], names_us: bool
) -> None:
    """Where they do, what nobody could mark as sent is settled by its receipt."""
    spec = understood("songhuong", {**SONGHUONG, **change})
    sender = DescribedSender(spec, public_url="https://motcua.example.vn", path_secret="s")
    assert sender.receipt_names_us is names_us
