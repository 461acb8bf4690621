"""A photo of a code, sent in a chat: fetched over a real socket, read, and answered."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field

import pytest
import structlog
from pytest_httpserver import HTTPServer

from bot.network import Meant
from bot.photos import LinkedPhotos, PhotoScans, TelegramPhotos
from bot.telegram import read
from bot.telegram_line import TelegramLine
from bot.zalobot import ZaloBot
from core.message import Address, Channel, Inbound
from core.qr.image import png
from core.qr.payload import PersonalQr
from core.qr.scan import LARGEST
from tests.bot.test_zalo import network
from tests.core.house import House, Phone, PlainVoice
from tests.fakes import CHILD, MOTHER, PHONE
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_http import Trouble
from tests.peers.telegram_updates import message
from tests.peers.zalo_events import LINH, Events

CARD = "079190012345||Nguyễn Thị Hồng Phượng|01021990|Nữ|Phường Bến Nghé|01012022"


def qr_of(citizen: object) -> str:
    papers, name, born, qid = (
        getattr(citizen, one) for one in ("papers", "name", "birth_date", "qid")
    )
    return PersonalQr(papers[0].number, name, born, False, qid).write()


def heard(meant: Meant) -> Inbound:
    assert isinstance(meant, Inbound)
    return meant


@dataclass
class Sender:
    """Somebody on Telegram who sends photos."""

    peer: TelegramPeer
    chat: Chat
    phone: Phone
    sent: list[Inbound] = field(default_factory=list)

    def sends(self, code: str | bytes, *, said_size: int | None = None) -> Phone:
        content = png(code) if isinstance(code, str) else code
        photo = self.peer.photo_of(content, said_size=said_size)
        inbound = heard(read(message(self.peer, self.chat, photo=photo)))
        self.sent.append(inbound)
        self.phone.page = self.phone.house.engine.turn(inbound, self.phone.voice)
        return self.phone


@pytest.fixture
def sender(peer: TelegramPeer, line: TelegramLine) -> Sender:
    house = House(scans=PhotoScans({"telegram": TelegramPhotos(line)}))
    chat = peer.chat(5551001)
    voice = PlainVoice(Channel.CHAT, 15.0, True)
    phone = Phone(house, Address("telegram", str(chat.id)), voice, wire=str(chat.id))
    return Sender(peer, chat, phone)


def links(sender: Sender) -> Phone:
    sender.phone.says("1")
    return sender.phone.shares(PHONE).says("1")


def test_a_citizen_card_answers_who_somebody_is(sender: Sender) -> None:
    sender.phone.says("menu")
    links(sender).sees("Nhập số CCCD")
    sender.sends(CARD).sees("Mã ngắn")
    assert sender.phone.house.people.find(sender.phone.address).linked is not None


def test_a_card_of_somebody_else_proves_nothing(sender: Sender) -> None:
    sender.phone.says("menu")
    links(sender)
    sender.sends(CARD.replace("079190012345", "079190099999")).sees("Không khớp")
    assert sender.phone.house.people.find(sender.phone.address).linked is None


def test_at_any_other_time_a_card_is_only_named(sender: Sender) -> None:
    sender.sends(CARD).sees("thẻ căn cước", "1 Mã QR")
    assert "Phượng" not in sender.phone.text
    assert "0791" not in sender.phone.text


def test_somebody_elses_code_is_shown_masked_and_ones_own_leads_on(sender: Sender) -> None:
    sender.sends(qr_of(MOTHER)).sees("NGUYEN T**", "Cán bộ kiểm tra")
    assert "079190012345" not in sender.phone.text
    sender.phone.says("menu")
    links(sender)
    sender.sends(CARD)
    sender.phone.says("menu")
    sender.sends(qr_of(MOTHER)).sees("mã QR cá nhân của quý vị", "Mã ngắn")
    sender.sends(qr_of(CHILD)).sees("**", "Cán bộ kiểm tra")


def test_what_was_asked_stays_asked(sender: Sender) -> None:
    sender.phone.says("vung").sees("Phường, xã")
    sender.sends("https://example.vn").sees("không biết mã này", "Phường, xã")
    sender.phone.says("Nha Trang").sees("Nha Trang")


def test_a_photo_without_a_code_gets_kind_words(sender: Sender) -> None:
    blank = io.BytesIO()
    sender.sends(b"\xff\xd8 no photo" + blank.getvalue()).sees("chưa thấy mã nào", "1 Mã QR")


def test_a_photo_that_cannot_be_had_gets_the_same_words(sender: Sender) -> None:
    sender.sends(b"x" * (LARGEST + 1), said_size=1000).sees("chưa thấy mã nào")
    assert len(sender.peer.called("getFile")) == 1, "asked how large it is, and left there"
    sender.peer.will_answer("getFile", Trouble(500, "Internal Server Error"))
    sender.sends(qr_of(MOTHER)).sees("chưa thấy mã nào")
    photo = sender.peer.photo_of(b"x", said_size=LARGEST + 1)
    large = heard(read(message(sender.peer, sender.chat, photo=photo)))
    assert large.picture == photo[0]["file_id"], "the size that is not too large"


def test_a_picture_sent_as_a_file_is_read_as_well(sender: Sender) -> None:
    (_small, whole) = sender.peer.photo_of(png(qr_of(MOTHER)))
    sent = message(sender.peer, sender.chat, document={**whole, "mime_type": "image/png"})
    sender.phone.page = sender.phone.house.engine.turn(heard(read(sent)), sender.phone.voice)
    sender.phone.sees("NGUYEN T**")
    other = message(sender.peer, sender.chat, document={**whole, "mime_type": "application/pdf"})
    assert heard(read(other)).picture is None


def test_nothing_of_a_photo_is_logged(sender: Sender) -> None:
    with structlog.testing.capture_logs() as log:
        sender.sends(CARD)
    written = json.dumps(log, ensure_ascii=False)
    assert "0791" not in written
    assert sender.sent[0].picture is not None
    assert sender.sent[0].picture not in written
    assert any(one["event"] == "photo" and one["outcome"] == "read" for one in log)


# Photos behind an address


def test_zalos_photos_come_by_their_address(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p.jpg").respond_with_data(png(CARD))
    events = Events()
    url = httpserver.url_for("/p.jpg")
    image = events.sends(
        LINH, "image", attachments=[{"type": "image", "payload": {"thumbnail": url, "url": url}}]
    )
    inbound = heard(network().read(image))
    assert (inbound.picture, inbound.said) == (url, ("",))
    scans = PhotoScans({"zalo": LinkedPhotos([url.removesuffix("/p.jpg")])})
    assert scans.read(inbound) == CARD
    assert PhotoScans({"zalo": LinkedPhotos([])}).read(inbound) == ""
    assert PhotoScans({}).read(inbound) == ""


@pytest.mark.parametrize("field", ["photo", "photo_url"])
def test_those_of_a_bot_as_well(field: str) -> None:
    who = {"id": "6ede9afa66b88fe6d6a9", "is_bot": False}
    sent = {
        "from": who,
        "chat": {**who, "chat_type": "PRIVATE"},
        "message_id": "2d",
        field: "https://x",
    }
    event = {"result": {"message": sent, "event_name": "message.image.received"}}
    assert heard(ZaloBot(secret="s" * 8).read(event)).picture == "https://x"


@pytest.mark.parametrize(
    "address",
    [
        *("http://photos.example.vn/p.jpg", "https://example.vn.evil.test/p.jpg", "https://1.2.3.4/"),
        *("https://photos.example.vn:8443/p.jpg", "https://photos.example.vn@evil.test/", "file:///etc/x"),
        *("https://user:word@photos.example.vn/p", "https://evilexample.vn/", "//example.vn/p", ""),
        *("https://[::1]/p.jpg", "https://photos.example.vn:x/", "http://169.254.169.254/latest"),
    ],
)  # fmt: skip
def test_only_the_networks_own_hosts_are_asked(address: str) -> None:
    photos = LinkedPhotos(["example.vn", "http://127.0.0.1:9"])
    assert not photos.allowed(address)
    assert photos.fetch(address) is None
    assert photos.allowed("https://photos.example.vn/p.jpg")
    assert photos.allowed("https://example.vn:443/p.jpg")


def test_what_leads_elsewhere_or_is_too_large_is_left(httpserver: HTTPServer) -> None:
    here = httpserver.url_for("").rstrip("/")
    elsewhere = {"Location": f"{here}/p.jpg"}
    httpserver.expect_request("/p.jpg").respond_with_data(png(CARD))
    httpserver.expect_request("/away").respond_with_data("", status=302, headers=elsewhere)
    httpserver.expect_request("/large").respond_with_data(b"x" * (LARGEST + 1))
    photos = LinkedPhotos([here])
    assert photos.fetch(f"{here}/p.jpg") == png(CARD)
    assert photos.fetch(f"{here}/away") is None
    assert photos.fetch(f"{here}/large") is None
    assert photos.fetch(f"{here}/gone") is None
