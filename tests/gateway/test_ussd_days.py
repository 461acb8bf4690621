"""USSD on a gateway that really runs: how few keys it takes, and what a dropped session leads to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.network import Dialler, World, eventually, paper_of, year_of
from tests.peers.conftest import running_gateway


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for these tests, which reminds people soon."""
    place = tmp_path_factory.mktemp("ussd-days")
    with running_gateway(place, MOTCUA_REMIND_MINUTES="0.03") as ready:
        one = World(ready)
        yield one
        one.close()


def test_a_newcomer_has_the_code_with_five_answers_and_again_with_one(world: World) -> None:
    person = world.person("one-syllable")
    phone = Dialler(world, person["phone"]).dials()
    phone.says("1", "1", paper_of(person), year_of(person)).sees("cho can bo")
    phone.dials().says("1").sees("cho can bo")
    phone.dials("1").sees("cho can bo")


@pytest.mark.parametrize(("story", "keys"), [("no-diacritics", 4), ("family-mother", 5)])
def test_a_declaration_without_symptoms_takes_five_keys(
    world: World, story: str, keys: int
) -> None:
    person = world.person(story)
    number = person["phone"]
    Dialler(world, number).knows(person)
    phone = Dialler(world, number).dials().says("3")
    pressed = 2
    while "Da nhan to khai" not in phone.shows:
        phone.says("1")
        pressed += 1
    assert pressed == keys
    (arrived,) = world.received(number)
    items = arrived["body"]["item"][0]["item"]
    said = [one["answer"] for one in (*items[:2], *items[2]["item"])]
    assert said == [[{"valueBoolean": False}]] * 5


def test_who_is_cut_off_in_a_declaration_gets_one_text_and_can_go_on(world: World) -> None:
    person = world.person("long-name")
    number = person["phone"]
    Dialler(world, number).knows(person)
    phone = Dialler(world, number).dials().says("3").sees("Deu khong")
    world.send(world.networks.ussd_over(phone.call, phone.shows))
    text = world.tells(number)
    assert "chua lam xong" in text
    assert "TIEP TUC" in text
    Dialler(world, number).dials().sees("Lam tiep").says("1").sees("Deu khong")
    assert len(world.told(number)) == 1


def test_a_result_is_had_as_a_text(world: World) -> None:
    person = world.person("result-positive")
    number = person["phone"]
    phone = Dialler(world, number).knows(person).picks("Ket qua", "Nhan tin cho toi")
    phone.sees("Tin nhan se den")
    eventually(lambda: any("DUONG TINH" in text for text in world.told(number)))


def test_the_help_text_lists_the_shortcuts(world: World) -> None:
    number = "+84912400077"
    world.send(world.networks.kannel(number, "tro giup", "1022"))
    assert "*1022*1# ma" in world.tells(number)
    Dialler(world, number).dials("1").sees("Dong y")
