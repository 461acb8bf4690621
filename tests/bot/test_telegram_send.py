"""Pages on their way to Telegram, over a real socket, to a stand-in that enforces the rules."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.budget import OwnBudget, Rate
from bot.notes import OwnNotes
from bot.telegram_line import TelegramLine
from bot.telegram_send import TelegramSender
from core.errors import SendError, SendLater, SendNever
from core.message import Address, Button, Channel, Page, Qr
from core.outbox.outgoing import Outgoing, Purpose
from tests.bot.conftest import blind
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
_keys = itertools.count()


def to(
    chat: Chat | int, page: Page, *, purpose: Purpose = Purpose.REPLY, key: str | None = None
) -> Outgoing:
    number = chat if isinstance(chat, int) else chat.id
    return Outgoing(
        key=key or f"reply:telegram:{next(_keys)}",
        address=Address("telegram", str(number)),
        channel=Channel.CHAT,
        page=page,
        purpose=purpose,
    )


@pytest.fixture
def phuong(peer: TelegramPeer) -> Chat:
    return peer.chat(5551001)


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


# What Telegram refuses


@pytest.mark.parametrize(
    ("trouble", "kind", "after", "opted_out"),
    [
        (Trouble(429, "Too Many Requests: retry after 7", retry_after=7), SendLater, 7.0, None),
        (Trouble(403, "Forbidden: bot was blocked by the user"), SendNever, None, True),
        (Trouble(403, "Forbidden: user is deactivated"), SendNever, None, True),
        (Trouble(403, "Forbidden: bot can't initiate conversation"), SendNever, None, False),
        (Trouble(400, "Bad Request: chat not found"), SendNever, None, False),
        (Trouble(502, "Bad Gateway"), SendLater, None, None),
        (Trouble(500, "Internal Server Error"), SendLater, None, None),
        (Trouble(200, body=b"<html>"), SendLater, None, None),
        (Trouble(delay=1.5), SendLater, None, None),
        (Trouble(401, "Unauthorized"), SendLater, 60.0, None),
        (Trouble(404, "Not Found"), SendLater, 60.0, None),
        (Trouble(409, "Conflict: terminated by other getUpdates request"), SendLater, 60.0, None),
    ],
)
def test_refusals_are_decisions(
    sender: TelegramSender,
    peer: TelegramPeer,
    phuong: Chat,
    trouble: Trouble,
    kind: type[SendError],
    after: float | None,
    opted_out: bool | None,
) -> None:
    peer.will_answer("sendMessage", trouble)
    with pytest.raises(kind) as refused:
        sender.send(to(phuong, Page("Chào")))
    assert getattr(refused.value, "after", None) == after
    assert getattr(refused.value, "opted_out", None) == opted_out


def test_a_chat_that_never_began_is_no_chat(sender: TelegramSender) -> None:
    with pytest.raises(SendNever, match="hat not found"):
        sender.send(to(999, Page("Chào")))


def test_an_address_that_is_no_number_is_no_chat(sender: TelegramSender) -> None:
    page = Page("Chào")
    outgoing = Outgoing("k", Address("telegram", "abc"), Channel.CHAT, page, Purpose.REPLY)
    with pytest.raises(SendNever):
        sender.send(outgoing)


def test_one_chat_waits_alone_until_a_second_is_told_to_wait(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    wait = Trouble(429, "Too Many Requests: retry after 7", retry_after=7)
    peer.will_answer("sendMessage", wait, wait)
    with pytest.raises(SendLater) as first:
        sender.send(to(phuong, Page("1")))
    assert first.value.one_address
    with pytest.raises(SendLater) as second:
        sender.send(to(peer.chat(5551002), Page("2")))
    assert not second.value.one_address


def test_a_chat_told_to_wait_is_not_asked_again_before(
    line: TelegramLine, peer: TelegramPeer, phuong: Chat
) -> None:
    sender = TelegramSender(line, notes=OwnNotes(), blind=blind, budget=OwnBudget(), sleep=_never)
    peer.will_answer("sendMessage", Trouble(429, "Too Many Requests", retry_after=7))
    for _ in range(2):
        with pytest.raises(SendLater) as refused:
            sender.send(to(phuong, Page("1")))
        assert refused.value.one_address
    assert len(peer.called("sendMessage")) == 1


def test_short_waits_are_waited_and_long_ones_left_to_the_outbox(
    line: TelegramLine, peer: TelegramPeer, phuong: Chat
) -> None:
    time = [100.0]
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        time[0] += seconds

    budget = OwnBudget(Rate(30, 30), Rate(1, 1), tick=lambda: time[0])
    sender = TelegramSender(line, notes=OwnNotes(), blind=blind, budget=budget, sleep=sleep)
    sender.send(to(phuong, Page("1")))
    sender.send(to(phuong, Page("2")))
    assert naps == [pytest.approx(1.0)]
    assert len(phuong.messages) == 2


def test_a_wrong_token_is_shouted_about_without_being_told(
    peer: TelegramPeer, phuong: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    line = TelegramLine("1000000001:wrong-token", api_url=peer.url)
    sender = TelegramSender(line, notes=OwnNotes(), blind=blind, budget=OwnBudget())
    with pytest.raises(SendLater) as refused:
        sender.send(to(phuong, Page("Chào")))
    line.close()
    written = "".join(capsys.readouterr())
    assert "telegram_needs_operator" in written
    assert "wrong-token" not in written + str(refused.value)


def test_no_log_line_holds_the_token_or_a_message(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        sender.send(to(phuong, Page("Kết quả âm tính")))
        peer.will_answer("sendMessage", Trouble(200, body=b"not JSON: Nguyen Van An"))
        with pytest.raises(SendLater) as refused:
            sender.send(to(phuong, Page("Kết quả âm tính")))
    everything = caplog.text + str(refused.value)
    for secret in (peer.token, "âm tính", "Nguyen Van An", str(phuong.id)):
        assert secret not in everything


# The line


def test_forty_threads_share_one_line(sender: TelegramSender, peer: TelegramPeer) -> None:
    chats = [peer.chat(6000 + number) for number in range(40)]
    with ThreadPoolExecutor(40) as threads:
        sent = list(threads.map(lambda chat: sender.send(to(chat, Page("Chào"))), chats))
    assert len({one.provider_ref for one in sent}) == 40
    assert all(len(chat.messages) == 1 for chat in chats)


def test_a_closed_line_opens_again(
    line: TelegramLine, sender: TelegramSender, phuong: Chat
) -> None:
    sender.send(to(phuong, Page("1")))
    line.close()
    sender.send(to(phuong, Page("2")))
    assert [sent.text for sent in phuong.messages] == ["1", "2"]


def _trace(update: Mapping[str, Any]) -> dict[str, str]:
    callback = update["callback_query"]
    return {"callback": callback["id"], "message": str(callback["message"]["message_id"])}


def _never(seconds: float) -> None:
    raise AssertionError(f"slept {seconds} s")
