"""The webhook: proves the caller, stores before it answers, and never fails in its face."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.serving import make_server

from bot.app import LARGEST, SECRET_HEADER, blueprint
from core.message import Inbound
from tests.bot.conftest import Front, blind
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_updates import blocks, membership, push, says

SECRET = "a-Secret_0123456789"
PATH = "/bot/telegram/webhook"
MIME = "application/json"


def app_of(front: Front, secret: str = SECRET) -> Flask:
    app = Flask(__name__)
    app.register_blueprint(
        blueprint(
            inbox=front.inbox,
            block=front.blocked.append,
            notes=front.notes,
            blind=blind,
            secret=secret,
        )
    )
    return app


@pytest.fixture
def client(front: Front) -> FlaskClient:
    return app_of(front).test_client()


@pytest.fixture
def address(front: Front) -> Iterator[str]:
    """The webhook on a real socket."""
    server = make_server("127.0.0.1", 0, app_of(front), threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PATH}"
    server.shutdown()
    thread.join()
    server.server_close()


def post(client: FlaskClient, update: object, secret: str = SECRET, **more: Any) -> int:
    return client.post(PATH, json=update, headers={SECRET_HEADER: secret}, **more).status_code


def test_what_is_said_is_stored_and_answered_at_once(
    peer: TelegramPeer, address: str, front: Front
) -> None:
    update = says(peer, Chat(77), "QR")
    assert push(peer, address, update, secret=SECRET) == [200]
    body = front.inbox.taken[str(update["update_id"])]
    assert Inbound.from_json(body).said == ("QR",)
    assert front.inbox.order_keys == ["telegram:77"]


def test_a_repeat_is_stored_once(peer: TelegramPeer, address: str, front: Front) -> None:
    update = says(peer, Chat(77), "QR")
    assert push(peer, address, update, secret=SECRET) == [200]
    assert push(peer, address, update, secret=SECRET) == [200]
    assert len(front.inbox.taken) == 1


def test_when_the_store_is_away_telegram_brings_it_again(
    peer: TelegramPeer, address: str, front: Front
) -> None:
    front.inbox.broken = 2
    update = says(peer, Chat(77), "QR")
    assert push(peer, address, update, secret=SECRET) == [503, 503, 200]
    assert list(front.inbox.taken) == [str(update["update_id"])]


def test_a_group_is_told_once_in_the_answer(peer: TelegramPeer, address: str, front: Front) -> None:
    group = peer.chat(-88, "group", "en")
    for update in (
        membership(peer, group, before="left", after="member"),
        says(peer, group, "/qr@MotCuaTestBot"),
    ):
        assert push(peer, address, update, secret=SECRET) == [200]
    assert [sent.text for sent in group.messages] == [
        "I only talk in private, because health records are personal. Please write to me directly."
    ]
    assert front.inbox.taken == {}


def test_who_blocks_the_bot_opts_out(peer: TelegramPeer, address: str, front: Front) -> None:
    assert push(peer, address, blocks(peer, Chat(42)), secret=SECRET) == [200]
    assert [one.value for one in front.blocked] == ["42"]


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.lower(), "ồ"])
def test_without_the_secret_nothing_is_taken(
    client: FlaskClient, front: Front, peer: TelegramPeer, secret: str
) -> None:
    update = says(peer, Chat(77), "QR")
    response = client.post(
        PATH, json=update, headers={SECRET_HEADER: secret.encode().decode("latin-1")}
    )
    assert response.status_code == 403
    assert front.inbox.taken == {}


@pytest.mark.parametrize(
    ("outcome", "sent"),
    [
        ("forbidden", {"json": {}}),
        ("JSON only", {"data": b"text=QR", "headers": {SECRET_HEADER: SECRET}}),
        ("not JSON", {"data": b"{", "headers": {SECRET_HEADER: SECRET}, "mimetype": MIME}),
        ("not an update", {"json": [], "headers": {SECRET_HEADER: SECRET}}),
    ],
)
def test_what_is_refused_leaves_one_line(
    client: FlaskClient, outcome: str, sent: dict[str, Any]
) -> None:
    with capture_logs() as lines:
        client.post(PATH, **sent)
    assert [line["outcome"] for line in lines] == [outcome]


def test_without_a_secret_of_ours_everybody_is_refused(front: Front, peer: TelegramPeer) -> None:
    client = app_of(front, secret="").test_client()
    assert post(client, says(peer, Chat(77), "QR"), secret="") == 403
    assert client.post(PATH, json=says(peer, Chat(77), "QR")).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"update_id": "7"}', "application/json", 400),
        (b'{"update_id": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"update_id": 7, "message": "\xff\xfe"}', "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b"update_id=7", "application/x-www-form-urlencoded", 415),
        (b'{"update_id": 7}', "text/plain", 415),
        (b'{"update_id": 7, "x": "' + b"a" * LARGEST + b'"}', "application/json", 413),
        (b'{"update_id": 7}', "application/json; charset=utf-8", 200),
    ],
)
def test_what_cannot_be_read_gets_a_short_answer(
    client: FlaskClient, front: Front, body: bytes, kind: str, status: int
) -> None:
    response = client.post(PATH, data=body, content_type=kind, headers={SECRET_HEADER: SECRET})
    assert response.status_code == status
    assert len(response.data) < 40
    assert front.inbox.taken == {}


def test_only_post_is_answered(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 405


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(["update_id", "message", "callback_query", "my_chat_member"]),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: st.dictionaries(
                st.sampled_from(["id", "chat", "from", "type", "data", "text", "message"]), inner
            ),
            max_leaves=6,
        ),
    )
)
def test_no_update_makes_it_fail(client: FlaskClient, update: dict[str, Any]) -> None:
    response = client.post(
        PATH,
        data=json.dumps(update),
        content_type="application/json",
        headers={SECRET_HEADER: SECRET},
    )
    assert response.status_code in (200, 400)


def test_no_log_line_tells_who_said_what(
    client: FlaskClient, front: Front, peer: TelegramPeer, capsys: pytest.CaptureFixture[str]
) -> None:
    front.inbox.broken = 1
    for _ in range(2):
        post(client, says(peer, Chat(5551234567), "Tôi bị sốt"))
    written = "".join(capsys.readouterr())
    assert "telegram_update" in written
    assert "sốt" not in written
    assert "5551234567" not in written
