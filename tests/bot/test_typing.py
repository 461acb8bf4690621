"""A chat shows that an answer is being written, when it takes its time."""

from __future__ import annotations

import time

import pytest

from bot.telegram_line import TelegramLine
from bot.typing import Typing, on_telegram
from core.message import Address, Channel, Inbound
from tests.gateway.network import eventually
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_http import Trouble


def said(chat: str = "5551001", provider: str = "telegram") -> Inbound:
    address = Address("telegram", chat) if provider == "telegram" else Address("zalo", chat)
    return Inbound(Channel.CHAT, provider, address, chat, "1", said=("QR",))


def test_a_slow_answer_is_announced_again_and_again(peer: TelegramPeer, line: TelegramLine) -> None:
    peer.chat(5551001)
    typing = Typing(on_telegram(line), after=0.01, again=0.05)
    with typing.while_answering(said()):
        eventually(lambda: len(peer.called("sendChatAction")) >= 3)
    shown = peer.called("sendChatAction")
    assert {(call.form["chat_id"], call.form["action"]) for call in shown} == {
        ("5551001", "typing")
    }
    time.sleep(0.3)
    after = len(peer.called("sendChatAction"))
    time.sleep(0.3)
    assert len(peer.called("sendChatAction")) == after, "it goes on after the answer"


def test_a_quick_answer_is_not_announced(peer: TelegramPeer, line: TelegramLine) -> None:
    with Typing(on_telegram(line), after=30).while_answering(said()):
        pass
    assert peer.called("sendChatAction") == []


@pytest.mark.parametrize(("chat", "asked"), [("1", 1), ("nobody", 0)])
def test_where_it_cannot_be_shown_the_answer_comes_all_the_same(
    peer: TelegramPeer, line: TelegramLine, chat: str, asked: int
) -> None:
    peer.will_answer("sendChatAction", Trouble(500, "Internal Server Error"))
    shown = on_telegram(line)
    assert shown
    for show in shown.values():
        show(chat)
    assert len(peer.called("sendChatAction")) == asked


def test_networks_without_it_are_left_alone() -> None:
    with Typing({}, after=0.0).while_answering(said("246", "zalo")):
        pass


def test_what_goes_wrong_in_an_answer_is_told(peer: TelegramPeer, line: TelegramLine) -> None:
    with (
        pytest.raises(LookupError),
        Typing(on_telegram(line), after=30).while_answering(said()),
    ):
        raise LookupError
