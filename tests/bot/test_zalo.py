"""Zalo's webhook: the contract of all chat networks, the signature, and what each event means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from bot.network import Blocked, Ignored, TakenOver, Told
from bot.zalo import EVENTS, IGNORED, Zalo
from core.asked import Asked
from core.message import Address, Channel, Inbound
from core.outbox.outgoing import Receipt, Status
from tests.bot.conftest import Front, blind, served
from tests.bot.contract import JSON, ChatContract, Event
from tests.peers.zalo_events import APP_ID, LINH, OA_ID, OA_SECRET, Events, mac

PATH = "/bot/zalo/webhook"
HIM = Address("zalo", LINH)
_ID = st.fixed_dictionaries({"id": st.sampled_from([LINH, OA_ID]) | JSON})


def network(**changed: str) -> Zalo:
    made = {"app_id": APP_ID, "oa_id": OA_ID, "secret": OA_SECRET, **changed}
    return Zalo(blind=blind, **made)


class TestZalo(ChatContract):
    who = LINH
    events = Events()
    words = {
        "event_name": st.sampled_from(sorted((*EVENTS, *IGNORED))),
        "app_id": st.just(APP_ID),
        "sender": _ID,
        "recipient": _ID,
        "follower": _ID,
        "user_id": st.just(LINH),
        "message": st.fixed_dictionaries(
            {},
            optional={
                "text": st.text() | st.just("#mc:1f:yes"),
                "msg_id": st.text() | st.integers() | JSON,
                "msg_ids": st.lists(st.text() | JSON),
                "tracking_id": st.text() | JSON,
                "attachments": JSON,
            },
        ),
        "info": st.fixed_dictionaries({"phone": st.text() | JSON}),
        "timestamp": st.text() | st.integers() | JSON,
    }

    def network(self) -> Zalo:
        return network()

    def says(self, text: str, who: str | None = None) -> Event:
        return self.events.says(who or self.who, text)

    def headers(self, body: bytes) -> dict[str, str]:
        return self.events.signed(body)

    def forged(self, body: bytes) -> Iterator[dict[str, str]]:
        right = mac(APP_ID, body, OA_SECRET)
        yield {}
        for signature in (
            *("", "mac=", "mac=wrong", right[:-1], f"mac={right}x", "ồ".encode().decode("latin-1")),
            f"mac={mac(APP_ID, body + b' ', OA_SECRET)}",
            f"mac={mac('1', body, OA_SECRET)}",
            f"mac={mac(APP_ID, body, 'another-secret')}",
        ):
            yield {"X-ZEvent-Signature": signature}

    def kinds(self) -> Iterator[tuple[Event, str]]:
        made = self.events
        yield made.says(LINH, "QR"), "taken in"
        for kind in (
            *("image", "gif", "link", "audio", "video", "sticker", "location"),
            *("business_card", "file"),
        ):
            yield made.sends(LINH, kind, attachments=[{"type": kind, "payload": {}}]), "taken in"
        yield made.follows(LINH), "taken in"
        yield made.clicks_chat(LINH), "taken in"
        yield made.submits(LINH, "84912345678"), "taken in"
        yield made.follows(LINH, "unfollow"), "blocked"
        yield made.withdraws(LINH), "taken in"
        yield made.received(LINH, "abc"), "receipt"
        yield made.received(LINH, "abc", tracking_id="appt-88213"), "receipt"
        yield made.seen(LINH, "abc", "def"), "receipt"
        yield made.seen(LINH), "no message"
        for kind in ("text", "image", "gif", "list", "file", "sticker"):
            yield made.echo(LINH, kind), "our own"
        yield made.echo(LINH, admin="4455667788"), "by hand"
        yield made.says(LINH, "cảm ơn anh"), "taken in"
        for kind, why in IGNORED.items():
            yield {**made.says(LINH, "?"), "event_name": kind}, why
        yield {**made.says(LINH, "?"), "event_name": "next_years_event"}, "unknown kind"
        yield {**made.says(LINH, "?"), "recipient": {"id": "999"}}, "another account"
        yield {**made.says(LINH, "?"), "sender": {}}, "no person"

    def leaves(self) -> Event:
        return self.events.follows(self.who, "unfollow")

    def nameless(self) -> Iterator[Event]:
        event = self.says("QR")
        yield {}
        yield {name: value for name, value in event.items() if name != "event_name"}
        yield {**event, "event_name": 7}

    def test_the_table_names_every_kind_once(self) -> None:
        assert not EVENTS.keys() & IGNORED.keys()
        tried = {event["event_name"] for event, _ in self.kinds()}
        assert tried >= {*EVENTS, *IGNORED}


# The signature

BODY = (
    '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},'
    '"user_id_by_app":"552177279717587730","recipient":{"id":"388613280878808645"},'
    '"event_name":"user_send_text","message":{"text":"Xin chào","msg_id":"96d3cdf3af150460909"},'
    '"timestamp":"1785672000000"}'
).encode()
MAC = "2f9000fc7b4ca9dfde03d6c3a9feed0a5f2c310d0e7372f5908fc0c8858e5946"


@pytest.mark.parametrize("signature", [f"mac={MAC}", MAC, f"mac={MAC.upper()}", f" {MAC} "])
def test_the_signature_of_the_known_example(signature: str) -> None:
    assert len(BODY) == 266
    asked = Asked(body=BODY, headers={"x-zevent-signature": signature})
    assert network().prove(asked)
    assert not network(secret="another").prove(asked)
    assert not network(app_id="1").prove(asked)


def test_a_timestamp_may_be_a_number() -> None:
    body = b'{"timestamp": 1785672000000}'
    headers = {"x-zevent-signature": mac(APP_ID, body, OA_SECRET)}
    assert network().prove(Asked(body=body, headers=headers))


def test_while_it_is_being_set_up_zalo_is_answered_well_and_nothing_is_taken_in() -> None:
    front = Front(network(secret=""))
    client = front.app().test_client()
    for body in (b"", b"ping", json.dumps(Events().says(LINH, "QR")).encode()):
        assert client.post(PATH, data=body).status_code == 200
    assert front.inbox.taken == {}


def test_without_an_app_everybody_is_refused() -> None:
    client = Front(network(app_id="", secret="")).app().test_client()
    assert client.post(PATH, data=b"{}").status_code == 403


# What events mean


def heard(event: Event) -> Inbound:
    meant = network().read(event)
    assert isinstance(meant, Inbound)
    return meant


def test_a_text() -> None:
    event = Events().says(LINH, "Tôi bị sốt")
    assert heard(event) == Inbound(
        channel=Channel.CHAT,
        provider="zalo",
        address=HIM,
        wire=LINH,
        hop=event["message"]["msg_id"],
        said=("Tôi bị sốt",),
    )


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("#mc:1f:yes", {"option": "yes", "screen": "1f"}),
        ("#mc:1f:more", {"said": ("98",)}),
        ("#mc::results", {"said": ("results",)}),
        ("#mc:nonsense", {"option": "?", "screen": "?"}),
        ("#mc", {"said": ("#mc",)}),
        ("1f:yes", {"said": ("1f:yes",)}),
    ],
)
def test_a_tap_comes_back_as_a_text(text: str, fields: dict[str, Any]) -> None:
    inbound = heard(Events().says(LINH, text))
    nothing = {"said": (), "option": None, "screen": None}
    assert {name: getattr(inbound, name) for name in nothing} == {**nothing, **fields}


def test_what_we_cannot_read_is_heard_as_nothing_clear() -> None:
    place = {"type": "location", "payload": {"coordinates": {"latitude": "10.76"}}}
    assert heard(Events().sends(LINH, "location", attachments=[place])).said == ("",)


def test_who_follows_or_opens_the_chat_has_arrived() -> None:
    for event in (Events().follows(LINH), Events().clicks_chat(LINH)):
        inbound = heard(event)
        assert (inbound.event, inbound.said, inbound.address) == ("new", (), HIM)


def test_an_event_without_a_number_of_its_own_is_known_again_by_what_it_says() -> None:
    moments = iter(range(1000, 2000))
    events = Events(now=lambda: next(moments))
    first, second = events.follows(LINH), events.follows(LINH)
    assert heard(first).hop == heard(dict(first)).hop
    assert len({heard(one).hop for one in (first, second, events.clicks_chat(LINH))}) == 3
    assert LINH not in heard(first).hop


@pytest.mark.parametrize("phone", ["84912345678", "+84912345678"])
def test_a_number_in_a_form_is_claimed_and_not_proven(phone: str) -> None:
    inbound = heard(Events().submits(LINH, phone))
    assert (inbound.claimed, inbound.proved) == ("+84912345678", None)


@pytest.mark.parametrize("phone", ["", "12", "tôi không có", "84" * 30])
def test_a_form_without_a_number_is_nothing_clear(phone: str) -> None:
    inbound = heard(Events().submits(LINH, phone))
    assert (inbound.claimed, inbound.said) == (None, ("",))


def test_leaving_and_asking_to_be_forgotten() -> None:
    assert network().read(Events().follows(LINH, "unfollow")) == Blocked(HIM)
    assert heard(Events().withdraws(LINH)).event == "forget"
    assert heard({"event_name": "user_withdraw", "user_id": LINH}).event == "forget"


def test_receipts() -> None:
    events = Events()
    delivered = Receipt("zalo", "m1", Status.DELIVERED)
    assert network().read(events.received(LINH, "m1")) == Told((delivered,))
    by_phone = network().read(events.received("84912345678", "m2", tracking_id="our-id"))
    assert by_phone == Told((Receipt("zalo", "m2", Status.DELIVERED, outgoing_id="our-id"),))
    seen = network().read(events.seen(LINH, "m1", "m3"))
    assert seen == Told((delivered, Receipt("zalo", "m3", Status.DELIVERED)))


def test_receipts_open_no_window_and_what_people_do_opens_it() -> None:
    front = Front(network())
    reception = front.reception
    for event in (Events().received(LINH, "m1"), Events().seen(LINH, "m1"), Events().echo(LINH)):
        reception.take(event)
    assert front.heard == []
    for event in (Events().follows(LINH), Events().says(LINH, "#mc:1:qr")):
        reception.take(event)
    assert front.heard == [HIM, HIM]


def test_events_of_another_account_of_the_same_app_are_left_alone() -> None:
    others = Events(oa_id="777")
    for event in (others.says(LINH, "QR"), others.follows(LINH), others.received(LINH, "m")):
        assert network().read(event) == Ignored("another account")
        assert network(oa_id="").read(event) != Ignored("another account")


# A person of ours takes over


def test_what_somebody_of_ours_writes_by_hand_comes_in_its_turn_and_opens_no_window() -> None:
    front, events = Front(network()), Events()
    by_hand = events.echo(LINH, admin="9")
    meant = network().read(by_hand)
    assert isinstance(meant, TakenOver)
    assert meant.inbound.address == HIM
    for event in (events.says(LINH, "QR"), by_hand, by_hand, events.echo(LINH)):
        front.reception.take(event)
    heard = [Inbound.from_json(one) for one in front.inbox.taken.values()]
    assert [(one.event, one.said) for one in heard] == [
        ("resume", ("QR",)),
        ("by-hand", ("Chào bạn",)),
    ]
    assert front.heard == [HIM]


# Over a real socket


def test_zalo_brings_it_until_it_is_stored() -> None:
    front = Front(network())
    front.inbox.broken = 1
    event = Events().says(LINH, "QR")
    with served(front.app()) as base:
        assert Events().push(base + PATH, event) == [503, 200]
        assert Events().push(base + PATH, event) == [200]
        assert Events(secret="guessed").push(base + PATH, event, tries=1) == [403]
    assert list(front.inbox.taken) == [event["message"]["msg_id"]]
