"""Telegram's webhook: the contract of all chat networks, and what is Telegram's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import strategies as st

from bot.telegram import SECRET_HEADER, Telegram
from core.message import Inbound
from tests.bot.conftest import SECRET, Front, served
from tests.bot.contract import JSON, ChatContract, Event
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat, Message
from tests.peers.telegram_updates import (
    blocks,
    membership,
    message,
    push,
    says,
    shares_contact,
    taps_data,
)

PATH = "/bot/telegram/webhook"
_CHAT = st.fixed_dictionaries({"id": st.integers() | JSON, "type": st.just("private") | JSON})
_SENDER = st.fixed_dictionaries({}, optional={"id": JSON, "is_bot": JSON, "language_code": JSON})


class TestTelegram(ChatContract):
    who = "5551234567"
    words = {
        "update_id": st.integers(0, 2**40),
        "message": st.fixed_dictionaries(
            {"chat": _CHAT | JSON, "from": _SENDER | JSON},
            optional={"text": st.text(), "contact": JSON, "sticker": JSON},
        ),
        "callback_query": st.fixed_dictionaries(
            {"from": _SENDER, "message": st.fixed_dictionaries({"chat": _CHAT})},
            optional={"id": JSON, "data": st.text()},
        ),
        "my_chat_member": st.fixed_dictionaries({"chat": _CHAT, "new_chat_member": JSON}),
    }

    @pytest.fixture(autouse=True)
    def _peer(self) -> Iterator[None]:
        with TelegramPeer() as self.peer:
            yield

    def network(self) -> Telegram:
        return Telegram(secret=SECRET)

    def says(self, text: str, who: str | None = None) -> Event:
        return says(self.peer, Chat(int(who or self.who)), text)

    def headers(self, body: bytes) -> dict[str, str]:
        return {SECRET_HEADER: SECRET, "Content-Type": "application/json"}

    def forged(self, body: bytes) -> Iterator[dict[str, str]]:
        yield {}
        for secret in ("", "wrong", SECRET[:-1], SECRET + "x", SECRET.lower(), "ồ"):
            yield {SECRET_HEADER: secret.encode().decode("latin-1")}

    def kinds(self) -> Iterator[tuple[Event, str]]:
        chat, group = Chat(int(self.who)), Chat(-77, "supergroup")
        yield says(self.peer, chat, "/start"), "taken in"
        yield message(self.peer, chat, sticker={"file_id": "s"}), "taken in"
        yield shares_contact(self.peer, chat, "84912345678"), "taken in"
        yield taps_data(self.peer, chat, Message(3, chat.id, "?"), "1f:yes"), "taken in"
        yield message(self.peer, chat, pinned_message={}), "service message"
        yield blocks(self.peer, Chat(42)), "blocked"
        yield membership(self.peer, chat, before="kicked", after="member"), "unblocked"
        yield says(self.peer, group, "/qr"), "group told"
        yield says(self.peer, group, "/qr"), "group"
        for kind in ("edited_message", "channel_post", "poll", "inline_query", "next_years"):
            yield self.peer.update(**{kind: {}}), "not asked for"

    def leaves(self) -> Event:
        return blocks(self.peer, Chat(int(self.who)))

    def nameless(self) -> Iterator[Event]:
        event = self.says("QR")
        yield {}
        yield {name: value for name, value in event.items() if name != "update_id"}
        yield {**event, "update_id": "7"}
        yield {**event, "update_id": True}


@pytest.fixture
def client(front: Front) -> FlaskClient:
    return front.app().test_client()


@pytest.fixture
def address(front: Front) -> Iterator[str]:
    """The webhook on a real socket."""
    with served(front.app()) as base:
        yield base + PATH


def test_telegram_brings_it_and_is_answered_at_once(
    peer: TelegramPeer, address: str, front: Front
) -> None:
    update = says(peer, Chat(77), "QR")
    assert push(peer, address, update, secret=SECRET) == [200]
    body = front.inbox.taken[str(update["update_id"])]
    assert Inbound.from_json(body).said == ("QR",)


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


def test_without_a_secret_of_ours_everybody_is_refused(peer: TelegramPeer) -> None:
    client = Front(Telegram(secret="")).app().test_client()
    update: dict[str, Any] = says(peer, Chat(77), "QR")
    assert client.post(PATH, json=update, headers={SECRET_HEADER: ""}).status_code == 403
    assert client.post(PATH, data=json.dumps(update)).status_code == 403


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_telegram_says_that_it_brings_json(client: FlaskClient, kind: str) -> None:
    headers = {SECRET_HEADER: SECRET}
    answer = client.post(PATH, data=b'{"update_id": 7}', content_type=kind, headers=headers)
    assert (answer.status_code, answer.data) == (415, b"JSON only")
