"""Isolation on a gateway that really runs: asked by a text, answered by one key, alarmed once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.gateway.network import Dialler, World, eventually
from tests.peers.conftest import running_gateway
from web.simulator.threads import Threads

STATION = "+84905000001"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for these tests, at whatever hour they run: every hour is a decent one."""
    place: Path = tmp_path_factory.mktemp("isolation-days")
    with running_gateway(
        place,
        MOTCUA_CHECKIN_TIMES="00:00, 21:59",
        MOTCUA_QUIET_HOURS="campaign 20:00-08:00",
        MOTCUA_STATIONS=f"* = {STATION}",
    ) as ready:
        one = World(ready)
        yield one
        one.close()


def isolated(world: World, story: str) -> str:
    """This person links, is isolated, and is asked; their number."""
    person = world.person(story)
    number = str(person["phone"])
    Dialler(world, number).knows(person)
    world.http.post(
        f"{world.sandbox}/happen", json={"what": "isolation-started", "qid": person["qid"]}
    ).raise_for_status()
    asked = world.tells(number)
    assert asked.endswith("Xin tra loi 1 khoe, 2 co trieu chung nhe, 3 nang hoac kho tho.")
    return number


def reports(world: World, number: str) -> list[tuple[str, str]]:
    """How this person feels, as it arrived at the platform: the answer and its key."""
    told: list[Any] = world.received(number)
    return [
        (one["body"]["item"][0]["answer"][0]["valueCoding"]["code"], one["key"])
        for one in told
        if one["body"]["questionnaire"] == "urn:motcua:form:check-in"
    ]


def test_asked_by_a_text_and_answered_on_ussd_with_one_key(world: World) -> None:
    number = isolated(world, "leap-day")
    phone = Dialler(world, number).dials().sees("hom nay thay the nao?", "1 Khoe", "00 Menu")
    phone.says("1").sees("Xin cam on")
    eventually(lambda: [feeling for feeling, _ in reports(world, number)] == ["well"])
    Dialler(world, number).dials().sees("Mot Cua")
    assert len(world.told(number)) == 1, "thanked on the screen, and not once more by a text"


def test_a_three_by_text_alarms_the_station(world: World) -> None:
    number = isolated(world, "foreigner")
    before = len(world.told(STATION))
    reply = world.networks.kannel(number, "3", "1022")
    for _twice in range(2):
        world.send(reply)
    assert "Tram y te da duoc bao." in world.tells(number, before=1)
    alarm = world.tells(STATION, before)
    assert alarm.startswith(f"CACH LY: Marie-Claire Lefevre-Dubois, {number}, bao nang")
    eventually(lambda: [feeling for feeling, _ in reports(world, number)] == ["severe"])
    assert len(world.told(STATION)) == before + 1


def test_a_key_in_the_chat_answers_it(world: World) -> None:
    person = world.person("passport-only")
    number = str(person["phone"])
    Dialler(world, number).knows(person)
    world.send(world.networks.telegram_contact(number, "Việt", "vi"))
    eventually(lambda: any("Một Cửa" in one for one in world.told(number)))
    world.http.post(
        f"{world.sandbox}/happen", json={"what": "isolation-started", "qid": person["qid"]}
    ).raise_for_status()
    eventually(lambda: _question(world, number) is not None)
    asked = _question(world, number)
    assert asked is not None
    well, mild, severe = [button for row in asked["buttons"] for button in row]
    assert [one["text"] for one in (well, mild, severe)] == [
        "1. Khỏe", "2. Có triệu chứng nhẹ", "3. Nặng hoặc khó thở",
    ]  # fmt: skip
    tap = world.networks.telegram_tap(number, int(asked["message"]), mild["data"], "vi")
    world.send(tap)
    eventually(lambda: [feeling for feeling, _ in reports(world, number)] == ["mild"])
    eventually(lambda: "Hãy nghỉ ngơi" in world.told(number)[-1])


def _question(world: World, number: str) -> dict[str, Any] | None:
    """The check-in as it stands in the chat."""
    _, events = Threads(world.redis).after(number, "0-0")
    asked = [one for one in events if "hôm nay thấy thế nào" in str(one.get("text"))]
    return dict(asked[-1]) if asked else None


def test_silence_alarms_the_station_once(world: World) -> None:
    number = isolated(world, "minority-name")
    before = len(world.told(STATION))
    for _half_a_day in range(2):
        with psycopg.connect(world.ready["database_url"]) as connection:
            connection.execute(
                "UPDATE check_in SET waiting_since = waiting_since - interval '13 hours'"
            )
            connection.execute("UPDATE event SET try_at = now() WHERE kind = 'isolation'")
        alarm = world.tells(STATION, before)
        assert f"{number}, khong tra loi tu" in alarm
    assert len(world.told(STATION)) == before + 1


def test_an_answer_that_the_platform_does_not_take_is_delivered_later_once(world: World) -> None:
    number = isolated(world, "no-diacritics")
    with world.mood("down", "fhir"):
        Dialler(world, number).dials().sees("hom nay").says("2").sees("Xin cam on", "3 bat cu luc")
    eventually(lambda: [one for one, _ in reports(world, number)] == ["mild"], seconds=60)


def test_it_ends_with_the_isolation(world: World) -> None:
    number = isolated(world, "long-name")
    person = world.person("long-name")
    world.http.post(
        f"{world.sandbox}/happen", json={"what": "isolation-ended", "qid": person["qid"]}
    ).raise_for_status()
    eventually(lambda: "Mot Cua" in Dialler(world, number).dials().shows)
