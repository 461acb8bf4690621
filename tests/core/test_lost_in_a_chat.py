"""Who is not understood in a chat is not shown the same thing for ever."""

from __future__ import annotations

import pytest

from core.message import Address, Channel
from tests.core.house import House, Phone, PlainVoice

OFFER = "GẶP NGƯỜI"


def on(channel: Channel) -> Phone:
    network = "telegram" if channel is Channel.CHAT else "phone"
    address = (
        Address("telegram", "5551001")
        if network == "telegram"
        else Address("phone", "+84912345678")
    )
    return Phone(House(), address, PlainVoice(channel, 15.0, True))


def test_the_second_unclear_answer_in_a_row_brings_an_offer() -> None:
    phone = on(Channel.CHAT).says("menu", "ờ thì")
    phone.sees("Mã QR")
    assert OFFER not in phone.text
    for said in ("sao cơ", "", "???"):
        phone.says(said).sees(OFFER, "Mã QR")
    phone.says("7", "\0")
    assert OFFER not in phone.text, "an answer that was understood starts anew"


def test_who_only_talks_is_offered_help_and_then_a_person() -> None:
    phone = on(Channel.CHAT).says("chào em")
    phone.sees("KB")
    phone.says("alo").sees(OFFER)
    phone.says("gặp người").sees("trạm y tế".capitalize())


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.USSD])
def test_on_a_telephone_every_letter_counts(channel: Channel) -> None:
    phone = on(channel)
    phone.dials() if channel is Channel.USSD else phone.says("menu")
    phone.says("x", "y", "z")
    assert OFFER not in phone.text
