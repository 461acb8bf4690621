"""Is my ward green? By the place where somebody is, which nobody keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.telegram import read
from core.areas import nearest
from core.message import Address, Channel, Inbound
from core.platform.ports import Area
from core.session import Talk
from tests.bot.test_zalo import network
from tests.core.house import House, Phone, PlainVoice
from tests.fakes import AREAS
from tests.peers.zalo_events import LINH, Events

NHA_TRANG, BEN_NGHE, SAI_GON = (12.24, 109.19), (10.775, 106.705), (10.78, 106.70)
AT = {"kh-nt": NHA_TRANG, "hcm-bn": BEN_NGHE, "hcm-sg": SAI_GON}
PLACED = tuple(replace(area, position=AT.get(area.id)) for area in AREAS)


NOWHERE: tuple[object, ...] = (
    *(None, "", True, [], {}, "nan", "inf", "1e2", "91", "181", "x", 1e400, " 1", "٣", "9" * 400),
)


def chatting(areas: tuple[Area, ...] = PLACED) -> Phone:
    house = House()
    house.platforms.known_areas = areas
    return Phone(house, Address("telegram", "5551001"), PlainVoice(Channel.CHAT, 15.0, True))


def sends(phone: Phone, place: tuple[float, float]) -> Phone:
    phone.count += 1
    inbound = Inbound(
        Channel.CHAT, "test", phone.address, phone.wire, f"p{phone.count}", said=("",), place=place
    )
    phone.page = phone.house.engine.turn(Inbound.from_json(inbound.to_json()), phone.voice)
    return phone


def test_a_place_is_answered_with_the_level_of_its_ward() -> None:
    phone = sends(chatting(), (12.25, 109.18))
    phone.sees("gần nơi đó nhất", "Phường Nha Trang, Khánh Hòa", "XANH")


def test_the_nearest_of_several_counts_and_far_away_there_is_none() -> None:
    sends(chatting(), (10.776, 106.704)).sees("Phường Bến Nghé")
    for far in ((21.03, 105.85), (0.0, 0.0), (90.0, 180.0), (-33.9, 18.4)):
        sends(chatting(), far).sees("không biết phường, xã nào gần")
    sends(chatting(AREAS), NHA_TRANG).sees("không biết phường, xã nào gần")


def test_provinces_are_nobodys_ward() -> None:
    province = replace(AREAS[0], position=NHA_TRANG)
    assert nearest(NHA_TRANG, [province]) is None


def test_the_place_stays_nowhere() -> None:
    phone = sends(chatting(), (12.251, 109.181))
    held = phone.house.sessions.hold(phone.address)
    phone.house.sessions.let_go(held)
    assert held.session is not None
    assert b"12.251" not in held.session.to_bytes()
    assert b"109.181" not in held.session.to_bytes()
    assert "12.251" not in repr(
        Inbound(Channel.CHAT, "t", phone.address, "w", "h", place=(12.251, 1))
    )


def test_what_was_begun_can_be_gone_on_with() -> None:
    phone = chatting()
    phone.says("menu", "1")
    phone.shares("+84912345678").says("1", "079190012345")
    held = phone.house.sessions.hold(phone.address)
    assert held.session is not None
    assert isinstance(held.session.talk, Talk)
    step = held.session.talk.step
    phone.house.sessions.let_go(held)
    assert step == "birth"
    sends(phone, NHA_TRANG).sees("Phường Nha Trang")
    phone.says("tiếp tục").sees("sinh năm nào")


@pytest.mark.parametrize(
    ("north", "east", "heard"),
    [
        (10.7626, 106.6602, (10.763, 106.660)),
        ("10.76", "106.66", (10.76, 106.66)),
        ("-10", 106, (-10.0, 106.0)),
        *((wrong, "106.66", None) for wrong in NOWHERE),
        *(("10.76", wrong, None) for wrong in NOWHERE if wrong != "91"),
    ],
)  # fmt: skip
def test_a_place_is_read_as_the_networks_bring_it(
    north: object, east: object, heard: tuple[float, float] | None
) -> None:
    attached = [
        {"type": "location", "payload": {"coordinates": {"latitude": north, "longitude": east}}}
    ]
    zalo = network().read(Events().sends(LINH, "location", attachments=attached))
    assert isinstance(zalo, Inbound)
    assert (zalo.place, zalo.said) == (heard, ("",))
    person = {"id": 7, "is_bot": False}
    location = {"latitude": north, "longitude": east}
    sent = {
        "message_id": 1,
        "from": person,
        "chat": {"id": 7, "type": "private"},
        "location": location,
    }
    telegram = read({"update_id": 1, "message": sent})
    assert isinstance(telegram, Inbound)
    assert (telegram.place, telegram.said) == (heard, ("",))
