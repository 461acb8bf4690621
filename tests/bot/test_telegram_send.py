"""Pages on their way to Telegram, over a real socket, to a stand-in that enforces the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.telegram_send import TelegramSender
from core.errors import SendLater, SendNever
from core.message import Button, Channel, Page, Qr
from core.outbox.outgoing import Purpose
from tests.bot.conftest import to
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_http import Trouble
from tests.peers.telegram_updates import taps

PAYLOAD = "001090012345|NGUYEN VAN AN|1990-01-18|0|162979388586171100|<1<DN4797912345678<0912345678"
QR = Qr(PAYLOAD, "123456789012")
MENU = (
    Button("qr", "1. Mã QR"),
    Button("status", "2. Tình trạng của tôi"),
    Button("menu", "☰ Menu"),
)


def test_says_what_it_carries(sender: TelegramSender) -> None:
    assert sender.provider == "telegram"
    assert ("telegram", Channel.CHAT) in sender.serves


def test_a_text_with_buttons(sender: TelegramSender, phuong: Chat) -> None:
    sent = sender.send(to(phuong, Page("Quý vị muốn gì?", MENU, name="1f")))
    assert sent.provider_ref == str(phuong.last.id)
    assert phuong.last.text == "Quý vị muốn gì?"
    assert phuong.last.buttons == {
        "1. Mã QR": "1f:qr",
        "2. Tình trạng của tôi": "1f:status",
        "☰ Menu": "1f:menu",
    }


def test_two_short_buttons_share_a_row(sender: TelegramSender, phuong: Chat) -> None:
    labels = ("1. Có", "2. Không", "3. Tôi không nhớ rõ nữa", "↩ Quay lại", "☰ Menu")
    buttons = tuple(Button(str(number), label) for number, label in enumerate(labels))
    sender.send(to(phuong, Page("?", buttons, name="a")))
    assert phuong.last.keys is not None
    rows = [[key["text"] for key in row] for row in phuong.last.keys["inline_keyboard"]]
    assert rows == [["1. Có", "2. Không"], ["3. Tôi không nhớ rõ nữa"], ["↩ Quay lại", "☰ Menu"]]


def test_the_qr_is_a_photo_that_a_scanner_reads(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    sender.send(
        to(phuong, Page("Mã QR của NGUYỄN VĂN AN", (Button("menu", "☰ Menu"),), QR, name="2"))
    )
    photo = phuong.last.photo
    assert photo is not None
    assert photo.reads() == PAYLOAD
    assert (photo.filename, phuong.last.text) == ("qr.png", "Mã QR của NGUYỄN VĂN AN")
    assert phuong.last.protected
    assert phuong.last.buttons == {"☰ Menu": "2:menu"}
    assert max(photo.width, photo.height) <= 1280


def test_an_unchanged_qr_is_not_uploaded_again(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    for _ in range(3):
        sender.send(to(phuong, Page("Mã", qr=QR)))
    assert peer.uploads == 1
    assert [sent.photo.reads() for sent in phuong.messages if sent.photo] == [PAYLOAD] * 3
    sender.send(to(phuong, Page("Mã mới", qr=Qr(PAYLOAD.replace("100|", "200|"), "1"))))
    assert peer.uploads == 2
    assert phuong.last.photo is not None
    assert phuong.last.photo.reads() != PAYLOAD


def test_a_photo_that_telegram_forgot_is_uploaded_again(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    sender.send(to(phuong, Page("Mã", qr=QR)))
    peer.photos.clear()
    sender.send(to(phuong, Page("Mã", qr=QR)))
    assert peer.uploads == 2


def test_a_long_caption_follows_as_a_text(sender: TelegramSender, phuong: Chat) -> None:
    said = "Giải thích dài. " * 80
    sender.send(to(phuong, Page(said, MENU, QR, name="3")))
    photo, text = phuong.messages
    assert (photo.text, photo.keys) == ("", None)
    assert text.text == said.strip()
    assert text.buttons


def test_an_endless_text_comes_in_several_messages(sender: TelegramSender, phuong: Chat) -> None:
    said = "Một câu khá dài về sức khỏe. " * 400
    sender.send(to(phuong, Page(said, MENU, name="4")))
    assert len(phuong.messages) == 3
    assert " ".join(sent.text for sent in phuong.messages) == said.strip()
    assert [bool(sent.buttons) for sent in phuong.messages] == [False, False, True]


def test_what_failed_half_way_goes_on_where_it_stopped(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    page = Page("Giải thích dài. " * 80, qr=QR)
    peer.will_answer("sendMessage", Trouble(502, "Bad Gateway"))
    with pytest.raises(SendLater):
        sender.send(to(phuong, page, key="same"))
    sender.send(to(phuong, page, key="same"))
    assert [bool(sent.photo) for sent in phuong.messages] == [True, False]


def test_a_key_no_button_can_carry_is_not_dropped(sender: TelegramSender, phuong: Chat) -> None:
    with pytest.raises(SendNever, match="key too long"):
        sender.send(to(phuong, Page("?", (Button("ê" * 32, "A"),), name="5")))
    assert phuong.messages == []


# Taps


def test_a_tap_is_answered_and_its_buttons_vanish(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    sender.send(to(phuong, Page("Câu 1?", MENU, name="6")))
    first = phuong.last
    trace = _trace(taps(peer, phuong, first, "1. Mã QR"))
    sender.send(to(phuong, Page("Câu 2?", MENU, name="7", trace=trace)))
    assert peer.open_taps == {}
    assert first.buttons == {}
    assert phuong.last.buttons
    methods = [call.method for call in peer.calls[-3:]]
    assert methods == ["answerCallbackQuery", "sendMessage", "editMessageReplyMarkup"]


def test_typing_instead_of_tapping_retires_the_buttons_too(
    sender: TelegramSender, phuong: Chat
) -> None:
    sender.send(to(phuong, Page("Câu 1?", MENU, name="8")))
    sender.send(to(phuong, Page("Câu 2?", MENU, name="9")))
    assert [bool(sent.buttons) for sent in phuong.messages] == [False, True]


@pytest.mark.parametrize("purpose", [Purpose.RESULT, Purpose.REPLY])
def test_a_notice_or_a_late_answer_leaves_the_open_question_alone(
    sender: TelegramSender, phuong: Chat, purpose: Purpose
) -> None:
    sender.send(to(phuong, Page("Câu 1?", MENU, name="a")))
    notice = Page("Đã có kết quả.", (Button("results", "Xem"),))
    sender.send(to(phuong, notice, purpose=purpose))
    assert [bool(sent.buttons) for sent in phuong.messages] == [True, True]
    assert phuong.last.buttons == {"Xem": ":results"}


def test_a_late_answer_to_a_tap_harms_nobody(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    trace = {"callback": "4000000000000000000", "message": "987654"}
    sender.send(to(phuong, Page("Xong.", trace=trace)))
    assert phuong.last.text == "Xong."


def test_trimmings_that_fail_do_not_fail_the_message(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    sender.send(to(phuong, Page("Câu 1?", MENU, name="b")))
    trace = _trace(taps(peer, phuong, phuong.last, "☰ Menu"))
    peer.will_answer("answerCallbackQuery", Trouble(429, "Too Many Requests", retry_after=3))
    peer.will_answer("editMessageReplyMarkup", Trouble(502, "Bad Gateway"))
    sender.send(to(phuong, Page("Menu", MENU, name="c", trace=trace)))
    assert phuong.last.text == "Menu"


# The phone number


def test_asks_for_the_phone_and_takes_the_key_away_again(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    buttons = (Button("phone", "📱 Chia sẻ số điện thoại"), Button("menu", "☰ Menu"))
    sender.send(to(phuong, Page("Số điện thoại?", buttons, wants="phone", name="d")))
    keys = phuong.last.keys
    assert keys is not None
    assert keys["keyboard"] == [
        [{"text": "📱 Chia sẻ số điện thoại", "request_contact": True}],
        [{"text": "☰ Menu"}],
    ]
    assert keys["one_time_keyboard"]
    assert keys["resize_keyboard"]
    sender.send(to(phuong, Page("Đồng ý không?", MENU, name="e", trace={"contact": "1"})))
    removed, question = phuong.messages[1:]
    assert removed.keys == {"remove_keyboard": True}
    assert question.buttons
    sender.send(to(phuong, Page("Tiếp?", MENU, name="f")))
    assert len(phuong.messages) == 4


def test_a_page_without_buttons_takes_the_key_away_itself(
    sender: TelegramSender, phuong: Chat
) -> None:
    ask = Page("Số?", (Button("phone", "📱"),), wants="phone", name="10")
    sender.send(to(phuong, ask))
    sender.send(to(phuong, Page("Đã dừng.", name="11")))
    sender.send(to(phuong, Page("Chào.", name="12")))
    assert [sent.keys for sent in phuong.messages[1:]] == [{"remove_keyboard": True}, None]


def test_a_notice_does_not_take_the_key_away(sender: TelegramSender, phuong: Chat) -> None:
    sender.send(to(phuong, Page("Số?", (Button("phone", "📱"),), wants="phone", name="11")))
    sender.send(to(phuong, Page("Nhắc lịch."), purpose=Purpose.REMINDER))
    assert phuong.last.keys is None


def _trace(update: Mapping[str, Any]) -> dict[str, str]:
    callback = update["callback_query"]
    return {"callback": callback["id"], "message": str(callback["message"]["message_id"])}
