"""Whatever is sent to whichever address: an answer in the protocol's own way, one masked line, no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs

from core.gsm import septets
from core.privacy import redactor
from core.store.tables import inbox
from gateway import app, wiring
from tests.gateway.conftest import SECRET, a_house
from tests.talk import twilio_signature

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PHONE = "+84912345678"
TELEGRAM_SECRET = "X-Telegram-Bot-Api-Secret-Token"

ODD: Mapping[str, str] = {
    "empty": "",
    "nul": "a\0b",
    "long": "9" * 5000,
    "emoji": "😀" * 5,
    "accents": "Hồ sơ của tôi",
    "right to left": "\u202e\u200babc",
    "stars": "*" * 300,
    "page": "<script>alert(1)</script>",
    "quotes": "'; DROP TABLE person; --",
    "format": "%s%n{0}{name}",
    "minus": "-1",
    "line": "1\r\nX-Injected: yes",
}


@dataclass(frozen=True)
class Asked:
    """One request, as a network makes it."""

    method: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = FORM


class Gateway:
    """The whole application, and what it writes down about a request."""

    def __init__(self, house: wiring.House) -> None:
        self.house = house
        self.flask: Flask = app.make(house)
        self.client: FlaskClient = self.flask.test_client()
        self.lines: list[Mapping[str, Any]] = []

    def gets(self, asked: Asked) -> tuple[int, str, str]:
        """Status, content type and text of the answer; none of them may tell anything."""
        body = asked.body
        query = ""
        if body is None:
            coded = urlencode(asked.fields)
            body, query = (b"", coded) if asked.method == "GET" else (coded.encode(), "")
        with capture_logs() as lines:
            answer = self.client.open(
                asked.path,
                method=asked.method,
                query_string=query,
                data=body,
                headers=dict(asked.headers),
                content_type=asked.content_type,
            )
        self.lines = [redactor(None, "", dict(line)) for line in lines]
        text = answer.get_data(as_text=True)
        for told in (text, str(self.lines)):
            assert "Traceback" not in told
            assert PHONE[3:] not in told
        assert SECRET not in str(self.lines)
        assert "X-Injected" not in answer.headers
        assert answer.status_code < 500, text
        return answer.status_code, answer.content_type or "", text


@pytest.fixture(scope="module")
def gateway(
    database_url: str, redis_url: str, sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One for all: whatever was sent before must not matter either."""
    with (
        pytest.MonkeyPatch.context() as environment,
        a_house(
            environment, tmp_path_factory.mktemp("bad-input"), database_url, redis_url, sandbox
        ) as house,
    ):
        yield Gateway(house)


def hop(**fields: str) -> Asked:
    usual = {
        "sessionId": f"ATUid_{uuid4().hex}",
        "phoneNumber": PHONE,
        "networkCode": "45204",
        "serviceCode": "*1022#",
        "text": "",
    }
    return Asked("POST", f"/ussd/africastalking/{SECRET}", usual | fields)


def kannel(**fields: str) -> Asked:
    usual = {"from": PHONE, "to": "1022", "text": "menu", "charset": "UTF-8", "id": str(uuid4())}
    return Asked("GET", f"/sms/kannel/{SECRET}/message", usual | fields)


def twilio(gateway: Gateway, **fields: str) -> Asked:
    usual = {"MessageSid": f"SM{uuid4().hex}", "From": PHONE, "To": "1022", "Body": "menu"}
    return signed(gateway, Asked("POST", "/sms/twilio/message", usual | fields))


def signed(gateway: Gateway, asked: Asked) -> Asked:
    settings = gateway.house.settings
    token = settings.twilio_auth_token.get_secret_value()
    signature = twilio_signature(token, f"{settings.base_url}{asked.path}", asked.fields)
    return replace(asked, headers={"X-Twilio-Signature": signature})


def chat(gateway: Gateway, body: bytes, content_type: str = JSON) -> Asked:
    secret = gateway.house.settings.telegram_webhook_secret.get_secret_value()
    headers = {TELEGRAM_SECRET: secret}
    return Asked("POST", "/bot/telegram/webhook", {}, headers, body, content_type)


def verify(gateway: Gateway, body: bytes, content_type: str = JSON) -> Asked:
    key = gateway.house.settings.officer_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"}
    return Asked("POST", "/api/v1/verify", {}, headers, body, content_type)


def is_ussd(status: int, text: str) -> bool:
    """A page that a network would show, or a polite end."""
    size = septets(text[4:])
    return text[:4] == "END " or (
        status == 200 and text[:4] == "CON " and size is not None and size <= 160
    )


