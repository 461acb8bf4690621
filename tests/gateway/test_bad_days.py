"""Bad days, on a gateway that really runs: platforms in every mood, servers and processes killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx2
import psutil
import pytest

from tests.gateway.network import (
    SHORT_NUMBER,
    Dialler,
    World,
    eventually,
    paper_of,
    year_of,
)
from tests.peers.conftest import running_gateway

PATIENCE = 4.0
"""Seconds a person waits for a USSD screen."""

ALONE = (
    "one-syllable", "long-name", "no-diacritics", "leap-day", "minority-name", "cmnd-only",
    "passport-only", "odd-cccd", "result-pending", "result-positive", "pooled-a", "pooled-b",
)  # fmt: skip
"""People of whom each has a telephone alone."""

A_LITTLE = 0.8
"""Seconds that everything around a platform's answer may take on a busy machine."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad-days")


@pytest.fixture(scope="module")
def world(place: Path) -> Iterator[World]:
    """One gateway for all of these days."""
    with running_gateway(place) as ready:
        one = World(ready)
        yield one
        one.close()


def twilio_says(world: World, phone: str, text: str) -> str:
    answer = world.send(world.networks.twilio(phone, text, SHORT_NUMBER))
    assert answer.status_code == 200, answer.text
    return "".join(message.text or "" for message in ElementTree.fromstring(answer.text))


def test_a_message_that_comes_again_is_answered_once(world: World) -> None:
    """Before it is handled, while it is handled, and after."""
    phone = "+84912400001"
    for request in (
        world.networks.kannel(phone, "menu", SHORT_NUMBER),
        world.networks.telegram_text(phone, "/menu", "vi"),
    ):
        before = len(world.told(phone))
        for _ in range(3):
            assert world.send(request).status_code == 200
        world.tells(phone, before)
        for _ in range(2):
            assert world.send(request).status_code == 200
        world.send(world.networks.kannel(f"{phone[:-1]}2", "menu", SHORT_NUMBER))
        eventually(lambda: world.told(f"{phone[:-1]}2"))  # what came later is through by now
        assert len(world.told(phone)) == before + 1
    request = world.networks.twilio(phone, "menu", SHORT_NUMBER)
    assert len({world.send(request).text for _ in range(3)}) == 1


BROKEN_OFF = (
    (b"Content-Length: 1000\r\n", b"sessionId=1"),
    (b"Content-Length: -5\r\n", b"sessionId=1"),
    (b"Content-Length: 4\r\nContent-Length: 9\r\n", b"text=1*1"),
    (b"Transfer-Encoding: chunked\r\n", b"zz\r\n"),
    (b"Transfer-Encoding: chunked\r\n", b"ffff\r\n" + b"a" * 0xFFFF + b"\r\n0\r\n\r\n"),
    (b"", b""),
)


@pytest.mark.parametrize(("headers", "body"), BROKEN_OFF)
def test_a_request_that_breaks_off_or_contradicts_itself(
    world: World, headers: bytes, body: bytes
) -> None:
    hop = urlsplit(world.ready["ussd"]["africastalking"])
    with socket.create_connection((hop.hostname, hop.port), timeout=5) as line:
        line.sendall(b"POST " + hop.path.encode() + b" HTTP/1.1\r\nHost: x\r\n")
        line.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n" + headers + b"\r\n")
        with suppress(OSError):  # it may have been refused, and hung up on, by now
            line.sendall(body)
            line.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert not answer or answer.startswith(b"HTTP/1.1 4"), answer
    assert b"Traceback" not in answer
    Dialler(world, "+84912400041").dials().sees("CON ")


def test_nonsense_of_a_platform_is_not_held_against_the_person(world: World) -> None:
    person = world.person("day-13")
    world.is_well(person)
    phone = Dialler(world, person["phone"]).dials().picks("Ma QR", "Dong y").says(paper_of(person))
    with world.mood("wrong"):
        phone.says(year_of(person)).sees("chua tra loi", "1 Thu lai")
        phone.says("1", "1", "1").sees("chua tra loi")
    eventually(lambda: "Thu lai" not in phone.says("1").shows)
    phone.sees("Ma cua")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("429", ("Ma QR",)),
        ("500", ("Ma QR", "Tinh trang", "Mui tiem")),
        ("garbage", ("Ma QR", "Tinh trang", "Ket qua")),
        ("huge", ("Ma QR", "Mui tiem")),
        ("down", ("Ket qua",)),
    ],
)
def test_every_screen_is_polite_and_within_patience(
    world: World, name: str, wanted: tuple[str, ...]
) -> None:
    person = world.person("day-14")
    world.is_well(person)
    phone = Dialler(world, person["phone"]).knows(person)
    with world.mood(name):
        for label in wanted:
            phone.menu().picks(label)
            assert phone.took < PATIENCE + A_LITTLE
            phone.sees("00 Menu")
            polite = ("se nhan tin", "Vui long thu lai", " luc ", "Ma cua")
            assert any(words in phone.shows for words in polite), phone.shows


