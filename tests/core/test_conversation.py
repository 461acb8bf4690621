"""The conversation as people have it: transcripts through the real engine and the real dialogues."""

from __future__ import annotations

import pytest

from core.dialogue import Call, Dialogue, Step, Tell, WrongDialogue, targets
from core.dialogues import BY_NAME, DIALOGUES
from core.dialogues.menu import TARGETS
from core.errors import Busy, Late
from core.message import Address
from core.text import _
from tests.core.house import House, Phone, chat, texting
from tests.fakes import CHILD, MOTHER, PHONE


@pytest.fixture
def mother(house: House) -> Phone:
    return Phone(house)


def test_a_newcomer_dials_and_sees_the_menu_in_vietnamese_with_english_on_offer(
    mother: Phone,
) -> None:
    mother.dials().sees("1 ", "9 English")
    mother.says("9").sees("One Door - Health", "9 Tiếng Việt")


def test_linking_needs_consent_paper_and_birth_year_and_leads_on_to_what_was_wanted(
    house: House, mother: Phone
) -> None:
    mother.dials().says("9", "1").sees("sensitive personal data", "1 I agree")
    mother.says("1").sees("Type the number").says("079190012345").sees("which year")
    mother.says("1990").sees("1234 5678 1101")
    (person_id, consent) = house.people.consents[0]
    assert consent.wording.startswith("May we look up your health record")
    assert house.people.known[Address("phone", PHONE)].linked is not None
    assert person_id == house.people.known[Address("phone", PHONE)].id


def test_a_language_said_twice_is_meant_twice(house: House) -> None:
    phone = texting(house)
    phone.says("EN").sees("One Door - Health").says("EN").sees("One Door - Health")
    phone.says("Tiếng Việt").sees("Một Cửa").says("vi").sees("Một Cửa")


def test_three_wrong_tries_lock_for_a_quarter_of_an_hour(house: House, mother: Phone) -> None:
    mother.dials().says("9", "1", "1")
    mother.says("079190012345", "1991").sees("does not match")
    mother.says("024123456", "1988").sees("does not match")
    mother.says("111111111111", "1990").sees("Too many wrong tries", "14:20")
    mother.dials("1").sees("Too many wrong tries")
    house.passes(minutes=15, seconds=1)
    mother.dials("1").sees("1 I agree")
    mother.says("1", "079190012345", "1990").sees("1234 5678 1101")


def test_a_paper_of_somebody_whose_number_this_is_not_does_not_link(mother: Phone) -> None:
    """The father's paper and year are right, but this is not his telephone."""
    mother.dials().says("9", "1", "1", "024123456", "1988").sees("does not match")


def test_she_sees_her_status_and_her_childs_but_not_her_husbands(mother: Phone) -> None:
    mother.links().sees("One Door")
    mother.says("2").sees("1 Nguyệt Quỳnh", "2 Bảo Trâm").sees_not("Vũ Ý")
    mother.says("1").sees(MOTHER.name, "2 doses, last on 14/03/2026", "As of 14:05 23/11")
    mother.says("0").sees("Who is this about?").says("2").sees(CHILD.name, "1 dose")
    mother.says("00").sees("One Door")


def test_nothing_on_record_is_said_with_its_age_and_its_person(mother: Phone) -> None:
    mother.links().says("4", "2").sees("Tests of Bảo Trâm", "no test result", "As of 14:05 23/11")


def test_she_declares_for_her_child_and_it_arrives_once(house: House, mother: Phone) -> None:
    mother.links().says("3", "2").sees("False statements", "another province", "1 No")
    mother.says("2").sees("Where have you been?").says("Đà Nẵng").sees("Which of these signs")
    mother.says("1 3").sees("close to", "somebody with COVID-19").says("1", "1")
    mother.sees("Send the declaration for Bảo Trâm?").says("1").sees(
        "received at 14:05", "stay at home"
    )
    ((key, declaration),) = house.platforms.declared
    assert key
    assert (declaration.citizen_id, declaration.author_id) == (CHILD.id, MOTHER.id)
    assert declaration.answers == {
        "travel": (True,),
        "travel-where": ("Đà Nẵng",),
        "symptoms": ("386661006", "267036007"),
        "contact-case": (False,),
        "contact-signs": (False,),
    }


