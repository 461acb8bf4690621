"""Zalo's bot platform: the contract of all chat networks, and a sender without buttons."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st

from bot.app import blueprint
from bot.network import Ignored
from bot.notes import OwnNotes
from bot.zalobot import DECISIONS, SECRET_HEADER, ZaloBot, ZaloBotSender
from core.asked import Asked
from core.errors import SendError, SendLater, SendNever
from core.message import Address, Channel, Inbound, Page, Qr
from core.outbox.budget import Budget, OwnBudget, Rate
from core.outbox.outgoing import Lane, Outgoing, Purpose
from tests.bot.conftest import SECRET, blind, served
from tests.bot.contract import JSON, ChatContract, Event
from tests.bot.zalo_house import ROOMY, MemoryPictures
from tests.gateway.network import eventually
from tests.peers.zalo_http import Trouble
from tests.peers.zalobot import TED, TOKEN, ZaloBotPeer, event

_numbers = itertools.count()


def numbered(kind: str = "text", who: str = TED, **message: Any) -> Event:
    made: Event = event(kind, who, f"{next(_numbers):020x}", **message)
    return made


class TestZaloBot(ChatContract):
    who = TED
    words = {
        "ok": st.booleans(),
        "event_name": st.just("message.text.received") | JSON,
        "result": st.fixed_dictionaries(
            {},
            optional={
                "event_name": st.sampled_from(["message.text.received", "x"]) | JSON,
                "message": st.fixed_dictionaries(
                    {},
                    optional={
                        "chat": st.fixed_dictionaries({"id": st.text() | JSON}) | JSON,
                        "from": JSON,
                        "text": st.text() | JSON,
                        "message_id": st.text() | JSON,
                    },
                ),
            },
        ),
    }

    def network(self) -> ZaloBot:
        return ZaloBot(secret=SECRET)

    def says(self, text: str, who: str | None = None) -> Event:
        return numbered(who=who or self.who, text=text)

    def headers(self, body: bytes) -> dict[str, str]:
        return {SECRET_HEADER: SECRET, "Content-Type": "application/json"}

    def forged(self, body: bytes) -> Iterator[dict[str, str]]:
        yield {}
        for secret in ("", "wrong", SECRET[:-1], SECRET + "x", "ồ"):
            yield {SECRET_HEADER: secret.encode().decode("latin-1")}

    def kinds(self) -> Iterator[tuple[Event, str]]:
        yield self.says("QR"), "taken in"
        for kind in ("image", "sticker", "voice", "unsupported"):
            yield numbered(kind), "taken in"
        yield numbered("next_years"), "unknown kind"
        group = self.says("QR")
        group["result"]["message"]["chat"]["chat_type"] = "GROUP"
        yield group, "group"
        bot = self.says("QR")
        bot["result"]["message"]["from"]["is_bot"] = True
        yield bot, "no person"

    def leaves(self) -> Event | None:
        """The platform does not tell when somebody leaves."""
        return None

    def nameless(self) -> Iterator[Event]:
        yield {}
        yield {"ok": True, "result": {}}
        yield {"ok": True, "result": {"event_name": 7}}


def test_the_event_may_stand_at_the_top() -> None:
    brought: Event = event(text="Xin chào")["result"]
    meant = ZaloBot(secret=SECRET).read(brought)
    assert isinstance(meant, Inbound)
    assert (meant.said, meant.address, meant.hop) == (
        ("Xin chào",),
        Address("zalobot", TED),
        "2d758cb5",
    )


def test_without_a_number_it_is_nobodys() -> None:
    brought = event(text="QR")
    brought["result"]["message"]["message_id"] = None
    assert ZaloBot(secret=SECRET).read(brought) == Ignored("no person")


def test_without_a_secret_of_ours_everybody_is_refused() -> None:
    network = ZaloBot(secret="")
    assert not network.prove(Asked())
    assert not network.prove(Asked(headers={SECRET_HEADER: ""}))


# Sending


@pytest.fixture
def peer() -> Iterator[ZaloBotPeer]:
    with ZaloBotPeer(chats={TED: []}) as made:
        yield made


@pytest.fixture
def pictures() -> Iterator[MemoryPictures]:
    made = MemoryPictures()
    app = Flask(__name__)
    app.register_blueprint(blueprint([], picture=made.fetch))
    with served(app) as made.base:
        yield made


@pytest.fixture
def sender(peer: ZaloBotPeer, pictures: MemoryPictures) -> ZaloBotSender:
    return sender_of(peer, pictures)


def sender_of(
    peer: ZaloBotPeer,
    pictures: MemoryPictures | None = None,
    token: str = TOKEN,
    seconds: float = 10.0,
    budget: Budget | None = None,
) -> ZaloBotSender:
    return ZaloBotSender(
        token,
        notes=OwnNotes(),
        blind=blind,
        budget=budget or OwnBudget(ROOMY, ROOMY),
        api_url=peer.url,
        pictures=pictures,
        seconds=seconds,
    )


def to(page: Page, who: str = TED, key: str | None = None) -> Outgoing:
    name = key or f"reply:zalobot:{next(_numbers)}"
    return Outgoing(name, Address("zalobot", who), Channel.CHAT, page, Purpose.REPLY)


def test_a_text_and_a_long_one(peer: ZaloBotPeer, sender: ZaloBotSender) -> None:
    assert ("zalobot", Channel.CHAT) in sender.serves
    sent = sender.send(to(Page("Chào")))
    assert sent.provider_ref == peer.chats[TED][0].id
    sender.send(to(Page("Một câu khá dài. " * 200)))
    assert [len(one.text) <= 2000 for one in peer.chats[TED]] == [True] * 3


def test_the_qr_is_a_photo_that_a_scanner_reads(peer: ZaloBotPeer, sender: ZaloBotSender) -> None:
    sender.send(to(Page("Mã QR\nMã ngắn: 1234", qr=Qr("0123456789", "1"))))
    (photo,) = peer.chats[TED]
    assert (photo.qr, photo.text) == ("0123456789", "Mã QR\nMã ngắn: 1234")


def test_where_pictures_may_not_leave_the_house_the_short_code_does(peer: ZaloBotPeer) -> None:
    sender_of(peer).send(to(Page("Mã ngắn: 1234", qr=Qr("0123456789", "1"))))
    assert peer.chats[TED][0].image is None


def test_what_goes_to_many_leaves_room_for_whoever_is_in_a_hurry(peer: ZaloBotPeer) -> None:
    sender = sender_of(peer, budget=OwnBudget(Rate(0.01, 4), ROOMY, tick=lambda: 100.0))
    to_many = replace(to(Page("Mời tiêm")), lane=Lane.BULK)
    for _ in range(2):
        sender.send(to_many)
    with pytest.raises(SendLater, match="our own rate"):
        sender.send(to_many)
    sender.send(replace(to(Page("Câu trả lời")), lane=Lane.URGENT))


@pytest.mark.parametrize("code", [*DECISIONS, 500, 999])
def test_every_code_is_a_decision(peer: ZaloBotPeer, sender: ZaloBotSender, code: int) -> None:
    body = f'{{"ok": false, "error_code": {code}, "description": "{TED}"}}'.encode()
    peer.troubles["sendMessage"].append(Trouble(body=body))
    with pytest.raises(SendError) as refused:
        sender.send(to(Page("Chào")))
    decision = DECISIONS.get(code, "later")
    assert type(refused.value) is (SendNever if decision == "never" else SendLater)
    assert refused.value.words == str(code)


@pytest.mark.parametrize(
    "trouble",
    [Trouble(status=502, body=b"<html>"), Trouble(body=b"[]"), Trouble(body=b'{"ok": 1}')],
)
def test_what_makes_no_sense_is_tried_again(
    peer: ZaloBotPeer, sender: ZaloBotSender, trouble: Trouble
) -> None:
    peer.troubles["sendMessage"].append(trouble)
    with pytest.raises(SendLater) as later:
        sender.send(to(Page("Chào")))
    assert later.value.unsure


def test_whether_a_message_arrived_that_was_not_answered_in_time_is_not_known(
    peer: ZaloBotPeer,
) -> None:
    peer.troubles["sendMessage"].append(Trouble(delay=4.0, done_first=True))
    with pytest.raises(SendLater) as late:
        sender_of(peer, seconds=1.0).send(to(Page("Chào")))
    assert late.value.unsure
    eventually(lambda: len(peer.chats[TED]) == 1)


def test_where_nobody_takes_the_call_it_has_surely_not_arrived() -> None:
    with ZaloBotPeer() as gone:
        pass
    with pytest.raises(SendLater) as nobody:
        sender_of(gone).send(to(Page("Chào")))
    assert not nobody.value.unsure


def test_who_never_wrote_cannot_be_written_to(sender: ZaloBotSender) -> None:
    with pytest.raises(SendNever):
        sender.send(to(Page("Chào"), who="nobody"))


def test_a_wrong_token_is_shouted_about_without_being_told(
    peer: ZaloBotPeer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(SendLater) as later:
        sender_of(peer, token="1:wrong-token").send(to(Page("Chào")))
    everything = "".join(capsys.readouterr()) + caplog.text + str(later.value)
    assert "zalobot_needs_operator" in everything
    assert "wrong-token" not in everything


def test_the_webhook_is_registered_with_its_secret(
    peer: ZaloBotPeer, sender: ZaloBotSender
) -> None:
    asked = {"url": "https://motcua.example.vn/bot/zalobot/webhook", "secret_token": SECRET}
    sender.ask("setWebhook", asked)
    assert peer.webhook == asked
    with pytest.raises(SendNever):
        sender.ask("setWebhook", {**asked, "url": "http://motcua.example.vn/"})
