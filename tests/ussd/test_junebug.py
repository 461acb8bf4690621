"""Junebug: hops are posted to us, pages are posted to it, and each proves itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.core.house import House
from tests.fakes import PHONE
from tests.ussd.contract import UssdContract
from tests.ussd.wires import JunebugWire
from ussd.aggregators.junebug import Junebug
from ussd.app import Door
from ussd.junebug_channel import JunebugChannel
from ussd.pages import UssdVoice

CODE, TOKEN, SECRET = "*1022#", "token-of-junebug", "secret-of-the-path"
MESSAGES = "/channels/ussd-1/messages/"
URL = f"/ussd/junebug/{SECRET}"


class TestJunebug(UssdContract):
    wire = JunebugWire()
    aggregator = Junebug(CODE, token=wire.token, post=wire.take)


class Peer:
    """Junebug's own side, with the rules of its messages address."""

    def __init__(self, server: HTTPServer) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 201
        self.asked: set[str] = set()
        server.expect_request(MESSAGES, method="POST").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return Response(status=401)
        message = request.get_json()
        if message["reply_to"] not in self.asked or set(message) != {
            "reply_to", "content", "channel_data",
        }:  # fmt: skip
            return Response(status=400)
        if self.status == 201:
            self.taken.append(message)
        return Response(json.dumps({"status": self.status}), self.status)


@pytest.fixture
def peer(httpserver: HTTPServer) -> Peer:
    return Peer(httpserver)


@pytest.fixture
def client(peer: Peer, httpserver: HTTPServer) -> FlaskClient:
    post = JunebugChannel(httpserver.url_for("/"), "ussd-1", token=TOKEN)
    app = Flask(__name__)
    app.wsgi_app = Door(  # type: ignore[method-assign]
        app.wsgi_app,
        engine=House().engine,
        voice=UssdVoice(),
        secrets={"junebug": SECRET},
        aggregators=(Junebug(CODE, token=TOKEN, post=post),),
    )
    return app.test_client()


def says(
    client: FlaskClient,
    peer: Peer,
    content: str | None,
    id: str,
    event: str = "resume",
    **more: Any,
) -> int:
    peer.asked.add(id)
    told = {
        "to": CODE, "from": PHONE, "group": None, "message_id": id, "channel_id": "ussd-1",
        "timestamp": "2026-11-23 12:44:27.103", "reply_to": None, "content": content,
        "channel_data": {"session_event": event}, **more,
    }  # fmt: skip
    headers = {"Authorization": f"Token {TOKEN}"}
    return client.post(URL, json=told, headers=headers).status_code


def test_a_hop_is_answered_by_a_message_of_ours(client: FlaskClient, peer: Peer) -> None:
    assert says(client, peer, None, "m1", "new") == 200
    assert says(client, peer, "9", "m2") == 200
    first, second = peer.taken
    assert first["reply_to"] == "m1"
    assert "9 English" in first["content"]
    assert second["channel_data"] == {"session_event": "resume"}
    assert "9 Tieng Viet" in second["content"]


def test_what_was_dialled_with_the_code_is_said_at_once(client: FlaskClient, peer: Peer) -> None:
    says(client, peer, None, "m1", "new", to="*1022*9*8#")
    assert "Register a relative" in peer.taken[0]["content"]


def test_whoever_leaves_gets_no_message(client: FlaskClient, peer: Peer) -> None:
    says(client, peer, None, "m1", "new")
    assert says(client, peer, None, "m2", "close") == 200
    assert len(peer.taken) == 1


def test_a_page_that_is_not_taken_is_told_to_junebug(client: FlaskClient, peer: Peer) -> None:
    peer.status = 500
    assert says(client, peer, None, "m1", "new") == 502


@pytest.mark.parametrize("token", ["", "Token wrong", f"Bearer {TOKEN}", TOKEN])
def test_who_does_not_know_the_token_learns_nothing(
    client: FlaskClient, peer: Peer, token: str
) -> None:
    answer = client.post(URL, json={"from": PHONE}, headers={"Authorization": token})
    assert (answer.status_code, answer.data) == (403, b"Forbidden")
    assert peer.taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"from": "x"}', b"\xff", b'{"a":' * 999])
def test_nonsense_is_refused(client: FlaskClient, peer: Peer, body: bytes) -> None:
    headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
    answer = client.post(URL, data=body, headers=headers)
    assert answer.status_code == 400
    assert peer.taken == []


def test_a_channel_out_of_reach_is_no_trouble_of_the_persons() -> None:
    assert JunebugChannel("http://127.0.0.1:9", "ussd-1", token="")({"content": "x"}) is False
