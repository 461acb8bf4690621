"""Sessions that drop, cross, or are lost: nobody answers a question that they have not read."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import REGISTRY

from core import funnel
from core.errors import Busy
from core.message import Address, Channel, Inbound
from tests.core.house import House, Phone, PlainVoice, chat, texting
from tests.fakes import CHILD, MOTHER, PHONE


@pytest.fixture
def mother(house: House) -> Phone:
    return Phone(house).links()


def hangs_up(phone: Phone) -> None:
    about = Inbound(Channel.USSD, "test", phone.address, phone.wire, "end", event="close")
    assert phone.house.engine.turn(about, phone.voice) is None


def counted(**labels: str) -> float:
    return REGISTRY.get_sample_value("motcua_steps_total", labels) or 0.0


def at(dialogue: str, step: str, outcome: str, channel: str = "ussd") -> dict[str, str]:
    return {
        "dialogue": dialogue, "step": step, "channel": channel, "language": "en", "outcome": outcome
    }  # fmt: skip


# Two sessions of one telephone


def test_a_hop_of_the_older_session_closes_and_leaves_the_younger_one_alone(
    house: House, mother: Phone
) -> None:
    mother.dials().says("3", "2").sees("another province")
    older = mother.wire
    mother.dials().sees("not finished").says("2", "5").sees("Who is this about?")
    younger, mother.wire = mother.wire, older
    mother.says("2").sees("dialled again")
    assert mother.page is not None
    assert mother.page.end
    mother.wire = younger
    mother.says("1").sees("Vaccinations of", MOTHER.name)


def test_a_hop_of_a_session_we_never_heard_of_starts_again(house: House, mother: Phone) -> None:
    mother.says("3", "2").sees("another province")
    house.passes(minutes=4)
    mother.wire = "unknown"
    mother.says("1").sees("lost the thread", "not finished", "1 Continue")
    mother.says("1").sees("another province").says("1").sees("Which of these signs")


def test_after_the_memory_was_lost_nothing_typed_is_taken_for_an_answer(
    house: House, mother: Phone
) -> None:
    mother.says("3", "2").sees("1 No")
    house.sessions.loses_all()
    mother.says("1").sees("lost the thread", "One Door")
    assert house.platforms.declared == []


# Networks that number nothing


def test_the_same_words_at_once_are_a_repeat_and_a_little_later_an_answer(
    house: House, mother: Phone
) -> None:
    mother._turn(said=("3",), hop="").sees("Who is this about?")
    mother._turn(said=("2",), hop="").sees("another province")
    mother._turn(said=("2",), hop="").sees("another province")
    house.passes(seconds=2)
    mother._turn(said=("2",), hop="").sees("Where have you been")


# From one channel to the other


def test_what_was_begun_by_ussd_is_offered_in_the_chat_before_anything_is_heard(
    house: House, mother: Phone
) -> None:
    telegram = chat(house).shares(PHONE)
    mother.dials().says("3", "2").sees("another province")
    hangs_up(mother)
    telegram.says("1").sees("not finished", "1 Continue")
    telegram.says("1").sees("another province").says("1").sees("Which of these signs")


def test_a_text_does_not_answer_a_question_that_stands_on_ussd(house: House, mother: Phone) -> None:
    mother.dials().says("3", "2").sees("another province")
    text = texting(house)
    text.says("2").sees("not finished")
    text.says("kq").sees("Who is this about?").says("1").sees("Test")
    mother.says("1").sees("gone on elsewhere", "Test")


def test_a_text_in_plain_words_is_no_answer_to_what_ussd_asks_to_write(house: House) -> None:
    """On the handset something is to be written; by text the same person begins something else."""
    Phone(house).dials().says("1", "1").sees("CCCD")
    texting(house).says("kb sốt ho").sees("đồng ý").sees_not("chưa đúng")


def test_by_sms_the_word_takes_up_what_was_left(house: House, mother: Phone) -> None:
    mother.dials().says("3", "2").sees("another province")
    hangs_up(mother)
    texting(house).says("Tiếp tục").sees("another province").says("khong").sees(
        "Which of these signs"
    )


def test_with_nothing_left_the_word_shows_the_menu(house: House, mother: Phone) -> None:
    texting(house).says("CONTINUE").sees("One Door")


# Reminded once


def reminded(house: House) -> str | None:
    """What the worker would text, a while after a declaration was begun."""
    (kept,) = house.later.reminders.values()
    told = house.engine.remind(dict(kept), PlainVoice(Channel.SMS, 30.0, True))
    if told is None:
        return None
    address, page = told
    assert address == Address("phone", PHONE)
    return page.text


def test_who_was_cut_off_in_the_middle_of_a_declaration_is_reminded(
    house: House, mother: Phone
) -> None:
    mother.dials().says("3", "2").sees("another province")
    with pytest.raises(Busy):
        reminded(house)
    house.passes(minutes=10)
    text = reminded(house)
    assert text is not None
    assert "*1022#" in text
    assert "CONTINUE" in text
    mother.dials().sees("not finished").says("1").sees("another province")


def test_who_sent_it_or_left_it_is_not_reminded(house: House, mother: Phone) -> None:
    mother.dials().says("3", "2", "1", "1", "1", "1", "1").sees("received")
    house.passes(minutes=10)
    assert reminded(house) is None
    house.later.reminders.clear()
    mother.dials().says("3", "2").sees("another province").says("00")
    house.passes(minutes=10)
    assert reminded(house) is None


# What stands on a screen may be had as a text


def test_a_result_is_texted_when_asked_for_and_leaves_the_screen(
    house: House, mother: Phone
) -> None:
    mother.says("4", "1").sees("Test results of", "1 Text me this")
    mother.says("1").sees("on its way").sees_not(MOTHER.name)
    (kept,) = house.later.kept.values()
    told = house.engine.finish(dict(kept), PlainVoice(Channel.SMS, 30.0, True))
    assert told is not None
    assert "Test results of" in told[1].text
    assert "Text me" not in told[1].text


def test_a_chat_and_a_text_offer_no_text(house: House, mother: Phone) -> None:
    texting(house).says("kq", "1").sees("Test results of").sees_not("Text me this")


def test_ones_own_code_comes_first_and_a_relatives_is_one_key_away(mother: Phone) -> None:
    mother.says("1").sees("1234 5678 1101", f"1 Code of {CHILD.name.split()[-2]}")
    mother.says("1").sees("1234 5678 1102", CHILD.name)


# The funnel


def test_every_step_counts_how_people_fared(house: House, mother: Phone) -> None:
    def now(step: str, outcome: str, dialogue: str = "declare") -> float:
        return counted(**at(dialogue, step, outcome))

    labels = [
        ("who", "reached"), ("who", "misunderstood"), ("who", "answered"),
        ("q.travel", "dropped"), ("q.travel", "abandoned"),
    ]  # fmt: skip
    before = {label: now(*label) for label in labels}
    mother.dials().says("3", "nobody", "2").sees("another province")
    hangs_up(mother)
    mother.dials().sees("not finished").says("1").sees("another province").says("00")
    after = {label: now(*label) - before[label] for label in labels}
    assert after == dict.fromkeys(labels, 1.0)


def test_a_form_with_ever_new_questions_cannot_flood_the_metrics(monkeypatch: Any) -> None:
    monkeypatch.setattr(funnel, "_questions", {f"q.{n}" for n in range(funnel.MOST_QUESTIONS)})
    assert funnel._named("q.new") == funnel.OTHER_QUESTION
    assert funnel._named("q.7") == "q.7"