def test_an_answer_taken_back_takes_its_follow_up_along(house: House, mother: Phone) -> None:
    mother.links().says("3", "1", "2", "Đà Nẵng", "0", "0").sees("another province")
    mother.says("1").sees("Which of these signs").says("*", "1", "1", "1").sees("received")
    ((_key, declaration),) = house.platforms.declared
    assert "travel-where" not in declaration.answers


def test_nothing_goes_back_before_a_declaration_that_was_sent(house: House, mother: Phone) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1", "1").sees("received")
    mother.says("0").sees("One Door")
    assert len(house.platforms.declared) == 1


def test_answers_may_be_words_with_or_without_accents(mother: Phone) -> None:
    mother.links().says("3", "bao tram").sees("another province")
    mother.says("KHÔNG").sees("Which of these signs").says("sốt, ho").sees("somebody with COVID-19")


def test_an_answer_that_is_none_gets_a_hint_and_the_question_again(mother: Phone) -> None:
    mother.links().says("2", "7").sees("one of the numbers", "Who is this about?")
    mother.says("").sees("Who is this about?")


def test_the_same_hop_again_gets_the_same_page_and_does_nothing(
    house: House, mother: Phone
) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1")
    mother._turn(said=("1",), hop="twice").sees("received")
    first = mother.page
    mother._turn(said=("1",), hop="twice")
    assert mother.page == first
    assert len(house.platforms.declared) == 1


def test_a_dropped_question_is_offered_again_for_an_hour(house: House, mother: Phone) -> None:
    mother.links().says("3", "1", "1").sees("Which of these signs")
    mother.dials().sees("Continue?").says("1").sees("Which of these signs")
    mother.dials().sees("Continue?").dials().sees("Continue?").says("2").sees("One Door")
    mother.says("3", "1", "1")
    house.passes(minutes=61)
    mother.dials().sees("One Door").sees_not("Continue?")


def test_a_deep_dial_goes_straight_there(mother: Phone) -> None:
    mother.links()
    mother.dials("1").sees("1234 5678 1101")
    mother.dials("2", "1").sees(MOTHER.name, "2 doses")


def test_a_platform_that_is_down_is_said_and_can_be_tried_again(
    house: House, mother: Phone
) -> None:
    mother.links().says("2", "1")
    mother.says("00")
    house.platforms.mood = "down"
    mother.says("2").sees("not answering", "1 Try again")
    house.platforms.mood = "well"
    mother.says("1").sees(MOTHER.name)


def test_a_slow_status_is_finished_later_and_texted(house: House, mother: Phone) -> None:
    mother.links()
    house.platforms.mood = "late"
    mother.says("2").sees("We will text you the answer")
    ((_key, kept),) = house.later.kept.items()
    with pytest.raises(Late):
        house.engine.finish(dict(kept), texting(house).voice)
    house.platforms.mood = "well"
    finished = house.engine.finish(dict(kept), texting(house).voice)
    assert finished is not None
    address, page = finished
    assert address == Address("phone", PHONE)
    assert MOTHER.name in page.text


@pytest.mark.parametrize("mood", ["late", "down"])
def test_a_declaration_made_while_the_platform_is_away_is_kept_and_delivered_once(
    house: House, mother: Phone, mood: str
) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1")
    house.platforms.mood = mood  # type: ignore[assignment]
    mother.says("1").sees("kept safe", "text you")
    house.platforms.mood = "well"
    ((key, kept),) = house.later.kept.items()
    for _again in range(2):
        assert house.engine.finish(dict(kept), texting(house).voice) is not None
    assert [declared for declared, _ in house.platforms.declared] == [key]


def test_sms_understands_words_in_any_spelling_and_helps_once(house: House, mother: Phone) -> None:
    mother.links()
    text = texting(house)
    house.passes(hours=30)
    text.says("  Mã qr! ").sees("1234 5678 1101").says("1").sees("1234 5678 1102")
    text.says("tt").sees("Who is this about?")
    text.says("xin chao cac ban").sees("one of the numbers")
    text.says("1").sees(MOTHER.name)
    text.says("cam on").sees("TT: status")
    text.says("cam on nhieu").sees_nothing()
    text.says("Từ chối").sees("nothing more on our own account")
    assert house.people.refused
    text.says("kq").sees("Who is this about?")
    text.says("dk").sees("our messages again")
    assert not house.people.refused


