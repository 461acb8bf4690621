"""Nobody sees a record that is not theirs to see, though they once could: numbers and carers change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.message import Address
from core.people.accounts import Linked
from tests.core.house import House, Phone, chat
from tests.fakes import CHILD, MOTHER, PHONE

SOMEBODY = "+84398765432"


def _changes(house: House, citizen_id: str, **changed: object) -> None:
    house.platforms.people = [
        replace(one, **changed) if one.id == citizen_id else one  # type: ignore[arg-type]
        for one in house.platforms.people
    ]


def _linked(house: House) -> Linked | None:
    return house.people.find(Address("phone", PHONE)).linked


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_number_that_has_changed_hands_shows_nothing_of_whoever_had_it(key: str) -> None:
    house = House()
    phone = Phone(house).links()
    _changes(house, MOTHER.id, phones=(SOMEBODY,))
    phone.dials().says(key).sees("no longer has this phone number", "Do you agree")
    phone.sees_not("Quỳnh", "1234")
    assert _linked(house) is None


def test_a_record_that_is_gone_is_nobodys() -> None:
    house = House()
    phone = Phone(house).links()
    house.platforms.people = [one for one in house.platforms.people if one.id != MOTHER.id]
    phone.dials().says("2").sees("no longer has this phone number")


def test_a_platform_that_finds_numbers_badly_or_not_at_all_takes_nothing_away() -> None:
    """Its search by number finds nobody, but the record itself has the number."""
    house = House()
    phone = Phone(house).links()
    house.platforms.by_phone = lambda phone, *, deadline: ()  # type: ignore[method-assign]
    phone.dials().says("2").sees("Card:")
    house.platforms.mood = "down"
    phone.dials().says("2").sees("not answering")
    assert _linked(house) is not None


@pytest.mark.parametrize("word", ["TT", "TIEM", "KQ", "KB", "SAI"])
def test_a_carer_taken_off_the_record_sees_nothing_by_a_question_left_open(word: str) -> None:
    house = House()
    Phone(house).links()
    mother = chat(house).says("menu").shares(PHONE).says(word).sees("Bảo Trâm")
    _changes(house, CHILD.id, carers=())
    house.passes(minutes=9)
    assert house.platforms.people
    house.passes(hours=3)
    mother.says("2").sees("does not name you for this person any more").sees_not("Trâm")


def test_a_code_of_a_child_under_an_old_message_is_not_given_to_who_is_no_carer_any_more() -> None:
    house = House()
    Phone(house).links()
    mother = chat(house).says("menu").shares(PHONE).says("QR").sees("Code of Bảo Trâm")
    _changes(house, CHILD.id, carers=(SOMEBODY,))
    house.passes(hours=3)
    mother.says("1").sees("does not name you").sees_not("Trâm")


def test_a_declaration_is_not_sent_by_who_is_no_carer_any_more() -> None:
    house = House()
    Phone(house).links()
    mother = chat(house).says("menu").shares(PHONE).says("KB", "2")
    while "Send the declaration" not in mother.text and "Gửi tờ khai" not in mother.text:
        mother.says("1")
    _changes(house, CHILD.id, carers=())
    house.passes(hours=3)
    mother.says("1").sees("does not name you")
    assert house.platforms.declared == []


def test_who_still_may_is_not_stopped_by_time() -> None:
    house = House()
    Phone(house).links()
    mother = chat(house).says("menu").shares(PHONE).says("TT").sees("Bảo Trâm")
    house.passes(hours=3)
    mother.says("2").sees("Bảo Trâm", "Card:")
