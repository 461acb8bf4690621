"""How people in isolation answer: one key, wherever they are asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.people.check_ins import Episode
from tests.core.house import House, Phone, chat, texting
from tests.fakes import CHILD, MOTHER


@pytest.fixture
def mother(house: House) -> Phone:
    return Phone(house).links()


def asked(house: House, phone: Phone, *about: str) -> list[str]:
    """A worker asks a minute from now."""
    house.passes(minutes=1)
    person = house.people.find(phone.address).id
    citizens = [one for one in (MOTHER, CHILD) if one.id in (about or (MOTHER.id,))]
    names = [house.check_ins.asks(person, one, house.now) for one in citizens]
    house.passes(minutes=1)
    return names


def said(house: House) -> list[tuple[str, str]]:
    return [(citizen, feeling) for citizen, feeling, *_ in house.check_ins.answers]


def test_it_stands_before_the_menu_and_one_key_answers_it(house: House, mother: Phone) -> None:
    asked(house, mother)
    mother.dials().sees("Nguyệt Quỳnh: how are you today?", "1 Well", "3 Severe", "00 Menu")
    mother.says("1").sees("Thank you", "reply 2 or 3 at any time")
    assert said(house) == [(MOTHER.id, "well")]
    assert house.check_ins.answers[0][2] == MOTHER.id
    mother.says("00").sees("One Door")
    mother.dials().sees("One Door")


def test_the_menu_is_one_step_away(house: House, mother: Phone) -> None:
    asked(house, mother)
    mother.dials().says("00").sees("One Door")
    mother.dials().sees("how are you today?")


def test_what_is_dialled_with_the_code_means_what_it_always_means(
    house: House, mother: Phone
) -> None:
    asked(house, mother)
    mother.dials("1").sees("1234 5678")
    assert said(house) == []


def test_a_step_of_the_menu_asks_no_books(house: House, mother: Phone) -> None:
    house.check_ins.searched = 0
    mother.dials().says("2").says("00").says("8")
    assert house.check_ins.searched == 0


def test_what_was_left_unfinished_is_offered_after_it(house: House, mother: Phone) -> None:
    mother.dials().says("3", "1").sees("In the last 14 days")
    asked(house, mother)
    mother.dials().sees("how are you today?").says("2").sees("Rest")
    mother.dials().sees("You were not finished")
    mother.says("1").sees("In the last 14 days")


@pytest.mark.parametrize(
    ("words", "feeling"),
    [("1", "well"), ("3", "severe"), ("3.", "severe"), ("khoe", "well"), ("Khỏe ạ", "well")],
)
def test_a_text_answers_it(house: House, mother: Phone, words: str, feeling: str) -> None:
    asked(house, mother)
    texting(house).says(words)
    assert said(house) == [(MOTHER.id, feeling)]


def test_a_text_tells_at_any_time_that_it_got_worse(house: House, mother: Phone) -> None:
    asked(house, mother)
    phone = texting(house).says("1").sees("Thank you")
    house.passes(hours=5)
    phone.says("3").sees("Your health station has been told.", "115")
    assert said(house) == [(MOTHER.id, "well"), (MOTHER.id, "severe")]


def test_where_no_station_is_told_the_person_is_sent_to_call(house: House, mother: Phone) -> None:
    house.check_ins.station = False
    asked(house, mother)
    texting(house).says("3").sees("call your health station").sees_not("has been told")


def test_who_was_not_asked_is_not_understood(house: House, mother: Phone) -> None:
    texting(house).says("1").sees("Type QR")
    assert said(house) == []


def test_an_open_question_comes_first_unless_the_other_was_asked_since(
    house: House, mother: Phone
) -> None:
    asked(house, mother)
    phone = texting(house).says("kb", "2").sees("In the last 14 days", "1 No")
    phone.says("1").sees("Which of these signs")
    assert said(house) == []
    house.check_ins.asks(
        house.people.find(phone.address).id, MOTHER, house.now + timedelta(minutes=1)
    )
    house.passes(minutes=2)
    phone.says("2").sees("Rest")
    assert said(house) == [(MOTHER.id, "mild")]
    phone.says("continue").sees("Which of these signs")


def test_who_is_on_ussd_answers_the_text_by_text(house: House, mother: Phone) -> None:
    mother.dials().says("3", "1").sees("In the last 14 days")
    asked(house, mother)
    texting(house).says("1").sees("Thank you")
    assert said(house) == [(MOTHER.id, "well")]


def test_a_store_that_is_away_does_not_stand_before_the_menu(
    house: House, mother: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(house, mother)

    def away(person_id: str) -> tuple[Episode, ...]:
        raise ConnectionError

    monkeypatch.setattr(house.check_ins, "of", away)
    mother.dials().sees("One Door")


def test_a_hint_that_is_out_of_date_leads_to_the_menu(house: House, mother: Phone) -> None:
    asked(house, mother)
    house.check_ins.asked_about.clear()
    mother.dials().sees("One Door")


def test_with_two_in_isolation_it_is_asked_who(house: House, mother: Phone) -> None:
    asked(house, mother, MOTHER.id, CHILD.id)
    texting(house).says("3").sees("Who is this about?").says("2").sees("115")
    assert said(house) == [(CHILD.id, "severe")]


def test_a_key_below_the_question_says_who_and_how(house: House, mother: Phone) -> None:
    here = chat(house)
    here.shares(mother.address.value)
    _mother, child = asked(house, mother, MOTHER.id, CHILD.id)
    here.taps("severe", f"ci{child}").sees("115")
    assert said(house) == [(CHILD.id, "severe")]


def test_an_old_key_changes_nothing_once_isolation_is_over(house: House, mother: Phone) -> None:
    here = chat(house)
    here.shares(mother.address.value)
    (name,) = asked(house, mother)
    house.check_ins.asked_about.clear()
    here.taps("severe", f"ci{name}").sees("no isolation is on record")
    assert said(house) == []


def test_somebody_elses_key_asks_again(house: House, mother: Phone) -> None:
    here = chat(house)
    here.shares(mother.address.value)
    asked(house, mother)
    here.taps("severe", "ciffffffffffffff").sees("115")
    assert said(house) == [(MOTHER.id, "severe")], "about the one whom this chat is asked about"


def test_it_can_be_found_on_the_menu_and_by_its_word(house: House, mother: Phone) -> None:
    mother.dials().says("8", "4").sees("no isolation is on record")
    asked(house, mother)
    mother.dials().says("00", "8", "4", "3").sees("115")
    texting(house).says("CL").sees("how are you today?").says("1")
    assert said(house) == [(MOTHER.id, "severe"), (MOTHER.id, "well")]
