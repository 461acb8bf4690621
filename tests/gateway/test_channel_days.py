"""The same day on every channel: platforms slow and down, a new form, a ticket on its way."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from core.gsm import unaccent
from tests.gateway.channels import WAYS, Way, way
from tests.gateway.network import Person, World, eventually
from tests.peers.conftest import running_gateway

MOODS = {
    ("ussd", "slow"): "day-14",
    ("ussd", "down"): "day-13",
    ("sms", "slow"): "leap-day",
    ("sms", "down"): "one-dose-vaccine",
    ("chat", "slow"): "minority-name",
    ("chat", "down"): "no-diacritics",
}
"""No two tests of this page play the same person."""

MIDDLE = {"ussd": "first-dose-new", "sms": "many-doses", "chat": "three-dose-series"}
AFTER = {"ussd": "result-positive", "sms": "pooled-a", "chat": "pooled-b"}
CASES = {
    ("ussd", "Thieu mot mui tiem"): "wrong-dose-missing",
    ("sms", "Thieu tat ca mui tiem"): "wrong-all-missing",
    ("chat", "Sai ten, ngay sinh hoac giay to"): "wrong-details",
    ("sms", "Thieu mot mui tiem"): "odd-cccd",
    ("chat", "Thieu tat ca mui tiem"): "cmnd-only",
    ("ussd", "Sai ten, ngay sinh hoac giay to"): "passport-only",
}
ENDS = {
    "Thieu mot mui tiem": ("completed", "Đã bổ sung mũi 2", "da sua xong"),
    "Thieu tat ca mui tiem": ("rejected", "Không tìm thấy cơ sở tiêm", "khong duoc chap nhan"),
    "Sai ten, ngay sinh hoac giay to": ("completed", None, "da sua xong"),
}
"""What becomes of a ticket: the state, why, and how people are told."""

FORM_SECONDS = 6.0
"""A process asks for the form in force no more often than every five seconds."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_gateway(tmp_path_factory.mktemp("channels")) as ready:
        one = World(ready)
        yield one
        one.close()


@pytest.mark.parametrize(("name", "mood"), MOODS)
def test_a_status_and_a_declaration_stay_truthful(world: World, name: str, mood: str) -> None:
    """Whoever dials has no time for a slow platform; whoever writes has, and is answered."""
    person = world.person(MOODS[name, mood])
    here, number = way(world, name, person), person["phone"]
    assert not is_old(here.begins("TT").sees("en ", ":").shows)
    here.begins("KB").picks("Deu khong")
    kept = mood == "down" or name == "ussd"
    with world.mood(mood, "fhir", delay=6.0 if name == "ussd" else 1.5):
        here.picks("Gui").sees("duoc giu an toan" if kept else "Da nhan to khai")
        assert is_old(here.begins("TT").shows) == kept, here.shows
    eventually(lambda: world.received(number), seconds=60)
    eventually(lambda: told_of_it(world, number) or not kept, seconds=60)
    is_fresh_again(here, "TT")
    assert len(world.received(number)) == 1
    assert told_of_it(world, number) <= 1


def is_fresh_again(here: Way, word: str) -> None:
    """Each process leaves a platform alone for a while; who texts too often is not answered."""
    for _pause in range(8):
        if not is_old(here.begins(word).shows):
            return
        time.sleep(6)
    raise AssertionError(here.shows)


def is_old(shown: str) -> bool:
    """Is it said that the platform has not answered?"""
    plain = unaccent(shown)
    return "hien chua ket noi duoc" in plain or "chua co tin moi" in plain


def told_of_it(world: World, number: str) -> int:
    return sum("Da nhan to khai" in unaccent(text) for text in world.told(number))


def test_whoever_is_in_the_middle_of_a_form_is_not_disturbed_by_a_new_one(world: World) -> None:
    """On every channel: the old one to its end, and the new one with the next declaration."""
    begun: dict[str, Way] = {}
    for name in WAYS:
        begun[name] = way(world, name, world.person(MIDDLE[name])).begins("KB")
        begun[name].sees("benh").picks("Tra loi tung cau").sees("Khai")
    page = f"{world.sandbox}/page/forms"
    assert world.http.post(page, data={"edition": "short"}).status_code == 303
    time.sleep(FORM_SECONDS)
    for name, here in begun.items():
        for _question in range(5):
            here.picks("Khong")
        here.picks("Gui").sees("Da nhan to khai")
        (told,) = world.received(world.person(MIDDLE[name])["phone"])
        assert edition(told) == "2.0"
    for name in WAYS:
        person = world.person(AFTER[name])
        here = way(world, name, person).begins("KB").picks("Tra loi tung cau")
        for _question in range(2):
            here.picks("Khong")
        here.picks("Gui").sees("Da nhan to khai")
        (told,) = world.received(person["phone"])
        assert edition(told) == "3.0"


def edition(declared: Any) -> str:
    return str(declared["body"]["questionnaire"]).partition("|")[2]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_ticket_is_opened_moves_and_its_owner_is_told(world: World, name: str, case: str) -> None:
    """In every state that it goes through, once, and the same menu tells it at any time."""
    person = world.person(CASES[name, case])
    here, number = way(world, name, person), person["phone"]
    here.begins("SAI").picks(case).says("12/5/2026, Pfizer, trạm y tế phường 3")
    ticket = re.search(r"YC\d+", here.sees(case).picks("Gui").sees("Da mo phieu").shows)
    assert ticket is not None
    here.begins("SAI").sees(f"Phieu {ticket[0]}: da tiep nhan")
    for state, reason, seen in (
        ("accepted", None, "da tiep nhan"),
        ("in-progress", "Đang hỏi cơ sở tiêm", "dang xac minh"),
        ENDS[case],
    ):
        moves(world, person, state, reason)
        if state != "accepted":  # to those who asked it is still "received": no news
            eventually(partial(is_told, world, number, ticket[0], seen))
        here.begins("SAI").sees(f"Phieu {ticket[0]}: {seen}", unaccent(reason or ""))
    assert sum(f"{ticket[0]} ve ho so" in unaccent(one) for one in world.told(number)) == 2
    with world.mood("down", "fhir"):
        assert is_old(here.begins("SAI").sees(f"Phieu {ticket[0]}: {seen}").shows)
    is_fresh_again(here, "SAI")


def moves(world: World, person: Person, state: str, reason: str | None) -> None:
    """As somebody does on the sandbox's page."""
    asked = {"what": "ticket-moved", "qid": person["qid"], "state": state, "reason": reason}
    answer = world.http.post(f"{world.sandbox}/happen", json=asked)
    assert answer.status_code == 200, answer.text


def is_told(world: World, number: str, ticket: str, state: str) -> bool:
    told = map(unaccent, world.told(number))
    return sum(f"{ticket} ve ho so" in one and state in one for one in told) == 1
