"""The worker does what waits, survives what happens, and stops when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from procrastinate import periodic
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import select, text

from core.clock import now
from core.errors import Busy, Down
from core.outbox.outgoing import Outgoing
from core.records import Waiting
from core.store.database import Database
from core.store.deferred import Deferred, Kept
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.tables import inbox as inbox_table
from core.store.tables import outgoing
from core.store.upkeep import DEAD_SECONDS, Upkeep
from gateway.jobs import Jobs
from gateway.worker import POLL_SECONDS, Outage, Worker
from tests.gateway.a_worker import answer, reply, vault, worker

ROOT = Path(__file__).parents[2]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    path.touch()
    return path


@contextmanager
def running(one: Worker) -> Iterator[Worker]:
    """The worker, at work in a thread."""
    thread = threading.Thread(target=one.run, kwargs={"signals": False})
    thread.start()
    try:
        yield one
    finally:
        one.stop()
        thread.join(20)
    assert not thread.is_alive()


@contextmanager
def process(database: Database, journal: Path, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own."""
    command = [sys.executable, "-m", "tests.gateway.a_worker", database.libpq_url, str(journal)]
    with subprocess.Popen([*command, str(seconds)], cwd=ROOT, stdout=subprocess.DEVNULL) as one:
        try:
            yield one
        finally:
            one.kill()


def until(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def said(database: Database, number: int, phone: str = "+84912345678") -> None:
    Inbox(database, vault(), now).accept("test", f"{number}", phone, {"from": phone})


def put(database: Database, *messages: Outgoing) -> None:
    box = Outbox(database, vault(), now)
    with database.begin() as connection:
        for one in messages:
            box.put(connection, one)


def statuses(database: Database) -> Counter[str]:
    with database.begin() as connection:
        return Counter(connection.scalars(select(outgoing.c.status)))


def states(database: Database) -> Counter[str]:
    with database.begin() as connection:
        return Counter(connection.scalars(select(inbox_table.c.state)))


def lines(journal: Path) -> list[str]:
    return journal.read_text().split()


def test_a_server_that_is_away_costs_nobody_their_message(
    database: Database, journal: Path
) -> None:
    """However often it is tried: the message is not to blame."""
    away = [RedisConnectionError(), Down("fhir"), Busy("another turn")] * 3
    moment = now()

    def handler(waiting: Waiting) -> list[Outgoing]:
        if away:
            raise away.pop()
        return answer(waiting)

    said(database, 1)
    inbox = Inbox(database, vault(), lambda: moment, attempts=2)
    one = replace(
        worker(database, journal, 0),
        handlers={"test": handler},
        inbox=inbox,
        clock=lambda: moment,
    )
    while claimed := inbox.claim(1):
        one.handle(claimed[0])
        moment += timedelta(seconds=31)
    assert states(database) == {"done": 1}
    assert statuses(database) == {"queued": 1}


def test_whoever_could_not_be_answered_is_told_once(database: Database, journal: Path) -> None:
    def handler(waiting: Waiting) -> list[Outgoing]:
        raise ValueError("a fault of ours")

    one = replace(
        worker(database, journal, 0),
        handlers={"test": handler},
        sorry=lambda waiting: [reply("sorry", "+84912345678")],
        inbox=Inbox(database, vault(), now, attempts=2),
    )
    said(database, 1)
    with running(one):
        until(lambda: lines(journal) == ["sorry"])
    assert states(database) == {"failed": 1}


def test_what_somebody_says_is_answered_at_once(database: Database, journal: Path) -> None:
    with running(worker(database, journal, 0)):
        until(lambda: Upkeep(database, now).last_beat())
        time.sleep(0.3)  # the listener has connected by now
        began = time.monotonic()
        for number in range(3):
            said(database, number)
        until(lambda: len(lines(journal)) == 3)
        took = time.monotonic() - began
        until(lambda: statuses(database)["sent"] == 3)
    assert lines(journal) == ["reply-0", "reply-1", "reply-2"], "in the order they were said"
    assert states(database) == {"done": 3}
    assert took < 3.0, "three times two steps, woken and not polled"


def test_a_message_that_cannot_be_handled_lets_the_next_ones_pass(
    database: Database, journal: Path
) -> None:
    def handle(waiting: Waiting) -> list[Outgoing]:
        if waiting.provider_id == "0":
            raise KeyError("+84912345678")
        return answer(waiting)

    one = worker(database, journal, 0)
    one.inbox = Inbox(database, vault(), now, attempts=2)
    one.handlers = {"test": handle}
    said(database, 0)
    said(database, 1)
    Inbox(database, vault(), now).accept("nobody's", "0", "b", {"from": "b"})
    with running(one):
        until(lambda: states(database) == {"failed": 2, "done": 1})
        until(lambda: lines(journal) == ["reply-1"])


def test_what_comes_of_a_message_is_committed_with_its_being_done(
    database: Database, journal: Path
) -> None:
    one = worker(database, journal, 0)
    said(database, 0)
    (slow,) = Inbox(database, vault(), now, lease=timedelta(0)).claim(1)
    (quick,) = one.inbox.claim(1)
    one.handle(slow)
    assert statuses(database) == {}, "its lease was lost: nothing comes of it"
    one.handle(quick)
    assert statuses(database) == {"queued": 1}
    assert states(database) == {"done": 1}


def test_a_call_that_took_too_long_is_finished_and_told(database: Database, journal: Path) -> None:
    attempts: list[int] = []

    def finish(kept: Kept) -> list[Outgoing]:
        attempts.append(kept.attempt)
        if kept.attempt == 1:
            raise Down("fhir")
        return [reply(kept.key, kept.call["to"])]

    one = worker(database, journal, 0)
    one.deferred_handler = finish
    with running(one):
        Deferred(database, vault(), now).keep("turn-1", {"to": "+84912345678"})
        until(lambda: lines(journal) == ["turn-1"], 30)
    assert attempts == [1, 2]


def test_a_workers_death_loses_nothing(database: Database, journal: Path) -> None:
    put(database, *(reply(f"m{n}", f"+849100000{n:02}") for n in range(40)))
    with process(database, journal, 0.05) as one:
        until(lambda: len(lines(journal)) >= 8)
        one.send_signal(signal.SIGKILL)
        one.wait(10)
    in_flight = statuses(database)["sending"]
    assert in_flight > 0
    with running(worker(database, journal, 0)):
        until(lambda: statuses(database)["sent"] == 40)
    sent = Counter(lines(journal))
    assert len(sent) == 40
    assert max(sent.values()) <= 2
    twice = sum(count - 1 for count in sent.values())
    open_sends = Worker.outbox_hands + Worker.urgent_hands
    assert twice <= open_sends, "a second copy only of what was in the very act of sending"


def test_told_to_stop_it_finishes_what_is_in_hand(database: Database, journal: Path) -> None:
    put(database, *(reply(f"m{n}", f"+8491000000{n}") for n in range(4)))
    with process(database, journal, 1.0) as one:
        until(lambda: len(lines(journal)) == 4)
        began = time.monotonic()
        one.send_signal(signal.SIGTERM)
        assert one.wait(15) == 0
        assert time.monotonic() - began < 10
    assert statuses(database) == {"sent": 4}
    assert len(lines(journal)) == 4


def test_when_postgresql_was_away_the_worker_goes_on(database: Database, journal: Path) -> None:
    with running(worker(database, journal, 0)):
        said(database, 0)
        until(lambda: statuses(database)["sent"] == 1)
        with database.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        said(database, 1)
        until(lambda: statuses(database)["sent"] == 2)
        Deferred(database, vault(), now).keep("turn-1", {"to": "+84912345678"})
        until(lambda: "turn-1" in lines(journal), 30)


def test_periodic_work_whose_worker_died_is_taken_up_again(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(
            text(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - interval '10 minutes') RETURNING id) "
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id) "
                "SELECT 'upkeep', 'forget', '{\"timestamp\": 0}', 'doing', dead.id FROM dead"
            )
        )
    jobs = Jobs(database, Upkeep(database, now))
    stopping = threading.Event()
    thread = threading.Thread(target=jobs.run, args=(stopping, 5.0))
    thread.start()

    def left() -> int:
        with database.begin() as connection:
            statement = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'forget'"
            return int(connection.execute(text(statement)).scalar_one())

    assert left() == 1
    until(lambda: left() == 0, 40)
    stopping.set()
    thread.join(15)
    assert not thread.is_alive()


