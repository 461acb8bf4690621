"""Zalo as the simulator plays it: events that the gateway knows, messages as its sender sends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from flask import Flask, Response
from redis import Redis
from werkzeug.serving import make_server

from bot.notes import OwnNotes
from bot.windows import Windows
from bot.zalo import Zalo
from bot.zalo_line import ZaloLine
from bot.zalo_send import ZaloSender
from bot.zalo_tokens import FixedToken
from core.asked import Asked
from core.clock import now
from core.errors import SendLater, SendNever
from core.message import Address, Button, Channel, Inbound, Page, Qr
from core.outbox.budget import OwnBudget, Rate
from core.outbox.outgoing import Outgoing, Purpose
from core.qr.image import png
from tests.bot.conftest import blind
from tests.web.simulator.test_requests import LINES
from web.simulator import networks
from web.simulator.post import Poster
from web.simulator.requests import NetworkRequest, Networks
from web.simulator.threads import START, Threads

PHONE, WHO = "+84912004701", "84912004701"
TOKEN = "token-of-the-tests"
NETWORKS = Networks(LINES, lambda: datetime(2026, 11, 23, 1, 30, tzinfo=UTC))
GATEWAY = Zalo(
    app_id=LINES.zalo_app_id, oa_id=LINES.zalo_account, secret=LINES.zalo_secret, blind=blind
)


def heard(request: NetworkRequest) -> Inbound:
    """The event as the gateway hears it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert GATEWAY.prove(Asked(body=request.content, headers=headers))
    assert not GATEWAY.prove(Asked(body=request.content + b" ", headers=headers))
    meant = GATEWAY.read(request.fields)
    assert isinstance(meant, Inbound)
    return meant


def test_what_somebody_writes_and_taps_is_signed_and_understood() -> None:
    text = heard(NETWORKS.zalo_text(PHONE, "Mã QR"))
    assert (text.said, text.address) == (("Mã QR",), Address("zalo", WHO))
    tap = heard(NETWORKS.zalo_text(PHONE, "#mc:1f:yes"))
    assert (tap.option, tap.screen) == ("yes", "1f")
    assert text.hop != tap.hop


def test_following_is_arriving() -> None:
    arrived = heard(NETWORKS.zalo_follow(PHONE))
    assert (arrived.event, arrived.address) == ("new", Address("zalo", WHO))


@dataclass
class Played:
    """The stand-in, listening, and what the handset got."""

    base: str
    threads: Threads

    def sender(self, token: str = TOKEN) -> ZaloSender:
        notes, roomy = OwnNotes(), Rate(1000.0, 1000)
        return ZaloSender(
            ZaloLine(FixedToken(token), api=f"{self.base}/simulator/zalo/{token}"),
            notes=notes,
            blind=blind,
            budget=OwnBudget(roomy, roomy),
            windows=Windows(notes, blind, now),
            clock=now,
            pictures=self,
        )

    def address_of(self, payload: str) -> str:
        # Whatever host the address names, the picture is fetched from the gateway itself.
        return f"https://motcua.example.vn/bot/qr/{payload}.png"

    def got(self) -> list[dict[str, Any]]:
        return self.threads.after(PHONE, START)[1]


@pytest.fixture
def played(clean_redis: str) -> Iterator[Played]:
    app = Flask("tests")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    redis = Redis.from_url(clean_redis)
    threads = Threads(redis)
    app.register_blueprint(
        networks.blueprint(
            threads=threads,
            poster=Poster(base),
            bot_token="1022:unused",
            kannel_username="gw",
            kannel_password="pw",
            now=time.time,
            zalo_token=TOKEN,
        )
    )

    @app.get("/bot/qr/<payload>.png")
    def qr(payload: str) -> Response:
        return Response(png(payload), mimetype="image/png")

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Played(base, threads)
    server.shutdown()
    thread.join()
    redis.close()


def to(page: Page, who: str = WHO) -> Outgoing:
    return Outgoing("key-1", Address("zalo", who), Channel.CHAT, page, Purpose.REPLY)


def test_a_message_with_buttons_arrives(played: Played) -> None:
    sent = played.sender().send(to(Page("Một Cửa", (Button("qr", "1. Mã QR"),), name="s")))
    (event,) = played.got()
    assert (event["thread"], event["text"]) == ("zalo", "Một Cửa")
    assert event["buttons"] == [[{"text": "1. Mã QR", "data": "#mc:s:qr"}]]
    assert sent.provider_ref == f"{event['message']:020x}"


def test_the_qr_is_fetched_and_shown(played: Played) -> None:
    played.sender().send(to(Page("Mã QR\nMã ngắn", qr=Qr("0123", "1"))))
    picture, text = played.got()
    assert played.threads.photo(picture["photo"]) == png("0123")
    assert text["text"] == "Mã QR\nMã ngắn"


def test_with_another_token_nothing_is_taken(played: Played) -> None:
    with pytest.raises(SendLater):
        played.sender("guessed").send(to(Page("Chào")))
    url = f"{played.base}/simulator/zalo/guessed/v3.0/oa/message/cs"
    assert httpx2.post(url, json={}).status_code == 401
    assert played.got() == []


def test_who_is_not_there_cannot_be_written_to(played: Played) -> None:
    with pytest.raises(SendNever, match="-201"):
        played.sender().send(to(Page("Chào"), who="nobody"))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": " "}, -201),
        ({"text": "x" * 2001}, -210),
        ({"text": "x", "attachment": {"payload": {"buttons": [{}] * 6}}}, -201),
        ({"text": "x", "attachment": {"payload": {"template_type": "media"}}}, -201),
        (None, -201),
    ],
)
def test_what_zalo_refuses_is_refused(played: Played, message: Any, code: int) -> None:
    answer = httpx2.post(
        f"{played.base}/simulator/zalo/{TOKEN}/v3.0/oa/message/cs",
        json={"recipient": {"user_id": WHO}, "message": message},
    )
    assert (answer.status_code, answer.json()["error"]) == (200, code)
    assert played.got() == []


def test_other_addresses_are_shut_down(played: Played) -> None:
    url = f"{played.base}/simulator/zalo/{TOKEN}/v2.0/oa/message"
    assert httpx2.post(url, json={}).json()["error"] == -240
