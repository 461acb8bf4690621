"""What was declared while the platform was away arrives once, in each person's order, and is told."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from bench.declaring import SEND, Caller, callers, mood
from core.around import REMINDER
from core.store.tables import deferred, outgoing
from gateway import wiring
from gateway.worker import Worker
from tests.gateway.test_worker import ROOT, until

PEOPLE = 100


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """The house of these tests has a database of its own: its rows are counted."""
    return fresh_database_url


@pytest.fixture
def sandbox(sandbox: str) -> Iterator[str]:
    """The sandbox, well again afterwards."""
    yield sandbox
    mood(sandbox, "fhir", "well")


@contextmanager
def working(house: wiring.House, journal: Path) -> Iterator[Callable[[], None]]:
    """A worker in a process of its own; what is given kills it and starts another."""
    command = [sys.executable, "-m", "tests.gateway.a_delivering_worker", str(journal)]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        if started:
            started[-1].send_signal(signal.SIGKILL)
            started[-1].wait(10)
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))

    start()
    try:
        yield start
    finally:
        started[-1].send_signal(signal.SIGTERM)
        started[-1].wait(20)


def received(sandbox: str, before: int) -> list[dict[str, Any]]:
    found = httpx2.get(f"{sandbox}/received", params={"kind": "declaration"}).json()
    return list(found[before:])


def left(house: wiring.House) -> int:
    with house.database.begin() as connection:
        query = select(func.count()).where(
            deferred.c.state == "new", deferred.c.platform != REMINDER
        )
        return int(connection.execute(query).scalar_one())


def told(house: wiring.House) -> Counter[str]:
    with house.database.begin() as connection:
        return Counter(connection.scalars(select(outgoing.c.status)))


def declares(caller: Caller) -> None:
    assert "an toan" in caller.fills_in().says(SEND).text, caller.text


def test_declarations_of_an_outage_arrive_once_in_order_and_everybody_is_told_once(
    house: wiring.House, sandbox: str, tmp_path: Path
) -> None:
    before = len(received(sandbox, 0))
    people = callers(house, sandbox, PEOPLE)
    people[0].fills_in().says("00")
    mood(sandbox, "fhir", "down")
    journal = tmp_path / "journal"
    journal.touch()
    with working(house, journal) as kill:
        for _round in range(2):
            for caller in people:
                declares(caller)
        assert received(sandbox, before) == []
        kill()
        time.sleep(1.0)
        mood(sandbox, "fhir", "well")
        until(lambda: len(received(sandbox, before)) > 20, 60)
        kill()
        until(lambda: left(house) == 0, 60)
        until(lambda: told(house) == {"sent": 2 * PEOPLE}, 30)
    arrived = received(sandbox, before)
    assert len(arrived) == len({one["key"] for one in arrived}) == 2 * PEOPLE
    said_at: dict[str, list[str]] = defaultdict(list)
    for one in arrived:
        said_at[one["qid"]].append(one["body"]["authored"])
    assert len(said_at) == PEOPLE
    assert all(len(times) == 2 and times == sorted(set(times)) for times in said_at.values())
    texts = Counter(journal.read_text().split())
    assert len(texts) == 2 * PEOPLE, "one last word for each declaration"
    twice = sum(texts.values()) - 2 * PEOPLE
    open_sends = 2 * (Worker.outbox_hands + Worker.urgent_hands)
    assert twice <= open_sends, "a second copy only of what was in the very act of sending"


def test_a_declaration_right_after_an_outage_does_not_overtake_those_that_wait(
    house: wiring.House, sandbox: str
) -> None:
    before = len(received(sandbox, 0))
    (mother,) = callers(house, sandbox, 1)
    mother.fills_in()
    mood(sandbox, "fhir", "down")
    mother.says(SEND)
    mood(sandbox, "fhir", "well")
    declares(mother)
    assert received(sandbox, before) == []
    for _one in range(2):
        (kept,) = house.deferred.claim("fhir", 10)
        house.hearing.finish(kept)
        with house.database.begin() as connection:
            house.deferred.finish(connection, kept)
    times = [one["body"]["authored"] for one in received(sandbox, before)]
    assert len(times) == 2
    assert times == sorted(times)