# USSD


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["sessionId", "phoneNumber", "serviceCode", "text"])
def test_an_odd_field_of_a_hop(gateway: Gateway, name: str, odd: str) -> None:
    status, _, text = gateway.gets(hop(**{name: ODD[odd]}))
    assert status in (200, 400)
    assert is_ussd(status, text), text
    assert len([line for line in gateway.lines if line["event"] == "ussd_hop"]) <= 1


@pytest.mark.parametrize("name", ["sessionId", "phoneNumber", "serviceCode", "text"])
def test_a_field_that_a_hop_lacks(gateway: Gateway, name: str) -> None:
    asked = hop()
    fields = {key: value for key, value in asked.fields.items() if key != name}
    status, _, text = gateway.gets(replace(asked, fields=fields))
    assert (status, text[:4]) == (400, "END ")
    assert [line["event"] for line in gateway.lines] == ["ussd_hop"]
    assert (gateway.lines[0]["outcome"], gateway.lines[0]["what"]) == ("malformed", name)


@pytest.mark.parametrize(
    "text", ["*" * 10_000, "2*" * 4000, "98*" * 500, "1*1*1*0*00*9*9", "1*\0*2", "😀*1", "x" * 8000]
)
def test_a_history_without_end(gateway: Gateway, text: str) -> None:
    status, _, said = gateway.gets(hop(text=text))
    assert status in (200, 413)
    assert is_ussd(status, said), said


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"text=" + b"a" * 3_000_000, 413),
        (b"&".join([b"a=1"] * 200), 400),
        (urlencode(hop().fields).encode() + b"&text=%ff%fe", 400),
        (urlencode(hop().fields).encode() + b"&text=\xff", 400),
        (urlencode(hop().fields).encode() + b"&text=%ed%a0%80", 400),
        (urlencode(hop().fields).encode() + b"&text=%zz%", 200),
        (urlencode(hop().fields).encode() + b"&phoneNumber=911", 400),
    ],
)
def test_a_body_that_is_no_hop(gateway: Gateway, body: bytes, status: int) -> None:
    given, _, text = gateway.gets(replace(hop(), body=body))
    assert given == status
    assert is_ussd(status, text), text


@pytest.mark.parametrize("kind", ["", "text/plain", JSON, "multipart/form-data; boundary=x"])
def test_a_hop_of_another_kind(gateway: Gateway, kind: str) -> None:
    status, _, text = gateway.gets(replace(hop(), content_type=kind))
    assert (status, text[:4]) == (415, "END ")


@pytest.mark.parametrize(
    "number",
    ["911", "abc", "+1", "+84", "+8491234567", "+849123456789012345", "0" * 40, "++84912345678",
     "٠٩١٢٣٤٥٦٧٨", "*#06#", "tel:+84912345678", "1022"],
)  # fmt: skip
def test_what_is_no_telephone_number(gateway: Gateway, number: str) -> None:
    assert gateway.gets(hop(phoneNumber=number))[0] == 400
    assert gateway.gets(kannel(**{"from": number}))[:1] in ((200,), (400,))
    with gateway.house.database.begin() as connection:
        stored = connection.exec_driver_sql("select count(*) from address").scalar_one()
    gateway.gets(hop(phoneNumber=number))
    with gateway.house.database.begin() as connection:
        after = connection.exec_driver_sql("select count(*) from address").scalar_one()
    assert after == stored


# SMS


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_text(gateway: Gateway, odd: str) -> None:
    status, kind, text = gateway.gets(twilio(gateway, Body=ODD[odd]))
    assert (status, kind) == (200, "text/xml; charset=utf-8")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response')
    assert gateway.gets(kannel(text=ODD[odd]))[0] == 200


@pytest.mark.parametrize("odd", ["empty", "nul", "long", "emoji", "line"])
@pytest.mark.parametrize("name", ["MessageSid", "From", "To"])
def test_an_odd_field_of_a_text(gateway: Gateway, name: str, odd: str) -> None:
    status, _, text = gateway.gets(twilio(gateway, **{name: ODD[odd]}))
    assert (status, text) == (400, f"Bad request: {name}")
    ours = {"MessageSid": "id", "From": "from", "To": "to"}[name]
    status, _, text = gateway.gets(kannel(**{ours: ODD[odd]}))
    assert (status, text) == (400, f"Bad request: {ours}")


