"""Workers, servers and companies fail for real in the middle of the work, and nobody misses a text.

Counted where it matters: at the company, by person. A second copy may only be of what was in the
very act of being sent, and always under the same id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import pytest
import redis
from sqlalchemy import func, select

from core.message import Address, Channel, Page
from core.outbox.outgoing import Lane, Outcome, Outgoing, Purpose, Receipt, Status
from core.store.database import Database
from core.store.doors import RedisDoorkeeper
from core.store.migrate import upgrade
from core.store.tables import attempt, outgoing
from gateway.database_url import sqlalchemy_url
from gateway.servers import Postgres, Valkey
from gateway.worker import Worker
from tests.conftest import ROOT
from tests.gateway.a_company import Company
from tests.gateway.a_sending_worker import PROVIDER, Setting, outbox

MESSAGES = int(os.environ.get("LOST_AND_FOUND", "2000"))
"""In the whole file; each test takes its part. `python -m bench outbox-kill` takes 10,000."""
HANDS = 16
LONGEST = 120.0
SETTLE = 10.0
"""Seconds that a receipt is waited for."""


def put(database: Database, count: int, purpose: Purpose = Purpose.RESULT) -> list[str]:
    """So many people are to get one text each; their ids."""
    page = Page("Ket qua xet nghiem da co.")
    messages = [
        Outgoing(
            f"{purpose}-{number}",
            Address("phone", f"+849{number:08}"),
            Channel.SMS,
            page,
            purpose,
            Lane.URGENT if number % 10 == 0 else Lane.NORMAL,
        )
        for number in range(count)
    ]
    with database.begin() as connection:
        outbox(database).put_many(connection, messages)
    return [one.id for one in messages]


class Crew:
    """Worker processes that can be killed and replaced."""

    def __init__(self, setting: Setting, count: int) -> None:
        self._command = [
            *(sys.executable, "-m", "tests.gateway.a_sending_worker"),
            json.dumps(asdict(setting)),
        ]
        self.at_work = [self._start() for _ in range(count)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def kill(self, which: int) -> None:
        self.at_work[which].send_signal(signal.SIGKILL)
        self.at_work[which].wait(10)

    def replace(self, which: int) -> None:
        self.at_work[which] = self._start()

    def dismiss(self) -> None:
        for one in self.at_work:
            one.kill()
            one.wait(10)


@contextmanager
def crew(setting: Setting, count: int = 2) -> Iterator[Crew]:
    made = Crew(setting, count)
    try:
        yield made
    finally:
        made.dismiss()


def until(true: Callable[[], object], seconds: float = LONGEST) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def statuses(database: Database) -> Counter[str]:
    with database.begin() as connection:
        query = select(outgoing.c.status, func.count()).group_by(outgoing.c.status)
        return Counter({row[0]: row[1] for row in connection.execute(query)})


def open_sends(database: Database) -> set[str]:
    """Ids of messages that some provider may have, and nobody knows."""
    with database.begin() as connection:
        query = select(attempt.c.outgoing_id).where(attempt.c.outcome == Outcome.OPEN)
        return {str(one) for one in connection.scalars(query)}


def unanswered(database: Database) -> set[str]:
    """Ids of messages on which the company did not answer in time: on a busy machine, more."""
    with database.begin() as connection:
        query = select(attempt.c.outgoing_id).where(attempt.c.words == "no answer")
        return {str(one) for one in connection.scalars(query)}


def all_sent(database: Database, count: int) -> Callable[[], bool]:
    def true() -> bool:
        found = statuses(database)
        return found[Status.SENT] + found[Status.DELIVERED] == count

    return true


def handed(company: Company, count: int) -> Callable[[], bool]:
    return lambda: len(company.got) >= count


def nobody_missed(company: Company, count: int) -> None:
    assert len(company.got) == count, "none lost"
    assert {len(ids) for ids in company.ids.values()} == {1}, "always under the same id"


def copied(company: Company) -> set[str]:
    """Ids of messages of which somebody got a second copy."""
    return {next(iter(company.ids[person])) for person in company.copies}


class Receipts:
    """The company's receipts, which name our id, taken in as the web processes would."""

    def __init__(self, database: Database) -> None:
        self.slow: set[str] = set()
        """Ids whose receipt was taken in so late that nobody could wait for it: a busy machine."""
        self._box = outbox(database)
        self._waiting = SimpleQueue[tuple[str, float] | None]()
        self._threads = [threading.Thread(target=self._take_in) for _ in range(4)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(20)

    def come(self, name: str) -> None:
        self._waiting.put((name, time.monotonic()))

    def _take_in(self) -> None:
        while (one := self._waiting.get()) is not None:
            name, at = one
            self._box.settle(Receipt(PROVIDER, name, Status.DELIVERED, outgoing_id=name))
            if time.monotonic() - at > SETTLE / 2:
                self.slow.add(name)


def test_workers_are_killed_again_and_again(database: Database, clean_redis: str) -> None:
    count, opened = MESSAGES * 4 // 10, set[str]()
    put(database, count)
    with Company() as company:
        setting = Setting(database.libpq_url, clean_redis, company.url)
        with crew(setting) as workers:
            for part in (1, 2, 3, 4):
                until(handed(company, count * part // 5))
                workers.kill(part % 2)
                now_open = open_sends(database)
                assert len(now_open) <= (1 + part) * (HANDS + Worker.urgent_hands), "each worker's"
                opened |= now_open
                workers.replace(part % 2)
            until(all_sent(database, count))
        nobody_missed(company, count)
        # Only of what was being sent when a worker was killed.
        assert copied(company) <= opened | unanswered(database)
        assert max(company.got.values()) <= 3


def test_all_workers_at_once_and_the_receipts_tell(database: Database, clean_redis: str) -> None:
    """Whose receipts name our id tells even of what nobody could mark: not one copy."""
    count = MESSAGES * 2 // 10
    put(database, count)
    with Receipts(database) as receipts, Company(took=receipts.come) as company:
        setting = Setting(
            *(database.libpq_url, clean_redis, company.url), receipt_names_us=True, settle=SETTLE
        )
        with crew(setting) as workers:
            for part in (1, 2):
                until(handed(company, count * part // 3))
                for which in (0, 1):
                    workers.kill(which)
                for which in (0, 1):
                    workers.replace(which)
            until(all_sent(database, count))
        nobody_missed(company, count)
        again = {name for name, asked in company.asked.items() if asked > 1}
        assert again <= receipts.slow, "not even asked a second time"


def test_all_workers_at_once_and_the_company_drops_repeats(
    database: Database, clean_redis: str
) -> None:
    count = MESSAGES // 10
    put(database, count)
    with Company(drops_repeats=True) as company:
        setting = Setting(database.libpq_url, clean_redis, company.url, honours_key=True)
        with crew(setting) as workers:
            until(handed(company, count // 2))
            for which in (0, 1):
                workers.kill(which)
            in_doubt = open_sends(database)
            for which in (0, 1):
                workers.replace(which)
            until(all_sent(database, count))
        nobody_missed(company, count)
        assert not company.copies
        again = {name for name, asked in company.asked.items() if asked > 1}
        assert again <= in_doubt | unanswered(database)


def test_what_is_better_not_sent_than_twice_is_not(database: Database, clean_redis: str) -> None:
    """A reminder in doubt waits for its receipt, and is not sent again."""
    count = MESSAGES // 20
    put(database, count, Purpose.REMINDER)
    with Company() as company:
        with crew(Setting(database.libpq_url, clean_redis, company.url)) as workers:
            until(handed(company, count // 2))
            for which in (0, 1):
                workers.kill(which)
            in_doubt = open_sends(database)
            for which in (0, 1):
                workers.replace(which)
            left = len(in_doubt)
            until(lambda: statuses(database)[Status.SENT] == count - left)
            until(lambda: statuses(database)[Status.UNSETTLED] == left)
        assert not company.copies
        assert len(company.got) >= count - left


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own: that is closed to the other user as whom PostgreSQL runs for root."""
    with tempfile.TemporaryDirectory(prefix="motcua-tests-") as made:
        yield Path(made)


@contextmanager
def own_servers(folder: Path) -> Iterator[tuple[Postgres, Valkey, str, str]]:
    """A PostgreSQL and a Valkey that may be killed."""
    with ExitStack() as in_the_end:
        postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
        in_the_end.callback(postgres.stop)
        in_the_end.callback(valkey.stop)
        url = sqlalchemy_url(postgres.start())
        upgrade(url)
        yield postgres, valkey, url, valkey.start()


def killed(folder: Path) -> None:
    """Both servers die at once, as when somebody pulls the plug on their machine."""
    for name in ("postgres/postmaster.pid", "valkey/valkey.pid"):
        pid = int((folder / name).read_text().split()[0])
        os.kill(pid, signal.SIGKILL)


def test_postgresql_and_valkey_die_and_come_back(folder: Path) -> None:
    count = MESSAGES * 15 // 100
    with own_servers(folder) as (postgres, valkey, url, redis_url), Company() as company:
        database = Database(url)
        put(database, count)
        with crew(Setting(database.libpq_url, redis_url, company.url)):
            until(handed(company, count // 3))
            killed(folder)
            time.sleep(1.0)
            assert sqlalchemy_url(postgres.start()) == url
            assert valkey.start() == redis_url
            opened = open_sends(database)
            until(all_sent(database, count))
        nobody_missed(company, count)
        assert len(opened) <= 2 * (HANDS + Worker.urgent_hands)
        assert copied(company) <= opened | unanswered(database)
        database.close()


@pytest.mark.parametrize("way", ["drops repeats", "receipts name us", "neither"])
def test_a_company_that_answers_too_late(database: Database, clean_redis: str, way: str) -> None:
    """One message in fifty is taken, and answered when the sender has stopped waiting."""
    count = MESSAGES * 5 // 100
    late = set(put(database, count)[::50])
    drops, names = way == "drops repeats", way == "receipts name us"
    with Receipts(database) as receipts, ExitStack() as stack:
        told = receipts.come if names else lambda _: None
        company = stack.enter_context(Company(drops_repeats=drops, took=told))
        company.mood = lambda name: "late" if name in late and name not in company.late else "well"
        setting = Setting(
            *(database.libpq_url, clean_redis, company.url),
            honours_key=drops,
            receipt_names_us=names,
            settle=SETTLE,
        )
        with crew(setting):
            until(all_sent(database, count))
        nobody_missed(company, count)
        assert company.late == late
        allowed = unanswered(database) if way == "neither" else receipts.slow
        assert copied(company) <= allowed
        assert way != "neither" or copied(company) >= late


def test_a_company_that_is_down_for_a_while(database: Database, clean_redis: str) -> None:
    count = MESSAGES // 10
    put(database, count)
    with Company() as company:
        with crew(Setting(database.libpq_url, clean_redis, company.url)):
            until(handed(company, count // 3))
            company.mood = lambda _: "down"
            with redis.Redis.from_url(clean_redis) as client:
                keeper = RedisDoorkeeper(client)
                until(lambda: keeper.read(PROVIDER).state != "in")
            tried = company.asked.total()
            time.sleep(2.0)
            tried = company.asked.total() - tried
            company.mood = lambda _: "well"
            until(all_sent(database, count))
        nobody_missed(company, count)
        assert not company.copies, "a company that says no has not taken it"
        under_way = 2 * (HANDS + Worker.urgent_hands)
        assert tried <= under_way + 20, "left in peace but for a few that try, though many wait"
