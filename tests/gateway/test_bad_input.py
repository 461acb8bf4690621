"""Whatever a telephone network sends: an answer in the protocol's own way, one masked line, no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from core.store.tables import inbox
from tests.gateway.asking import JSON, PHONE, Gateway, hop, is_ussd, kannel, twilio
from tests.gateway.conftest import SECRET, a_house
from tests.talk import twilio_signature

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
