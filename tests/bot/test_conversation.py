"""The main job on Telegram, from a tap to the picture: webhook, engine and sender as in production."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.telegram import LONGEST_TEXT, SECRET_HEADER
from bot.telegram_send import TelegramSender
from bot.voice import ChatVoice
from core.message import Inbound
from core.outbox.outgoing import Outgoing, Purpose
from tests.bot.conftest import SECRET, Front
from tests.bot.test_app import PATH
from tests.core.house import House
from tests.fakes import CHILD, MOTHER, PHONE, payload_of
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat, Message
from tests.peers.telegram_updates import message, says, shares_contact, taps


@dataclass
class Mother:
    """The mother with a smartphone: every act goes through the webhook and back."""

    peer: TelegramPeer
    chat: Chat
    client: FlaskClient
    front: Front
    house: House
    sender: TelegramSender

    def does(self, update: dict[str, Any]) -> Message:
        headers = {SECRET_HEADER: SECRET}
        assert self.client.post(PATH, json=update, headers=headers).status_code == 200
        inbound = Inbound.from_json(self.front.inbox.taken[str(update["update_id"])])
        page = self.house.engine.turn(inbound, ChatVoice(longest=LONGEST_TEXT))
        assert page is not None
        self.sender.send(
            Outgoing(
                f"reply:telegram:{inbound.hop}",
                inbound.address,
                inbound.channel,
                replace(page, trace=inbound.trace),
                Purpose.REPLY,
            )
        )
        return self.chat.last

    def says(self, text: str) -> Message:
        return self.does(says(self.peer, self.chat, text))

    def taps(self, label: str, on: Message | None = None) -> Message:
        seen = on or self.chat.last
        full = next(button for button in seen.buttons if label in button)
        return self.does(taps(self.peer, self.chat, seen, full))

    def links(self) -> Message:
        """Proves her number, agrees, and is asked whose QR she wants."""
        self.says("/start")
        self.taps("1. ")
        self.does(shares_contact(self.peer, self.chat, PHONE.lstrip("+")))
        self.taps("Đồng ý")
        self.says("079190012345")
        return self.says("1990")


@pytest.fixture
def mother(peer: TelegramPeer, front: Front, sender: TelegramSender) -> Mother:
    return Mother(peer, peer.chat(5551001), front.app().test_client(), front, House(), sender)


def test_she_proves_her_number_links_and_gets_the_picture(mother: Mother) -> None:
    mother.says("/start")
    asked = mother.taps("1. ")
    assert asked.labels == ["📱 Chia sẻ số điện thoại của tôi", "☰ Menu"]
    consent = mother.does(shares_contact(mother.peer, mother.chat, PHONE.lstrip("+")))
    assert "dữ liệu cá nhân nhạy cảm" in consent.text
    mother.taps("Đồng ý")
    mother.says("079190012345")
    picture = mother.says("1990")
    assert picture.photo is not None
    assert picture.photo.reads() == payload_of(MOTHER)
    assert "Mã ngắn: 1234 5678" in picture.text


def test_she_gets_her_childs_picture_by_its_button(mother: Mother) -> None:
    mother.links()
    picture = mother.taps("Mã của")
    assert picture.photo is not None
    assert picture.photo.reads() == payload_of(CHILD)


def test_an_old_button_answers_nothing_and_shows_where_she_is(mother: Mother) -> None:
    menu = mother.says("/menu")
    old = replace(menu)
    mother.taps("Mục khác")
    shown = mother.taps("Mã QR", on=old)
    assert "Nút đó là của câu hỏi trước." in shown.text
    assert any("Ngôn ngữ" in label for label in shown.buttons)


def test_a_foreign_card_does_not_make_her_somebody_else(mother: Mother) -> None:
    mother.says("/qr")
    shown = mother.does(shares_contact(mother.peer, mother.chat, PHONE, of=666))
    assert "Vui lòng bấm nút để chia sẻ số điện thoại." in shown.text
    assert mother.house.people.find(_address(mother)).phone is None


def test_a_sticker_is_answered_kindly(mother: Mother) -> None:
    mother.says("/start")
    shown = mother.does(message(mother.peer, mother.chat, sticker={"file_id": "s"}))
    assert shown.text
    assert shown.buttons


def test_the_other_language_by_its_button(mother: Mother) -> None:
    mother.says("/language")
    mother.taps("có dấu")
    assert mother.house.people.find(_address(mother)).accents is True


def test_back_and_menu_are_buttons(mother: Mother) -> None:
    mother.links()
    mother.taps("☰ Menu")
    assert "9. English" in mother.chat.last.buttons
    mother.says("/declare")
    mother.taps("1. ")
    mother.taps("↩ ")
    assert "Việc này cho ai?" in mother.chat.last.text


def _address(mother: Mother) -> Any:
    (body, *_) = mother.front.inbox.taken.values()
    return Inbound.from_json(body).address
