"""Nobody agrees to what they were not shown, and nothing counts twice or out of order."""

from __future__ import annotations

from typing import Literal

import pytest

from core.message import Address, Inbound
from tests.core.house import House, Phone, chat, texting
from tests.fakes import PHONE

LINKING = ("1", "1", "079190012345", "1990")


class Network(Phone):
    """A phone behind a network that sends the whole history each time."""

    def sends(self, history: str, session: str = "S1") -> Network:
        event: Literal["new", "resume"] = "resume" if history else "new"
        address = Address("phone", PHONE)
        self.page = self.house.engine.turn(
            Inbound(
                self.voice.channel, "test", address, session, f"h:{history}", event,
                history=history,
            ),
            self.voice,
        )  # fmt: skip
        return self


def test_a_consent_dialled_ahead_is_none(house: House) -> None:
    phone = Network(house).sends("*".join(LINKING))
    assert "1 Đồng ý" in phone.text
    assert house.people.consents == []
    phone.sends("*".join((*LINKING, "1"))).sees("CCCD")


def test_a_history_brought_again_after_our_memory_was_lost_sends_nothing(house: House) -> None:
    Phone(house).links()
    network = Network(house)
    network.sends("").sends("3").sends("3*2").sends("3*2*1").sends("3*2*1*1")
    network.sends("3*2*1*1*1").sends("3*2*1*1*1*1").sees("Send the declaration")
    network.sends("3*2*1*1*1*1*1").sees("received")
    assert len(house.platforms.declared) == 1
    house.sessions.loses_all()
    network.sends("3*2*1*1*1*1*1*00").sees("lost the thread", "1 My QR code")
    assert len(house.platforms.declared) == 1
    network.sends("3*2*1*1*1*1*1*00*3").sees("Who is this about?")


def test_a_code_dialled_with_answers_is_no_lost_session(house: House) -> None:
    """The memory is older than any session: what it does not know was never said."""
    Phone(house).links()
    house.sessions.stored.clear()
    Network(house).sends("3*2").sees("another province")


def test_a_single_answer_goes_to_the_menu_whether_it_was_dialled_or_the_memory_was_lost(
    house: House,
) -> None:
    Phone(house).links()
    house.sessions.loses_all()
    Network(house).sends("3").sees("Who is this about?")


def test_a_hop_that_comes_late_answers_nothing(house: House) -> None:
    Phone(house).links()
    network = Network(house).sends("").sends("3").sends("3*2").sends("3*2*1")
    shown = network.text
    assert network.sends("3*2").text == shown
    assert network.sends("").text == shown
    assert network.sends("3*2*1").text == shown
    assert network.sends("3*2*1*1").text != shown


def test_whoever_came_to_link_goes_on_linking_once_the_number_is_shared(house: House) -> None:
    phone = chat(house)
    phone.says("/start", "/link").sees("chia sẻ").shares(PHONE).sees("Đồng ý")


def test_to_have_looked_who_one_is_leaves_nothing_unfinished(house: House) -> None:
    phone = Phone(house).links()
    phone.says("8", "2").sees("linked to").dials().sees("One Door")


def test_a_language_by_its_name_even_where_a_key_bears_it(house: House) -> None:
    phone = texting(house).says("menu")
    phone.says("English").sees("One Door").says("English").sees("One Door")


@pytest.mark.parametrize("said", ["vâng", "dạ có", "có ạ", "Dạ vâng ạ", "co roi", "đúng rồi"])
def test_a_polite_yes(house: House, said: str) -> None:
    Phone(house).links().says("3", "2", said).sees("Where have you been?")


@pytest.mark.parametrize("said", ["dạ không", "không ạ", "khong co", "dạ chưa", "Không có ạ"])
def test_a_polite_no(house: House, said: str) -> None:
    Phone(house).links().says("3", "2", said).sees("Which of these signs")


def test_a_newcomer_is_spoken_to_as_their_device_speaks(house: House) -> None:
    phone = chat(house)
    phone._turn(said=("/start",), language="en").sees("One Door")
    phone.says("VI").sees("Một Cửa")
    phone._turn(said=("/start",), language="en").sees("Một Cửa")


def test_a_form_that_is_nowhere_to_be_had_holds_nobody_up(house: House) -> None:
    phone = Phone(house).links()
    phone.says("3", "2").sees("1 No")

    house.forms_gone = True
    phone.says("1").sees("cannot go on", "One Door").says("4", "1").sees("Test results of")
    phone.dials().sees("One Door")
