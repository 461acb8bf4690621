"""A relative without a phone is registered, by USSD, by SMS and in a chat, on good days and bad."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.gsm import unaccent
from tests.gateway.channels import WAYS, ByUssd, Way, way
from tests.gateway.network import Dialler, World, eventually, paper_of
from tests.peers.conftest import running_gateway

GOOD_DAY = {"ussd": "day-14", "sms": "day-13", "chat": "leap-day"}
BAD_DAY = {
    ("ussd", "slow"): "minority-name",
    ("ussd", "down"): "cmnd-only",
    ("sms", "down"): "odd-cccd",
    ("chat", "down"): "passport-only",
}
"""No two tests play the same person."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_gateway(tmp_path_factory.mktemp("registering")) as ready:
        one = World(ready)
        yield one
        one.close()


def registrations(world: World, paper: str) -> list[Mapping[str, Any]]:
    """What QRQG was asked about this paper."""
    every = world.http.get(f"{world.sandbox}/received", params={"kind": "registration"}).json()
    return [one for one in every if one["body"]["paper"]["number"] == paper]


def fills_in(here: Way, name: str, paper: str) -> Way:
    here.begins("KHAI HO").picks("Cha hoac me toi")
    return here.says(name, "3/4/1940").picks("Nu").says(paper)


def code_in(shown: str) -> str:
    found = re.search(r"[1-9]\d{3} \d{4} \d{4}", shown)
    assert found, shown
    return found[0]


def verdict(world: World, code: str) -> Mapping[str, Any]:
    """What an officer is told who types this code."""
    key = {"Authorization": f"Bearer {world.ready['keys']['officer']}"}
    answer = world.http.post(f"{world.web}/api/v1/verify", json={"code": code}, headers=key)
    assert answer.status_code == 200, answer.text
    told: Mapping[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("name", WAYS)
def test_a_grandmother_gets_a_code_that_officers_accept(world: World, name: str) -> None:
    daughter = world.person(GOOD_DAY[name])
    here, paper = way(world, name, daughter), f"22500111{WAYS.index(name)}"
    fills_in(here, "nguyễn thị cúc", paper).sees("NGUYEN THI CUC", paper, "Quy vi khai thay")
    code = code_in(here.picks("Dang ky").sees("Da dang ky cho Thi Cuc").shows)
    told = verdict(world, code)
    assert told["name"] == "NGUYEN T** C**"
    ((asked),) = registrations(world, paper)
    assert asked["body"]["declarer"] == daughter["qid"]
    assert asked["body"]["name"] == "Nguyễn Thị Cúc"
    # Whoever is not sure that it worked does it again, and nobody is there twice.
    phone = Dialler(world, daughter["phone"])
    fills_in(ByUssd(phone), "Nguyễn Thị Cúc", paper).picks("Dang ky").sees(code)
    assert len({one["id"] for one in registrations(world, paper)}) == 1
    phone.menu().picks("Tinh trang").sees("Thi Cuc")


@pytest.mark.parametrize(("name", "mood"), BAD_DAY)
def test_while_the_platform_is_away_it_is_kept_and_done_once(
    world: World, name: str, mood: str
) -> None:
    daughter = world.person(BAD_DAY[name, mood])
    number, paper = daughter["phone"], f"22500222{list(BAD_DAY).index((name, mood))}"
    here = fills_in(way(world, name, daughter), "Trần Thị Sen", paper)
    with world.mood(mood, delay=6.0):
        here.picks("Dang ky").sees("Da giu thong tin dang ky", "nhan ma cho quy vi")
        assert not code_is_in(here.shows)
    eventually(lambda: any(map(code_is_in, world.told(number))), seconds=60)
    news = unaccent(world.told(number)[-1])
    assert "Da dang ky cho Thi Sen" in news
    assert verdict(world, code_in(news))["name"] == "TRAN T** S**"
    assert len(registrations(world, paper)) == 1
    assert sum("Da dang ky cho" in unaccent(one) for one in world.told(number)) == 1


def code_is_in(shown: str) -> bool:
    return re.search(r"[1-9]\d{3} \d{4} \d{4}", shown) is not None


@pytest.mark.parametrize("name", WAYS)
def test_a_photocopy_of_a_card_brings_nobodys_code(world: World, name: str) -> None:
    """Name, number and birth date stand on a card; the QR behind them is somebody else's."""
    stranger, victim = world.person("many-doses"), world.person("pcr-expired")
    here = way(world, name, stranger).begins("KHAI HO").picks("Nguoi khac toi cham soc")
    born = "/".join(reversed(victim["birthDate"].split("-")))
    here.says(victim["name"], born).picks("Nu").says(paper_of(victim)).picks("Dang ky")
    here.sees("da co ma QR", "Tram y te")
    assert not code_is_in(here.shows)


@pytest.mark.parametrize("name", WAYS)
def test_who_has_no_paper_is_told_where_to_go(world: World, name: str) -> None:
    here = way(world, name, world.person("three-dose-series")).begins("KHAI HO").picks("Con toi")
    here.says("Lê An", "1/6/2025").picks("Nam").sees("giay khai sinh")
    here.says("chưa có").sees("12 so tren giay khai sinh", "tram y te phuong")


def test_a_code_that_was_seen_before_is_had_while_qrqg_is_away(world: World) -> None:
    person = world.person("no-diacritics")
    phone = Dialler(world, person["phone"]).knows(person)
    with world.mood("down", "qrqg"):
        phone.menu().picks("Ma QR").sees("Ma cua")
    stranger = world.person("long-name")
    phone = Dialler(world, stranger["phone"]).dials().picks("Ma QR", "Dong y")
    with world.mood("down", "qrqg"):
        phone.says(paper_of(stranger), stranger["birthDate"][:4]).sees("chua tra loi", "1 Thu lai")
    eventually(lambda: "Ma cua" in phone.says("1").shows)
