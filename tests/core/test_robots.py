"""Machines that answer machines, and floods: broken off, while everybody else is answered."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from core.message import Address
from core.people.wishes import Topic
from tests.core.house import House, Phone, chat
from tests.core.test_texting import Texter

OTHER = Address("phone", "+84987654321")


def counted(why: str) -> float:
    return REGISTRY.get_sample_value("motcua_texts_not_answered_total", {"why": why}) or 0.0


def answers(phone: Texter, *said: str, seconds: float = 20.0) -> int:
    """How many of these texts were answered."""
    count = 0
    for one in said:
        phone.house.passes(seconds=seconds)
        count += phone.says(one).page is not None
    return count


def test_whoever_sends_our_own_words_back_is_not_answered(house: House) -> None:
    robot, before = Texter(house).says("MENU"), counted("echo")
    ours = robot.text
    robot.says(ours).sees_nothing()
    robot.says("MENU").says(f"Fwd: {ours} --").sees_nothing()
    assert counted("echo") == before + 2


@pytest.mark.parametrize(
    "said",
    [
        "Đây là tin nhắn tự động. Vui lòng không trả lời tin nhắn này.",
        "[Trả lời tự động] Shop sẽ liên hệ sớm!",
        "Tôi đang lái xe, tôi sẽ gọi lại sau.",
        "AUTO-REPLY: I am out of the office until Monday",
        "Sorry, can't talk right now.",
        "Hệ thống tự động: cảm ơn quý khách",
    ],
)
def test_whoever_says_it_is_a_machine_is_not_answered(house: House, said: str) -> None:
    before = counted("auto-reply")
    Texter(house).says(said).sees_nothing()
    assert counted("auto-reply") == before + 1


@pytest.mark.parametrize(
    "said", ["Tôi đang bị sốt", "tự động", "hôm nay tôi bận", "cho hỏi lịch tiêm"]
)
def test_a_person_who_is_not_understood_is_helped(house: House, said: str) -> None:
    Texter(house).says(said).sees("KQ=xet nghiem")


def test_a_machine_that_makes_no_sense_is_left_alone_after_a_few_answers(house: House) -> None:
    robot, before = Texter(house).says("MENU"), counted("senseless")
    assert answers(robot, *[f"Kinh chao quy khach so {n}" for n in range(200, 240)]) == 6
    assert counted("senseless") == before + 34
    robot.says("menu").sees("Ma QR"), "a word that we know is always heard"


def test_a_slow_machine_is_left_alone_too(house: House) -> None:
    robot = Texter(house).says("MENU")
    said = [f"Kinh chao quy khach so {n}" for n in range(200, 300)]
    assert answers(robot, *said, seconds=300) <= 30


def test_somebody_who_struggles_is_heard_again_after_a_pause(house: House) -> None:
    person = Texter(house).says("MENU")
    assert answers(person, *["alo alo"] * 7) == 6
    house.passes(minutes=15)
    person.says("xin chao").sees("Ma QR")


def test_a_flood_from_one_number_is_answered_slowly_and_hurts_nobody(house: House) -> None:
    flood, before = Texter(house), counted("flood")
    other = Texter(house, OTHER)
    assert answers(flood, *["kq", "tt"] * 50, seconds=0.1) == 12
    assert counted("flood") == before + 88
    assert answers(other, "menu", "tro giup", seconds=0.1) == 2
    house.passes(seconds=61)
    assert answers(flood, "menu", seconds=0) == 1


def test_not_more_than_sixty_in_an_hour(house: House) -> None:
    assert answers(Texter(house), *["menu"] * 150, seconds=10) == 60


def test_a_stop_is_heard_whatever_else_comes(house: House) -> None:
    flood = Texter(house)
    answers(flood, *["menu"] * 30, seconds=0.1)
    flood.says("STOP").sees_nothing()
    assert {topic for _, topic in house.people.refused} == {Topic.ALL}


def test_what_was_not_answered_is_not_answered_when_it_comes_again(house: House) -> None:
    robot = Texter(house).says("MENU")
    robot._turn(said=(robot.text,), hop="twice").sees_nothing()
    robot._turn(said=("MENU",), hop="twice").sees_nothing()


def test_dialling_and_chatting_have_no_such_limits(house: House) -> None:
    dialled, written = Phone(house), chat(house)
    for _ in range(40):
        assert dialled.dials().says("77").page is not None
        assert written.says("tin nhan tu dong").page is not None
