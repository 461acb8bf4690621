"""One person, two chats: what was begun on Zalo is gone on with on Telegram."""

from __future__ import annotations

from core.message import Address, Channel
from tests.core.house import House, Phone, PlainVoice
from tests.core.test_chats_that_prove_by_code import code_of
from tests.fakes import PHONE


def chat(house: House, network: Address) -> Phone:
    return Phone(house, network, PlainVoice(Channel.CHAT, 15.0, True), wire=network.value)


def test_a_declaration_begun_on_zalo_is_finished_on_telegram() -> None:
    house = House()
    zalo = chat(house, Address("zalo", "246845883529197922"))
    telegram = chat(house, Address("telegram", "5551001"))
    zalo.says("kb")
    zalo.says("0912345678")
    zalo.says(code_of(house))
    zalo.says("1", "079190012345", "1990", "1")
    question = zalo.text
    assert "Việc này cho ai?" not in question
    zalo.says("1")
    left_at = zalo.text
    assert left_at != question

    telegram.says("/start").shares(PHONE).sees("dang dở", "1 Làm tiếp")
    telegram.says("1")
    assert telegram.text.splitlines()[0] == left_at.splitlines()[0]
    for _count in range(20):
        if "Đã nhận tờ khai" in telegram.text:
            break
        telegram.says("1")
    telegram.sees("Đã nhận tờ khai")
    assert house.platforms.calls.count("declare") == 1

    zalo.says("1")
    assert "Đã nhận tờ khai" not in zalo.text, "it was answered elsewhere"
    assert house.platforms.calls.count("declare") == 1
