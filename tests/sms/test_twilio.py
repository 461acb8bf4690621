"""Twilio's calls to us: the contract, its signature vectors, and what is its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from core.asked import Asked as core_asked
from core.asked import read_fields
from core.errors import Malformed
from core.message import Page
from core.outbox.outgoing import Status
from core.store.database import Database
from sms.providers.twilio import STATUSES, Twilio
from tests.fakes import PHONE
from tests.sms.contract import OURS, PUBLIC, SECRET, Asked, SmsContract, Watched
from tests.talk import FORM, Handset, through, twilio_signature

TOKEN = "12345"
CALLS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
SHA = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
OWN = {
    "Body": "Đặt lịch *1#",
    "From": "+84912345678",
    "To": "+12025550100",
    "MessageSid": "SM" + "1" * 32,
    "AccountSid": "AC" + "a" * 32,
    "NumMedia": "0",
    "NumSegments": "1",
}


def signed(path: str, fields: dict[str, str], *, content_type: str = FORM) -> Asked:
    signature = twilio_signature(TOKEN, PUBLIC + path, fields)
    return path, {
        "data": urlencode(fields).encode(),
        "content_type": content_type,
        "headers": {"X-Twilio-Signature": signature},
    }


class TestTwilio(SmsContract):
    provider = Twilio(auth_token=TOKEN, public_url=f"{PUBLIC}/", ours=OURS)
    needed = ("MessageSid", "From", "To", "Body")
    receipt_needed = ("MessageSid", "MessageStatus")
    statuses = STATUSES

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = "", **more: str
    ) -> Asked:
        fields = {**OWN, "Body": text, "From": phone, "MessageSid": id, "FromCity": "", **more}
        fields.pop(drop, None)
        return signed("/sms/twilio/message", fields)

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        fields = {"MessageSid": ref, "MessageStatus": word, "ErrorCode": "30003", "To": PHONE}
        fields.pop(drop, None)
        return signed(f"/sms/twilio/receipt?id={outgoing_id}", fields)

    def forged(self, asked: Asked) -> Iterator[Asked]:
        path, arguments = asked
        signature = arguments["headers"]["X-Twilio-Signature"]
        yield path, {**arguments, "headers": {}}
        yield path, {**arguments, "headers": {"X-Twilio-Signature": ""}}
        yield path, {**arguments, "headers": {"X-Twilio-Signature": signature[::-1]}}
        yield path, {**arguments, "headers": {"X-Twilio-Signature": "é" * 28}}
        yield path, {**arguments, "data": arguments["data"] + b"&Added=1"}
        yield path + ("&x=1" if "?" in path else "?x=1"), arguments
        other = twilio_signature("another token", PUBLIC + path, {})
        yield path, {**arguments, "data": b"", "headers": {"X-Twilio-Signature": other}}

    def broken(self) -> Iterator[tuple[Asked, int]]:
        path, arguments = self.message(id="SM1")
        yield (path, {**arguments, "content_type": "application/json"}), 415
        yield (path, {**arguments, "content_type": ""}), 415
        yield (path, {**arguments, "data": b"Body=%FF%FE"}), 400
        yield (path, {**arguments, "data": b"&".join([b"a=1"] * 500)}), 400
        yield self.message(id="SM\x00"), 400
        yield self.message(id="x" * 65), 400
        yield self.message(id="SM1", phone="\x00"), 400
        yield self.receipt("no-id", "SM1", "no-such-status"), 400

    def raw(self, path: str, query: bytes, body: bytes, content_type: str) -> Asked:
        """Signed whatever it is; what is no form cannot be, and is no call of Twilio's."""
        address, arguments = super().raw(path, query, body, content_type)
        address = address.replace(f"/{SECRET}/", "/")
        try:
            fields = MultiDict(read_fields(body))
        except Malformed:
            fields = MultiDict()
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC + address, fields)
        return address, {**arguments, "headers": {"X-Twilio-Signature": signature}}

    def reply_in(self, body: bytes) -> str:
        assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
        return "".join(message.text or "" for message in ElementTree.fromstring(body))

    def test_the_reply_is_escaped_xml(self) -> None:
        answer = self.provider.write(Page("Sốt > 38 & <ho>"))
        assert "Sốt &gt; 38 &amp; &lt;ho&gt;" in answer.text
        assert answer.content_type == "text/xml; charset=utf-8"
        assert self.reply_in(answer.text.encode()) == "Sốt > 38 & <ho>"

    def test_nothing_to_say_is_an_empty_response(self) -> None:
        for page in (None, Page("")):
            assert self.provider.write(page).text.endswith("<Response />")

    def test_what_twilio_has_answered_itself_is_heard_and_not_answered_again(
        self, client: FlaskClient, database: Database, watched: Watched
    ) -> None:
        id = self.new_id()
        asked = self.message("STOP", id=id, phone=self.new_phone(), OptOutType="STOP")
        answer = self.call(client, asked)
        assert self.reply_in(answer.data) == ""
        assert len(watched.turns) == 1
        assert self.stored(database, id) == [("done", False)]

    def test_what_its_console_takes_for_a_stop_stops_here_too(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        asked = self.message(
            "khong nhan nua", id=self.new_id(), phone=self.new_phone(), OptOutType="STOP"
        )
        self.call(client, asked)
        assert [turn.said for turn in watched.turns] == [("STOP",)]

    def test_a_second_text_waits_for_the_first_and_is_left_to_a_worker(
        self, client: FlaskClient, database: Database, watched: Watched
    ) -> None:
        phone, first, second = self.new_phone(), self.new_id(), self.new_id()
        watched.fails = RuntimeError("broken")
        self.call(client, self.message("menu", id=first, phone=phone))
        watched.fails = None
        answer = self.call(client, self.message("QR", id=second, phone=phone))
        assert self.reply_in(answer.data) == ""
        assert len(watched.turns) == 1
        assert self.stored(database, second) == [("new", False)]

    def test_a_failed_message_says_why_by_twilios_code(self) -> None:
        asked = self.receipt("11111111-1111-5111-8111-111111111111", "SM1", "undelivered")
        path, arguments = asked
        receipt = self.provider.read_receipt(read(path, arguments))
        assert receipt is not None
        assert (receipt.status, receipt.words) == (Status.FAILED, "30003")
        assert receipt.outgoing_id == "11111111-1111-5111-8111-111111111111"

    def test_without_a_token_there_is_no_provider(self) -> None:
        with pytest.raises(ValueError, match="anybody"):
            Twilio(auth_token="", public_url=PUBLIC)

    def test_a_whole_conversation_by_text(self, parts: dict[str, Any], log: Any) -> None:
        phone = Handset(through(self.make_client(parts)), auth_token=TOKEN, public_url=PUBLIC)
        phone.number = self.new_phone()
        phone.texts("menu").sees("English").texts("9").sees("9 Tieng Viet")
        phone.texts("QR").sees("I agree")
        phone.texts("1").sees("reply with the code")
        phone.texts(f"send {phone.shows.partition('SEND ')[2][:4]}").sees("CCCD")


def read(path: str, arguments: dict[str, Any]) -> Any:
    """The request as the adapter gets it."""
    from_path, _, query = path.partition("?")
    return core_asked(
        from_path.rpartition("/")[2],
        query.encode(),
        arguments["data"],
        arguments["content_type"],
        {name.lower(): value for name, value in arguments["headers"].items()},
    )


@pytest.mark.parametrize(
    ("url", "fields", "signature"),
    [
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            CALLS,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            MultiDict(
                [("Sid", "CA123"), ("SidAccount", "AC123")]
                + [("Digits", digits) for digits in ("5678", "1234", "1234")]
            ),
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
        (
            "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
            CALLS,
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
        (
            "https://mycompany.com:443/myapp.php?foo=1&bar=2",
            CALLS,
            "kvajT1Ptam85bY51eRf/AJRuM3w=",
        ),
        (
            "http://mycompany.com:80/myapp.php?foo=1&bar=2",
            CALLS,
            "0ZXoZLH/DfblKGATFgpif+LLRf4=",
        ),
        (
            f"https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256={SHA}",
            {},
            "a9nBmqA0ju/hNViExpshrM61xv4=",
        ),
        ("https://gw.example.vn/twilio/sms", OWN, "uXt0qhxlmdXjHpvOj3II7MEuIMQ="),
    ],
)
def test_the_signatures_which_twilio_publishes(url: str, fields: Any, signature: str) -> None:
    assert RequestValidator(TOKEN).compute_signature(url, fields) == signature
    if not isinstance(fields, MultiDict):
        assert twilio_signature(TOKEN, url, fields) == signature


def test_the_body_hash_of_the_vector_is_that_of_its_body() -> None:
    body = b'{"property": "value", "boolean": true}'
    assert hashlib.sha256(body).hexdigest() == SHA