def test_a_forged_text_is_not_stored(gateway: Gateway) -> None:
    asked = twilio(gateway, MessageSid="SMforged")
    for headers in (
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "é"},
        {"X-Twilio-Signature": twilio_signature("guessed", "http://x", asked.fields)},
    ):
        assert gateway.gets(replace(asked, headers=headers))[0] == 403
        assert [line["outcome"] for line in gateway.lines] == ["forbidden"]
    tampered = {**asked.fields, "From": "+84987654321"}
    assert gateway.gets(replace(asked, fields=tampered))[0] == 403
    assert gateway.gets(replace(asked, headers={}))[0] == 403
    with gateway.house.database.begin() as connection:
        found = connection.execute(select(inbox.c.id).where(inbox.c.provider_id == "SMforged"))
        assert found.all() == []


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("text=%ff%fe", "text"),
        ("charset=UTF-16BE&text=%00", "text"),
        ("charset=UTF-16BE&text=%d8%00", "text"),
        ("charset=EBCDIC&text=a", "charset"),
        ("", "text"),
        ("&&&===", "text"),
    ],
)
def test_bytes_that_are_no_text(gateway: Gateway, query: str, what: str) -> None:
    rest = urlencode({"from": PHONE, "to": "1022", "id": "1"})
    with capture_logs() as lines:
        answer = gateway.client.get(f"/sms/kannel/{SECRET}/message?{rest}&{query}")
    assert (answer.status_code, answer.text) == (400, f"Bad request: {what}")
    assert [line["outcome"] for line in lines] == ["malformed"]


# Chat and the API

DEEP = b"[" * 90_000
NO_UPDATES = [
    b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b'{"update_id":"1"}', DEEP,
    b'{"update_id":1e400}', b'{"update_id":true}', b'{"update_id":NaN}',
    b'{"update_id":99999999999999999999999}', b'{"a":' * 20_000, b'{"update_id":' + b"1" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", NO_UPDATES, ids=lambda body: repr(body[:20]))
def test_json_that_is_no_update(gateway: Gateway, body: bytes) -> None:
    assert gateway.gets(chat(gateway, body))[0] == 400
    assert [line["event"] for line in gateway.lines] == ["telegram_update"]


WRONG: list[Any] = [None, 1, -1.5, True, "", [], {}, "x" * 5000, "\0", "\ud800", [[]], 10**30]


@pytest.mark.parametrize("name", ["chat", "from", "text", "contact", "photo", "data", "message"])
def test_updates_of_every_wrong_shape(gateway: Gateway, name: str) -> None:
    who = {"id": 84912345678, "is_bot": False, "first_name": "x"}
    message = {"message_id": 1, "chat": {**who, "type": "private"}, "from": who, "text": "hi"}
    tap = {"id": "1", "from": who, "message": message, "data": "0:qr"}
    for number, value in enumerate(WRONG):
        for kind, content in (("message", message), ("callback_query", tap)):
            update = {"update_id": number, kind: {**content, name: value}}
            body = json.dumps(update).encode()
            assert gateway.gets(chat(gateway, body))[0] == 200, value


@pytest.mark.parametrize(
    "body",
    [*NO_UPDATES, b'{"code":"\\ud800"}', b'{"code":1}', b'{"code":[]}', b'{"payload":"x","code":"1"}',
     b'{"payload":"' + b"|" * 900 + b'"}', b'{"code":"1","place":"' + b"x" * 900 + b'"}'],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_json_that_asks_nothing(gateway: Gateway, body: bytes) -> None:
    status, kind, text = gateway.gets(verify(gateway, body))
    assert status in (400, 413, 422)
    assert kind == "application/problem+json"
    told = json.loads(text)
    assert (told["status"], told["result"]) == (status, "refused")


@pytest.mark.parametrize("kind", ["", "text/plain", FORM, "multipart/form-data; boundary=x"])
def test_json_of_another_kind(gateway: Gateway, kind: str) -> None:
    assert gateway.gets(chat(gateway, b"{}", kind))[0] == 415
    assert gateway.gets(verify(gateway, b"{}", kind))[0] == 415


@pytest.mark.parametrize("size", [1_500_000, 3_000_000])
def test_more_than_anybody_sends(gateway: Gateway, size: int) -> None:
    body = b"x" * size
    for asked in (
        replace(hop(), body=body),
        replace(twilio(gateway), body=body),
        chat(gateway, body),
        verify(gateway, body),
    ):
        assert gateway.gets(asked)[0] == 413, asked.path
