"""Texts on a gateway that really runs: a declaration in two texts, a stop, and an answer hours later."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.message import Address
from core.store.sessions import RedisSessions
from core.store.vault import Vault
from tests.gateway.network import SHORT_NUMBER, Dialler, Person, World, eventually
from tests.peers.conftest import running_gateway

HOUR = 3600.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sms-days")


@pytest.fixture(scope="module")
def world(place: Path) -> Iterator[World]:
    """One gateway for these tests; at night only campaigns wait, so that any hour will do."""
    settings = {
        "MOTCUA_QUIET_HOURS": "campaign 20:00-08:00",
        "MOTCUA_HOLIDAY_PURPOSES": "campaign",
    }
    with running_gateway(place, **settings) as ready:
        one = World(ready)
        yield one
        one.close()


@dataclass
class Texter:
    """A phone that texts, and reads what comes back."""

    world: World
    number: str
    shows: str = ""

    def texts(self, said: str) -> Texter:
        before = len(self.world.told(self.number))
        answer = self.world.send(self.world.networks.kannel(self.number, said, SHORT_NUMBER))
        assert answer.status_code == 200, answer.text
        self.shows = self.world.tells(self.number, before)
        return self

    def sees(self, *words: str) -> Texter:
        for word in words:
            assert word in self.shows, f"{word!r} is not in the text:\n{self.shows}"
        return self

    @property
    def code(self) -> str:
        found = re.search(r"GUI (\d{4})", self.shows)
        assert found, f"no code stands in the text:\n{self.shows}"
        return found[1]


def knows(world: World, story: str) -> tuple[Person, Texter]:
    """Somebody who has linked by dialling, and texts from now on."""
    person = world.person(story)
    Dialler(world, person["phone"]).knows(person)
    return person, Texter(world, person["phone"])


def hours_pass(world: World, place: Path, number: str, hours: float) -> None:
    """What the gateway remembers of this phone is so much older all at once."""
    kept = json.loads((place / "var" / "development.json").read_text())
    name, _, key = kept["field_keys"].partition(":")
    vault = Vault([(name, base64.b64decode(key))], kept["secret_key"].encode())
    sessions = RedisSessions(world.redis, vault, keep_seconds=86400)
    held = sessions.hold(Address("phone", number))
    assert held.session is not None
    held.session.at -= hours * HOUR
    held.session.waiting = [(at - hours * HOUR, talk) for at, talk in held.session.waiting]
    sessions.keep(held, held.session)


def test_a_declaration_in_two_texts(world: World) -> None:
    person, phone = knows(world, "one-syllable")
    phone.texts("kb sốt ho").sees("Sot, Ho; con lai khong", "Tra loi GUI ")
    assert world.received(phone.number) == []
    right = phone.code
    wrong = f"{(int(right) + 1) % 10000:04d}"
    phone.texts(f"GUI {wrong}").sees("Ma chua dung")
    assert world.received(phone.number) == []
    phone.texts(f"gửi {right} ạ").sees("Da nhan to khai", "o nha")
    (arrived,) = world.received(phone.number)
    said = flat(arrived["body"]["item"])
    assert said["travel"] == [{"valueBoolean": False}]
    assert said["symptoms"] == [{"valueBoolean": True}]
    signs = [one["valueCoding"]["code"] for one in said["symptoms-which"]]
    assert signs == ["fever", "cough"]
    phone.texts(f"GUI {right}").sees("khong co gi cho ma")
    assert len(world.received(phone.number)) == 1
    assert person["phone"] == phone.number


def flat(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers of a declaration by their questions, groups taken apart."""
    parts = [part for one in items for part in one.get("item") or [one]]
    return {part["linkId"]: part["answer"] for part in parts if "answer" in part}


def test_nothing_to_declare_for_a_child(world: World) -> None:
    _, phone = knows(world, "family-mother")
    phone.texts("KB 0").sees("1 ").texts("2").sees("deu khong", "Tra loi GUI ")
    phone.texts(phone.code).sees("Da nhan to khai")


def test_the_answer_may_come_hours_later(world: World, place: Path) -> None:
    _, phone = knows(world, "no-diacritics")
    phone.texts("Soạn KB 0 gửi 1022").sees("deu khong")
    code = phone.code
    hours_pass(world, place, phone.number, 9)
    phone.texts(f"GUI {code}").sees("Da nhan to khai")
    phone.texts("KB HO").sees("Ho; con lai khong")
    code = phone.code
    hours_pass(world, place, phone.number, 25)
    phone.texts(f"GUI {code}").sees("khong co gi cho ma")
    assert len(world.received(phone.number)) == 1


def test_a_stop_stops_reminders_and_what_is_asked_for_is_answered(world: World) -> None:
    _, phone = knows(world, "leap-day")
    happen(world, phone, "dose-due")
    assert "TIEM" in phone.shows
    phone.texts("từ chối").sees("Da ngung", "DK")
    count = len(world.told(phone.number))
    _, other = knows(world, "minority-name")
    world.http.post(f"{world.sandbox}/happen", json={"what": "dose-due", "phone": phone.number})
    happen(world, other, "dose-due")  # what came later is through by now
    assert len(world.told(phone.number)) == count
    phone.texts("kq").sees("xet nghiem")
    phone.texts("tt").sees(" mui, mui cuoi")


def happen(world: World, phone: Texter, what: str) -> None:
    """Something happens on the platform, and the phone is told of it."""
    before = len(world.told(phone.number))
    world.http.post(f"{world.sandbox}/happen", json={"what": what, "phone": phone.number})
    eventually(lambda: len(world.told(phone.number)) > before, seconds=40)
    phone.shows = world.told(phone.number)[-1]
