"""Whatever is sent where JSON is expected, or more than anybody sends: refused, not stumbled over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.gateway.asking import FORM, Gateway, chat, hop, twilio, verify
from tests.gateway.conftest import a_house


@pytest.fixture(scope="module")
def gateway(
    database_url: str, redis_url: str, sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One for all: whatever was sent before must not matter either."""
    with (
        pytest.MonkeyPatch.context() as environment,
        a_house(
            environment, tmp_path_factory.mktemp("bad-json"), database_url, redis_url, sandbox
        ) as house,
    ):
        yield Gateway(house)


DEEP = b"[" * 90_000
NO_UPDATES = [
    b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b'{"update_id":"1"}', DEEP,
    b'{"update_id":1e400}', b'{"update_id":true}', b'{"update_id":NaN}',
    b'{"update_id":99999999999999999999999}', b'{"a":' * 20_000, b'{"update_id":' + b"1" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", NO_UPDATES, ids=lambda body: repr(body[:20]))
def test_json_that_is_no_update(gateway: Gateway, body: bytes) -> None:
    assert gateway.gets(chat(gateway, body))[0] == 400
    assert [line["event"] for line in gateway.lines] == ["chat_event"]


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