def test_a_chat_proves_its_number_and_shares_the_phones_session(
    house: House, mother: Phone
) -> None:
    mother.links()
    telegram = chat(house).says("/qr")
    assert telegram.page is not None
    assert telegram.page.wants == "phone"
    telegram.says("0912345678")
    assert telegram.page is not None
    assert telegram.page.wants == "phone"
    telegram.shares(PHONE).sees("1234 5678 1101")
    telegram.taps(CHILD.id).sees("1234 5678 1102")
    assert telegram.page is not None
    assert telegram.page.qr is not None


def test_an_old_button_cannot_answer_a_new_question(house: House, mother: Phone) -> None:
    mother.links().says("2", "1")
    telegram = chat(house).shares(PHONE)
    old = telegram.says("/status").page
    assert old is not None
    telegram.says("/kb").says("1").sees("another province")
    telegram.taps("yes", screen=old.name).sees("earlier question", "another province")


def test_two_turns_of_one_person_do_not_mix(house: House, mother: Phone) -> None:
    mother.dials()
    house.sessions.locked.add(f"phone:{PHONE}")
    with pytest.raises(Busy):
        mother.says("1")


def test_unlinking_forgets_who_they_were(mother: Phone) -> None:
    mother.links().says("8", "2").sees("linked to").says("2").sees("no longer linked")
    mother.says("00", "1").sees("I agree")


def test_a_dialogue_that_leads_nowhere_is_refused_when_it_is_made() -> None:
    call = Call(of=lambda desk, answers: None, late="gone")  # type: ignore[arg-type,return-value]
    with pytest.raises(WrongDialogue, match="gone"):
        Dialogue(name="x", title=_("Menu"), steps={"a": call, "b": Tell(say=_("Menu"))})


def test_the_menu_offers_every_dialogue() -> None:
    assert list(TARGETS) == [dialogue.name for dialogue in DIALOGUES]


def test_every_jump_leads_to_a_dialogue() -> None:
    from_steps = {
        target.removeprefix("@")
        for dialogue in BY_NAME.values()
        for step in dialogue.steps.values()
        for target in _jumps(step)
    }
    assert from_steps <= {*BY_NAME, "wanted"}


def _jumps(step: Step) -> list[str]:
    return [target for target in targets(step) if target.startswith("@")]


def test_a_key_is_not_mistaken_for_another_that_looks_like_it(house: House, mother: Phone) -> None:
    mother.links().says("8", "3").sees("Tiếng Việt", "English")
    mother.taps("vi+")
    assert house.people.known[Address("phone", PHONE)].accents is True
    mother.says("00", "8", "3").taps("vi")
    assert house.people.known[Address("phone", PHONE)].accents is None


def test_a_kept_declaration_that_is_refused_tells_why_and_asks_nothing(
    house: House, mother: Phone
) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1")
    house.platforms.mood = "down"
    mother.says("1").sees("kept safe")
    ((_key, kept),) = house.later.kept.items()
    house.platforms.mood = "refused"
    finished = house.engine.finish(dict(kept), texting(house).voice)
    assert finished is not None
    assert "did not accept" in finished[1].text
    assert house.platforms.reason in finished[1].text
    assert "To try again, send KB." in finished[1].text
    assert "Change my answers" not in finished[1].text, "the session has moved on"
    assert finished[1].buttons == ()


def test_what_could_not_be_delivered_is_told_in_the_persons_language(
    house: House, mother: Phone
) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1")
    house.platforms.mood = "down"
    mother.says("1")
    ((_key, kept),) = house.later.kept.items()
    address, page = house.engine.give_up(dict(kept), texting(house).voice)
    assert address == Address("phone", PHONE)
    assert "Health declaration" in page.text
    assert "did not work out" in page.text
    house.people.speak(house.people.find(address).id, "vi", None)
    _address, page = house.engine.give_up(dict(kept), texting(house).voice)
    assert "Rất tiếc" in page.text


def test_what_is_said_later_does_not_overtake_what_is_kept(house: House, mother: Phone) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1")
    house.platforms.mood = "down"
    mother.says("1").sees("kept safe")
    house.platforms.mood = "well"
    mother.says("00", "3", "1", "1", "*", "1", "1", "1").sees("kept safe")
    assert house.platforms.declared == []
    first, second = house.later.kept.values()
    assert first["person"] == second["person"]
    assert second["platform"] == "fhir"
    mother.says("00", "2", "1").sees(MOTHER.name)