@pytest.mark.parametrize("step", [-3600.0, 2 * 86400.0])
def test_periodic_work_goes_on_when_the_clock_is_set(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    set_by, fed = [0.0], [0]

    def wall() -> float:
        return time.time() + set_by[0]

    def feed() -> None:
        fed[0] += 1

    monkeypatch.setattr(periodic, "time", SimpleNamespace(time=wall))
    jobs = Jobs(database, Upkeep(database, now), feed=feed, wall=wall)
    stopping = threading.Event()
    thread = threading.Thread(target=jobs.run, args=(stopping, 5.0))
    thread.start()
    try:
        until(lambda: fed[0] >= 1, 30)
        set_by[0], before = step, fed[0]
        until(lambda: fed[0] >= before + 3, 30)
    finally:
        stopping.set()
        thread.join(15)
    assert not thread.is_alive()


def test_trouble_is_told_once_and_waited_out_longer_each_time() -> None:
    ticks = iter([0.0, 7.5])
    outage = Outage("outbox", tick=lambda: next(ticks))
    waits = [outage.began(ConnectionError()) for _ in range(8)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    outage.over()
    outage.over()
    assert next(ticks, None) is None


def test_a_dead_workers_work_is_taken_over_within_a_minute(
    database: Database, journal: Path
) -> None:
    """By the leases as they are in production; the clock is moved, not waited for."""
    moment = now()
    outbox = Outbox(database, vault(), lambda: moment)
    inbox = Inbox(database, vault(), lambda: moment)
    with database.begin() as connection:
        outbox.put(connection, reply("a", "+84912345678"))
    inbox.accept("test", "1", "+84912345678", {"from": "+84912345678"})
    assert (len(outbox.claim(1)), len(inbox.claim(1))) == (1, 1), "and then it dies"
    assert (len(outbox.claim(1)), len(inbox.claim(1))) == (0, 0)
    moment += timedelta(seconds=60 - POLL_SECONDS)
    assert (len(outbox.claim(1)), len(inbox.claim(1))) == (1, 1)
    assert DEAD_SECONDS < 60
