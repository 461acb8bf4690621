"""Chats whose network vouches for no number: a code by SMS, several chats, a new number, forgetting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Busy
from core.message import Address
from tests.core.house import NOW, House, Phone, chat, zalo
from tests.fakes import MOTHER, PHONE

PHONE_AT_HOME = Address("phone", PHONE)


@pytest.fixture
def linh(house: House) -> Phone:
    """The mother on Zalo, in English."""
    return zalo(house).says("EN").sees("One Door")


def code_of(house: House) -> str:
    return house.proofs.sent[-1][1][:6]


def proves(house: House, phone: Phone, number: str = "0912345678") -> Phone:
    """Types the number and the code that came by SMS."""
    phone.sees("Type your mobile number").says(number).sees("six digits")
    return phone.says(code_of(house))


def test_a_code_by_sms_proves_the_number_and_the_linking_goes_on(house: House, linh: Phone) -> None:
    linh.says("1").sees("Type your mobile number").says("0912 345 678").sees("six digits")
    ((number, text),) = house.proofs.sent
    assert number == PHONE
    assert text.startswith("000001 is your One Door code")
    linh.says("000 001").sees("sensitive personal data").says("1", "079190012345", "1990")
    linh.sees("1234 5678 1101")
    assert house.people.known[linh.address].linked is not None
    assert house.people.known[linh.address].id == house.people.known[PHONE_AT_HOME].id


def test_whoever_is_linked_already_goes_straight_to_what_they_wanted(
    house: House, linh: Phone
) -> None:
    Phone(house).links()
    proves(house, linh.says("status")).sees("Who is this about?").says("1").sees(MOTHER.name)


def test_who_only_wanted_to_say_who_they_are_is_told(house: House, linh: Phone) -> None:
    Phone(house).links()
    proves(house, linh.says("link")).sees(f"This phone is linked to {MOTHER.name}")


def test_afterwards_the_chat_shares_the_phones_session(house: House, linh: Phone) -> None:
    proves(house, linh.says("1")).sees("1 I agree")
    Phone(house).dials().sees("Continue?").says("1").sees("I agree")


def test_a_wrong_code_is_said_and_the_fifth_ends_it(house: House, linh: Phone) -> None:
    linh.says("1", "0912345678")
    for _try in range(4):
        linh.says("999999").sees("not the code", "six digits")
    linh.says("999999").sees("does not hold any longer")
    linh.says("1").sees("six digits").says("000001").sees("not the code").says("000002")
    linh.sees("I agree")


def test_what_is_no_code_costs_no_try(house: House, linh: Phone) -> None:
    linh.says("1", "0912345678")
    for said in ("12345", "1234567", "mã đâu?", "", "１２３４５６"):
        linh.says(said).sees("The code has six digits")
    assert house.proofs.tries == 0
    linh.says("000001").sees("I agree")


@pytest.mark.parametrize("number", ["0912345", "0241234567", "12345", "tôi không nhớ", "113"])
def test_what_is_no_mobile_number_gets_no_code(house: House, linh: Phone, number: str) -> None:
    linh.says("1", number).sees("not a mobile number")
    assert house.proofs.sent == []


def test_a_number_nobody_knows_gets_the_same_answers(house: House, linh: Phone) -> None:
    known = linh.says("1", "0912345678").text
    stranger = zalo(house, "1").says("EN").says("1", "0987654321").text
    assert stranger == known
    wrong = [phone.says("999999").text for phone in (linh, zalo(house, "1"))]
    assert wrong[0] == wrong[1]


def test_too_many_codes_are_refused_until_a_time(house: House, linh: Phone) -> None:
    house.proofs.full_until = NOW + timedelta(minutes=40)
    linh.says("1", "0912345678").sees("Too many codes", "14:45")


def test_back_is_to_another_number(house: House, linh: Phone) -> None:
    linh.says("1", "0987654321", "0").sees("Type your mobile number").says("0912345678")
    assert [number for number, _ in house.proofs.sent] == ["+84987654321", PHONE]


def test_a_form_with_a_number_is_only_typed_for_them(house: House, linh: Phone) -> None:
    linh.says("1").fills_in(PHONE).sees("six digits")
    assert house.people.known[linh.address].phone is None
    linh.says(code_of(house)).sees("I agree")


def test_a_form_answers_no_other_question(house: House, linh: Phone) -> None:
    linh.fills_in(PHONE).sees("One Door")
    proves(house, linh.says("1")).says("1").sees("Type the number of your citizen card")
    linh.fills_in(PHONE).sees("Type the number of your citizen card")


def test_a_turn_that_broke_off_after_the_proof_does_it_again_and_goes_on(
    house: House, linh: Phone
) -> None:
    linh.says("1", "0912345678")
    house.sessions.locked.add(f"phone:{PHONE}")
    with pytest.raises(Busy):
        linh.says("000001")
    assert house.people.known[linh.address].phone == PHONE
    house.sessions.locked.clear()
    linh.says("000001").sees("I agree")


# Several chats, seen and removed from anywhere


def test_chats_are_seen_and_removed_from_a_telephone(house: House, linh: Phone) -> None:
    mother = Phone(house).links()
    proves(house, linh.says("1")).sees("1234 5678 1101")
    telegram = chat(house).shares(PHONE)
    mother.dials().says("00", "8", "2", "3").sees("1 Zalo, since 23/11/2026", "2 Telegram")
    mother.says("1").sees("Remove Zalo, since 23/11/2026?").says("1").sees("is removed")
    linh.says("status").sees("số di động")
    telegram.says("status").sees("Who is this about?")


def test_the_chat_in_use_is_marked_and_may_remove_itself(house: House, linh: Phone) -> None:
    Phone(house).links()
    proves(house, linh.says("1"))
    linh.says("chats").sees("Zalo, since 23/11/2026 (this one)").says("1", "2").sees("One Door")
    linh.says("chats").says("1", "1").sees("is removed")
    linh.says("qr").sees("số di động")


def test_without_a_chat_there_is_nothing_to_remove(house: House, linh: Phone) -> None:
    Phone(house).links().says("8", "2", "3").sees("No chat is linked")
    linh.says("chats").sees("No chat is linked")


def test_unlinking_a_phone_takes_the_other_chats_away(house: House, linh: Phone) -> None:
    """A number that is given to somebody else must not bring its old chats along."""
    mother = Phone(house).links()
    proves(house, linh.says("1"))
    mother.dials().says("00", "8", "2", "2").sees("no longer linked")
    mother.says("00", "1", "1", "079190012345", "1990").sees("1234 5678 1101")
    linh.says("status").sees("số di động")


# A new number


def test_a_changed_number_is_proven_anew_and_says_who_they_are_anew(
    house: House, linh: Phone
) -> None:
    Phone(house).links()
    proves(house, linh.says("1"))
    linh.says("link").sees("4 My number has changed").says("4")
    proves(house, linh, "0987654321").sees("I agree")
    assert house.people.known[linh.address].phone == "+84987654321"
    assert house.people.known[PHONE_AT_HOME].linked is not None
    linh.says("1", "079190012345", "1990").sees("does not match")
    Phone(house).dials().says("00", "2").sees("Who is this about?")


def test_on_a_telephone_the_number_cannot_have_changed(house: House) -> None:
    Phone(house).links().says("8", "2").sees("linked to").sees_not("My number has changed")


# Forgetting


def test_whoever_asks_to_be_forgotten_is_a_stranger_afterwards(house: House, linh: Phone) -> None:
    Phone(house).links()
    proves(house, linh.says("1"))
    linh._turn(event="forget").sees_nothing()
    assert linh.address not in house.people.known
    assert house.people.known[PHONE_AT_HOME].linked is None
    linh.says("status").sees("số di động")
    Phone(house).dials().says("00", "2").sees("1 I agree")