def test_whoever_waits_for_a_platform_keeps_the_menu_from_nobody(world: World) -> None:
    person = world.person("day-14")
    world.is_well(person)
    waiting = [Dialler(world, world.person(story)["phone"]) for story in ALONE]
    for phone, story in zip(waiting, ALONE, strict=True):
        phone.knows(world.person(story))
    with world.mood("slow", "fhir", delay=6.0):
        calls = [threading.Thread(target=phone.picks, args=("Mui tiem",)) for phone in waiting]
        for call in calls:
            call.start()
        other = Dialler(world, "+84912400051")
        assert max(other.dials().took for _ in range(5)) < A_LITTLE
        for call in calls:
            call.join()
    for phone in waiting:
        assert phone.took < PATIENCE + A_LITTLE
        assert "se nhan tin" in phone.shows or "Vui long thu lai" in phone.shows, phone.shows


@pytest.mark.parametrize("name", ["slow", "down"])
def test_a_declaration_arrives_once_and_the_person_is_told(world: World, name: str) -> None:
    person = world.person("one-dose-vaccine" if name == "slow" else "three-dose-series")
    number = person["phone"]
    world.is_well(person)
    phone = Dialler(world, number).knows(person).declares()
    with world.mood(name, "fhir", delay=5.0):
        phone.says("1").sees("duoc giu an toan", "nhan tin")
        assert phone.took < PATIENCE + A_LITTLE
    eventually(lambda: any("Da nhan to khai" in text for text in world.told(number)), seconds=30)
    assert len(world.received(number)) == 1
    phone.hop().sees("duoc giu an toan")
    assert len(world.received(number)) == 1


def test_whoever_is_in_the_middle_of_a_form_is_heard_while_the_platform_is_away(
    world: World,
) -> None:
    """The text is handled by the worker, which has never seen the form."""
    person = world.person("pcr-expired")
    number = person["phone"]
    world.is_well(person)
    Dialler(world, number).knows(person)
    assert "1 Deu khong, 2 Tra loi tung cau" in twilio_says(world, number, "KB")
    assert "Tra loi 1 Khong" in twilio_says(world, number, "2")
    with world.mood("down"):
        before = len(world.told(number))
        world.send(world.networks.kannel(number, "khong", SHORT_NUMBER))
        world.tells(number, before)
    assert "Tra loi 1 Khong, 2 Co" in world.told(number)[-1]


def test_a_killed_web_process_costs_one_hop(world: World, place: Path) -> None:
    phone = Dialler(world, "+84912400011").dials().picks("Muc khac", "Ngon ngu")
    web = json.loads((place / "var" / "ready.json").read_text())["pids"]["web"]
    for child in psutil.Process(web).children():
        os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: _answers(world))
    phone.hop().sees("Chon ngon ngu")
    phone.picks("Tieng Viet").sees("Mot Cua")


def test_killed_in_the_middle_of_sending_it_declares_once(world: World, place: Path) -> None:
    person = world.person("antigen-negative")
    world.is_well(person)
    phone = Dialler(world, person["phone"]).knows(person).declares()
    web = json.loads((place / "var" / "ready.json").read_text())["pids"]["web"]
    with world.mood("slow", "fhir", delay=1.5):
        sending = threading.Thread(target=_quietly, args=(phone.says, "1"))
        sending.start()
        eventually(lambda: world.received(person["phone"]))
        for child in psutil.Process(web).children():
            os.kill(child.pid, signal.SIGKILL)
        sending.join()
    eventually(lambda: _answers(world))
    phone.hop().sees("Da nhan to khai")
    assert len(world.received(person["phone"])) == 1


def test_without_redis_people_are_asked_to_dial_again(world: World, place: Path) -> None:
    phone = Dialler(world, "+84912400021").dials().picks("Muc khac", "Ngon ngu")
    eventually(lambda: list((place / "var" / "valkey").rglob("*.aof")))
    os.kill(int((place / "var" / "valkey" / "valkey.pid").read_text()), signal.SIGKILL)
    phone.picks("English").sees("END Xin loi")
    assert phone.took < PATIENCE + A_LITTLE
    eventually(lambda: phone.hop().shows.startswith("CON "))
    phone.sees("One Door")


def test_without_postgresql_known_people_go_on_and_nothing_is_lost(
    world: World, place: Path
) -> None:
    phone = Dialler(world, "+84912400031").dials().picks("Muc khac", "Ngon ngu")
    pid = int((place / "var" / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    phone.says("00").sees("Mot Cua")
    text = world.networks.kannel("+84912400032", "menu", SHORT_NUMBER)
    assert world.send(text).status_code == 503
    chat = world.networks.telegram_text("+84912400032", "/menu", "vi")
    assert world.send(chat).status_code == 503
    Dialler(world, "+84912400033").dials().sees("END Xin loi")
    assert _verify(world).status_code == 503
    eventually(lambda: world.send(text).status_code == 200)
    eventually(lambda: world.send(chat).status_code == 200)
    eventually(lambda: len(world.told("+84912400032")) == 2)
    assert _verify(world).status_code == 422


def _verify(world: World) -> httpx2.Response:
    key = {"Authorization": f"Bearer {world.ready['keys']['officer']}"}
    return world.http.post(f"{world.web}/api/v1/verify", json={"code": "1"}, headers=key)


def _answers(world: World) -> bool:
    try:
        return world.http.get(f"{world.web}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def _quietly(call: Callable[[str], object], *arguments: str) -> None:
    with suppress(httpx2.TransportError):
        call(*arguments)
