"""What settings say about a provider is understood, or refused in one line that says what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.asked import read_fields
from core.platform.reading import parsed
from sms.providers.httpsms_spec import WrongSetting, understood
from sms.providers.httpsms_template import Body, Place, Wrong
from tests.conftest import ROOT
from tests.sms.described import CUU, HONG, SONGHUONG

SENDS = {"URL": "https://a.example/s", "BODY": '{"to": "{to}", "text": "{text}"}'}
HEARS = {"MESSAGE_FROM": "from", "MESSAGE_TEXT": "text"}


@pytest.mark.parametrize("values", [SONGHUONG, HONG, CUU, SENDS, HEARS, SENDS | HEARS])
def test_what_is_right_is_understood(values: dict[str, str]) -> None:
    spec = understood("abc", values)
    assert (spec.outward is not None) == ("URL" in values)
    assert (spec.inward.text is not None) == ("MESSAGE_TEXT" in values)


@pytest.mark.parametrize(
    ("values", "setting", "why"),
    [
        ({}, "URL", "set it to send, or MESSAGE_FROM and MESSAGE_TEXT"),
        ({**SENDS, "URL": "a.example"}, "URL", "whole address"),
        ({**SENDS, "URL": "https://a.example/{phone}"}, "URL", "{phone} is not known"),
        ({**SENDS, "METHOD": "post"}, "METHOD", "`post`: it is one of POST, GET, PUT"),
        ({**SENDS, "METHOD": "GET"}, "CONTENT", "set it to `query`"),
        ({**SENDS, "CONTENT": "xml"}, "CONTENT", "it is one of json, form, query"),
        ({**SENDS, "BODY": ""}, "BODY", "write it as JSON"),
        ({**SENDS, "BODY": "to={to}&text={text}"}, "BODY", "write it as JSON"),
        ({**SENDS, "CONTENT": "form", "BODY": "a=%FF"}, "BODY", "write it as a form"),
        ({**SENDS, "BODY": '{"to": "{to}"}'}, "BODY", "it must hold {text}"),
        ({**SENDS, "BODY": '{"text": "{text}"}'}, "BODY", "it must hold {to}"),
        (
            {**SENDS, "BODY": '{"to": "{to}", "text": "{message}"}'},
            "BODY",
            "{message} is not known",
        ),
        ({**SENDS, "HEADERS": "Authorization: x"}, "HEADERS", "write them as JSON"),
        ({**SENDS, "HEADERS": '{"A": 5}'}, "HEADERS", "write them as JSON"),
        ({**SENDS, "HEADERS": '{"A B": "x"}'}, "HEADERS", "plain letters"),
        ({**SENDS, "HEADERS": '{"A": "x\\ny"}'}, "HEADERS", "plain letters"),
        ({**SENDS, "HEADERS": '{"A": "{text}"}'}, "HEADERS", "only {secret}"),
        ({**SENDS, "CODINGS": "0"}, "CODINGS", "give two words"),
        ({**SENDS, "CODINGS": "0,4,8"}, "CODINGS", "give two words"),
        ({**SENDS, "ID": "re:id=\\d+"}, "ID", "needs one group"),
        ({**SENDS, "ID": "re:("}, "ID", "no regular expression"),
        ({**SENDS, "ID": "/a~2"}, "ID", "a JSON pointer looks like"),
        ({**SENDS, "CODE": "code"}, "CODES", "say which code means that it was taken"),
        ({**SENDS, "CODE": "code", "CODES": "5=retry"}, "CODES", "such as `0=taken`"),
        ({**SENDS, "CODES": "0"}, "CODES", "write pairs parted by commas"),
        ({**SENDS, "CODES": "=taken"}, "CODES", "write pairs parted by commas"),
        ({**SENDS, "CODES": "0=ok"}, "CODES", "`ok`: it is one of taken, retry, another, never"),
        ({**SENDS, "MESSAGE_FROM": "from"}, "MESSAGE_TEXT", "name this field too"),
        ({**SENDS, "MESSAGE_TEXT": "text"}, "MESSAGE_FROM", "name this field too"),
        ({**HEARS, "CALLS": "xml"}, "CALLS", "it is one of json, form, query"),
        ({**HEARS, "EACH": "/results"}, "EACH", "set CALLS to `json`"),
        ({**SENDS, "RECEIPT_STATUS": "s"}, "STATUSES", "say what they mean"),
        ({**SENDS, "RECEIPT_STATUS": "s", "STATUSES": "1=arrived"}, "STATUSES", "`arrived`: it is"),
        ({**SENDS, "RECEIPT_STATUS": "s", "STATUSES": "1=sent"}, "RECEIPT_ID", "or use {receipts}"),
        (
            {**SENDS, "RECEIPT_STATUS": "s", "STATUSES": "1=sent", "RECEIPT_ID": "id"},
            "ID",
            "say where the answer holds the id",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_what_to_do(
    values: dict[str, str], setting: str, why: str
) -> None:
    with pytest.raises(WrongSetting) as caught:
        understood("abc", values)
    assert caught.value.setting == setting
    assert why in caught.value.why
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "A", "viettel-sms", "x", "đ" * 5, "a" * 21, "1a"])
def test_a_name_is_small_letters_and_digits(name: str) -> None:
    with pytest.raises(WrongSetting, match="small letters and digits"):
        understood(name, SENDS)


@pytest.mark.parametrize("secret", ["hunter2-hunter2", "Bearer abc=="])
def test_a_secret_in_the_wrong_place_is_not_shown(secret: str) -> None:
    for setting in ("METHOD", "CONTENT", "CALLS", "CODES", "HEADERS", "BODY", "URL", "CODINGS"):
        with pytest.raises(WrongSetting) as caught:
            understood("abc", {**SENDS, setting: secret})
        assert secret not in str(caught.value)


def test_nothing_secret_is_shown() -> None:
    shown = repr(understood("abc", SONGHUONG)) + repr(understood("abc", HONG))
    assert SONGHUONG["SECRET"] not in shown
    assert "Bearer" not in shown


@pytest.mark.parametrize(
    ("written", "value", "found"),
    [
        ("id", {"id": "a"}, "a"),
        ("/id", {"id": "a"}, "a"),
        ("/data/0/id", {"data": [{"id": 7}]}, "7"),
        ("/a~1b/c~0d", {"a/b": {"c~d": "x"}}, "x"),
        ("/data/1", {"data": ["x"]}, ""),
        ("/data/-1", {"data": ["x"]}, ""),
        ("/data/x", {"data": ["x"]}, ""),
        ("/ok", {"ok": True}, "true"),
        ("/ok", {"ok": None}, ""),
        ("/ok", {"ok": {"a": 1}}, ""),
        ("id", None, ""),
        ("id", "id", ""),
    ],
)
def test_places_in_json(written: str, value: Any, found: str) -> None:
    assert Place.read(written).text("", value) == found


def test_a_place_in_plain_words() -> None:
    place = Place.read("re:id[=:] *(\\w+)")
    assert place.text("OK id= abc12;", None) == "abc12"
    assert place.text("ERROR", None) == ""


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=200)
def test_a_filled_body_reads_back_as_what_was_put_in(text: str, secret: str) -> None:
    text, secret = (one.encode("utf-8", "replace").decode() for one in (text, secret))
    values = {"text": text, "secret": secret, "to": "+84912345678"}
    as_json = Body.read('{"a": ["{text}", {"b": "x{secret}y{text}"}]}', is_json=True)
    expected = {"a": [text, {"b": f"x{secret}y{text}"}]}
    assert Body.read(as_json.filled({}).decode(), is_json=True) == as_json
    assert parsed(as_json.filled(values)) == expected
    as_form = Body.read("a={text}&b=x{secret}y&c=", is_json=False)
    assert read_fields(as_form.filled(values)) == [("a", text), ("b", f"x{secret}y"), ("c", "")]


@pytest.mark.parametrize("written", ["re:a", "/" + "a/" * 30, "x" * 201, "a\tb"])
def test_what_is_no_place(written: str) -> None:
    with pytest.raises(Wrong):
        Place.read(written)


def test_the_example_of_the_page_is_the_one_that_is_tested() -> None:
    page = (ROOT / "docs" / "sms.md").read_text(encoding="utf-8")
    prefix = "MOTCUA_HTTPSMS_SONGHUONG_"
    shown = dict(re.findall(rf"^    {prefix}(\w+?)=(.*)$", page, re.M))
    assert shown.pop("PATH_SECRET")
    assert shown == SONGHUONG
