"""Nothing that tells who somebody is, or opens a door, reaches a log."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.privacy import mask_name, mask_paper, mask_phone, redact, redactor

QR = "001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|<1<00<0123232422"
TOKEN = "AAEhBP0av28abcdefghijklmnopqrstuvw"

SCRAPS = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[0-9]{7,14}", fullmatch=True),
    st.from_regex(r"(\+84|0)[0-9]{9}", fullmatch=True),
    st.sampled_from(["|", "<", " ", "/", "%7C", "HC1:", "Bearer ", "token=", "://", "@", "-", QR]),
)
LINES = st.lists(SCRAPS, max_size=8).map("".join)
ANYTHING = st.recursive(
    st.one_of(LINES, st.integers(), st.floats(), st.booleans(), st.none(), st.binary(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(LINES, st.sampled_from(["phone", "name", "token", "paper"])),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+84912345678", "+84******678"),
        ("0912345678", "0******678"),
        ("113", "***"),
        ("", ""),
    ],
)
def test_mask_phone(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("001093029317", "******029317"),
        ("123456789", "******789"),
        ("C1234567", "******67"),
        ("DN4010123456789", "*********456789"),
        ("12345", "*****"),
    ],
)
def test_mask_paper(number: str, masked: str) -> None:
    assert mask_paper(number) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("NGUYEN VAN AN", "NGUYEN V** A**"),
        ("Đặng Hường", "Đặng H**"),
        ("Ý", "Ý**"),
        ("  LE   THI  ", "LE T**"),
        ("", ""),
    ],
)
def test_mask_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("from +84912345678", "from +********678"),
        ("from 0912 345 678 now", "from **** *** 678 now"),
        ("84-912-345-678", "**-***-***-678"),
        ("paper 001093029317, 123456789", "paper *********317, ******789"),
        ("paper 001 093 029 317", "paper *** *** *** 317"),
        ("passport B1234567", "passport B****567"),
        ("code 4821 0011 2233", "code **** **** *233"),
        (f"scanned {QR} twice", "scanned [qr] twice"),
        ("/v?p=001093029317%7CNGUYEN%20A%7C1987-01-18%7C0 ok", "/v?p=[qr] ok"),
        ("HC1:6BF+70790T9WJWG.FKY*4GO0", "[vaccine passport]"),
        ("Authorization: Bearer abc.def-12", "Authorization: Bearer [removed]"),
        (f"/bot123456789:{TOKEN}/sendMessage", "/bot[removed]/sendMessage"),
        ("POST /ussd/africastalking/s3cr3t/notice", "POST /ussd/africastalking/[removed]/notice"),
        ("/sms/kannel/open-sesame/message?x=1", "/sms/kannel/[removed]/message?x=1"),
        ("postgresql://me:pw@db:5432/x", "postgresql://[removed]@db:5432/x"),
        ("?token=abc&x=1", "?token=[removed]&x=1"),
        ('{"password": "hunter2", "a": 1}', '{"password": [removed], "a": 1}'),
        ("/hooks/Ab3dEf6hIj9kLm2nOp5qRs8t/x", "/hooks/[removed]/x"),
    ],
)
def test_what_is_hidden_in_a_string(said: str, logged: str) -> None:
    assert redact(said) == logged


@pytest.mark.parametrize(
    "said",
    [
        "POST /sms/twilio/message 200",
        "2026-11-23 03:47:00",
        "2026-11-23T03:47:00+07:00 took 0.0123 s",
        "192.168.1.10:8000",
        "/Patient/9f1c2d3e-1234-4abc-9def-0011a233445f",
        "10, 20, 30 | a | b",
        "declare.symptoms",
        "Đã gửi 3 tin",
    ],
)
def test_what_is_left_alone(said: str) -> None:
    assert redact(said) == said


@dataclass(frozen=True)
class Visitor:
    name: str
    born: date
    paper: str = field(repr=False)


def test_fields_are_judged_by_their_names() -> None:
    event = {
        "event": "heard",
        "phone": "+84912345678",
        "name": "NGUYEN VAN AN",
        "text": "toi bi sot",
        "chat_id": 912345678,
        "apiKey": "k",
        "headers": {"X-Twilio-Signature": "abc=", "Host": "x.vn"},
        "citizen": Visitor("LE THI BE", date(1990, 9, 5), "001093029317"),
        "numbers": ["0912345678"],
        "error": ValueError("bad +84912345678"),
        "body": None,
        "seconds": 0.01234567891234,
        "raw": b"0912345678",
        "status_code": 200,
    }
    assert redactor(None, "info", event) == {
        "event": "heard",
        "phone": "+84******678",
        "name": "NGUYEN V** A**",
        "text": "[removed]",
        "chat_id": "******678",
        "apiKey": "[removed]",
        "headers": {"X-Twilio-Signature": "[removed]", "Host": "x.vn"},
        "citizen": {"name": "LE T** B**", "born": "1990-09-05"},
        "numbers": ["*******678"],
        "error": "ValueError: bad +********678",
        "body": None,
        "seconds": 0.012346,
        "raw": "[10 bytes]",
        "status_code": 200,
    }
    assert event["phone"] == "+84912345678"


def test_an_exception_is_left_to_the_next_processor() -> None:
    assert redactor(None, "error", {"event": "x", "exc_info": True})["exc_info"] is True


def test_what_holds_itself_comes_to_an_end() -> None:
    endless: list[object] = ["0912345678"]
    endless.append(endless)
    assert "[too deep]" in str(redact(endless))


def leaves(logged: object) -> Iterator[str]:
    """Every string, number and key that a log line would hold."""
    match logged:
        case dict():
            for key, value in logged.items():
                yield from (key, *leaves(value))
        case list():
            for value in logged:
                yield from leaves(value)
        case _:
            yield str(logged)


@given(ANYTHING)
@settings(max_examples=300)
def test_no_nine_digits_in_a_row_survive(anything: object) -> None:
    assert [leaf for leaf in leaves(redact(anything)) if re.search(r"\d{9}", leaf)] == []


@given(LINES, LINES)
@settings(max_examples=100)
def test_no_personal_qr_survives(before: str, after: str) -> None:
    assert "NGUYEN VAN A" not in str(redact(f"{before} {QR} {after}"))


@pytest.mark.parametrize("scrap", ["a", "|", "0 ", "%7C", "token", "://a", "/a1", "1:", "=", "-"])
def test_a_strangers_long_text_costs_little(scrap: str) -> None:
    started = time.process_time()
    redact(scrap * 20_000)
    assert time.process_time() - started < 0.5
