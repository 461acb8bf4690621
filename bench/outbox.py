"""How quickly messages come in and go out, against a bare COPY, bare posts, and Celery on Redis.

`python -m bench outbox [enqueue] [dispatch] [queued]`: messages put in, messages sent in each round,
and messages that wait while the memory and the urgent ones are looked at.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, cast

import httpx2
import psutil
import psycopg
from rich.console import Console

from bench import celery_peer
from bench import house as servers
from bench.sending import TEXT, outbox, vault
from core.clock import now
from core.message import Address, Channel, Page
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.store import copy_rows
from core.store.database import Database
from gateway.memory import settle
from gateway.ports import LOOPBACK, answers, free_port

ENQUEUE, DISPATCH, QUEUED = 20_000, 3_000, 50_000
HANDS = 64
SHAPES = ((16, 1), (8, 2), (16, 2), (64, 1), (64, 2))
"""Connections to the company from each worker, and workers: few, so that all wait for it, the same
shared by two, twice as many, and as many as there are hands."""
LOT = 5000
URGENT = 50
ROUNDS = 3
MANY = 50_000
"""So many are sent in one round only."""

console = Console(highlight=False)
_client = httpx2.Client(trust_env=False)


def main(arguments: list[str] | None = None) -> None:
    """Prints ratios."""
    sizes = [int(one.replace(",", "").replace("_", "")) for one in arguments or []]
    enqueue, dispatch, queued = (*sizes, *(ENQUEUE, DISPATCH, QUEUED)[len(sizes) :])
    with servers.servers() as environment, ExitStack() as stack:
        database = Database(environment["DATABASE_URL"])
        stack.callback(database.close)
        company = stack.enter_context(_company())
        settle()  # as every process of the house does
        _enqueue(database, enqueue)
        _dispatch(database, environment["REDIS_URL"], company, dispatch)
        _waiting(database, environment["REDIS_URL"], company, queued)


def messages(tag: str, count: int) -> Iterator[Outgoing]:
    """A campaign: so many people, a text each."""
    page = Page(TEXT)
    for number in range(count):
        where = Address("phone", f"+849{number % 10**8:08}")
        key = f"{tag}-{number}"
        yield Outgoing(key, where, Channel.SMS, page, Purpose.CAMPAIGN, Lane.BULK)


def put(database: Database, tag: str, count: int) -> None:
    """Puts a campaign in, in transactions that are in nobody's way."""
    box, coming = outbox(database), messages(tag, count)
    while lot := list(itertools.islice(coming, LOT)):
        with database.begin() as connection:
            box.put_many(connection, lot)


def _empty(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("TRUNCATE outgoing, attempt, receipt")


# Putting in


def _enqueue(database: Database, count: int) -> None:
    """The same rows, by a bare COPY in one piece and by `put_many`."""
    bare, ours = [], []
    for number in range(ROUNDS):
        ready, at = list(_ready(f"bare{number}", count)), time.perf_counter()
        with database.begin() as connection:
            driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            into = f"COPY outgoing ({copy_rows.COLUMNS}) FROM STDIN (FORMAT BINARY)"
            with driver.cursor() as cursor, cursor.copy(into.encode()) as copy:
                for one in ready:
                    copy.write(one)
        bare.append(count / (time.perf_counter() - at))
        del ready
        _empty(database)
        at = time.perf_counter()
        put(database, f"ours{number}", count)
        ours.append(count / (time.perf_counter() - at))
        _empty(database)
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    console.print(
        f"putting in {count:,}: {statistics.median(ours):,.0f} a second, bare COPY "
        f"{statistics.median(bare):,.0f}: [bold]{statistics.median(ratios):.2f}[/] of it "
        f"({min(ratios):.2f}-{max(ratios):.2f})"
    )


def _ready(tag: str, count: int) -> Iterator[bytes]:
    """Rows as they go over the wire, in pieces: nothing is left to do but to write them."""
    at = now()
    yield copy_rows.HEADER
    yield from copy_rows.pieces(vault(), [(one, at) for one in messages(tag, count)], at)
    yield copy_rows.TRAILER


# Sending


@contextmanager
def _company() -> Iterator[str]:
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    with subprocess.Popen([sys.executable, "-m", "bench.carrier", str(port)]) as process:
        try:
            _until(lambda: answers(f"{base}/seen"))
            yield base
        finally:
            process.kill()


@contextmanager
def workers(
    database: Database, redis_url: str, base: str, count: int, connections: int = HANDS
) -> Iterator[list[int]]:
    """Worker processes; their ids."""
    command = [sys.executable, "-m", "bench.sending", "worker", database.libpq_url, redis_url]
    how = [f"{base}/send", str(HANDS), str(connections)]
    started = [subprocess.Popen([*command, *how], stdout=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield [one.pid for one in started]
    finally:
        for one in started:
            one.kill()
            one.wait()


def _dispatch(database: Database, redis_url: str, base: str, count: int) -> None:
    found: dict[tuple[int, int], list[tuple[float, float]]] = {shape: [] for shape in SHAPES}
    for number in range(1 if count >= MANY else ROUNDS):
        for connections, processes in SHAPES:
            bare = _bare(base, processes, count, connections)
            put(database, f"send{number}-{connections}-{processes}", count)
            with workers(database, redis_url, base, processes, connections):
                ours = _rate(base, count)
            _empty(database)
            found[connections, processes].append((ours, bare))
    for (connections, processes), rates in found.items():
        ratios = [ours / bare for ours, bare in rates]
        console.print(
            f"sending {count:,} by {processes} worker{'s' * (processes > 1)}, "
            f"{connections} connections each: "
            f"{statistics.median(ours for ours, _ in rates):,.0f} a second, "
            f"[bold]{statistics.median(ratios):.2f}[/] of bare posts over as many "
            f"({min(ratios):.2f}-{max(ratios):.2f})"
        )
    ours, bare = (statistics.median(rates) for rates in zip(*found[HANDS, 1], strict=True))
    _celery(redis_url, base, count, ours, bare)


def _celery(redis_url: str, base: str, count: int, ours: float, bare: float) -> None:
    """The same jobs through Celery: tuned for waiting, and as it comes, of which fewer do."""
    ways = (
        (f"1 worker of {HANDS} threads", f"-P threads -c {HANDS}", count),
        ("1 worker as it comes, a process for each core", "", max(200, count // 10)),
    )
    with celery_peer.installed() as folder:
        if folder is None:
            console.print(
                "Celery: not measured (it cannot be installed into a scratch environment)"
            )
            return
        for name, how, jobs in ways:
            _seen(base, forget=True)
            rate = celery_peer.rate(
                folder, redis_url, f"{base}/send", jobs, how, partial(_rate, base, jobs)
            )
            console.print(
                f"Celery on Redis, {jobs:,} by {name}: {rate:,.0f} a second; ours is "
                f"[bold]{ours / rate:.1f}[/] times as fast, the bare posts are {bare / rate:.1f} times"
            )


def _bare(base: str, processes: int, count: int, connections: int) -> float:
    _seen(base, forget=True)
    command = [sys.executable, "-m", "bench.sending", "bare", f"{base}/send", str(connections)]
    started = [subprocess.Popen([*command, str(count // processes)]) for _ in range(processes)]
    rate = _rate(base, count // processes * processes)
    for one in started:
        one.wait()
    return rate


def _rate(base: str, count: int) -> float:
    """Messages a second at the company, from the first to the last; forgets them then."""
    _until(lambda: _seen(base)["count"] >= count)
    seen = _seen(base, forget=True)
    return float(count / (seen["last"] - seen["first"]))


def _seen(base: str, *, forget: bool = False) -> Mapping[str, Any]:
    # Over one client: to make one costs more than thirty messages.
    found: dict[str, Any] = _client.get(f"{base}/{'forget' if forget else 'seen'}").json()
    return found


# While many wait


def _waiting(database: Database, redis_url: str, base: str, count: int) -> None:
    """Memory with few and with many queued, and how soon an urgent message is handed over."""
    sizes = []
    for queued in (min(10_000, count), count):
        _empty(database)
        put(database, f"wait{queued}", queued)
        with workers(database, redis_url, base, 1) as (pid,):
            _until(lambda: _seen(base)["count"] >= 500)
            if queued == count:
                _hurry(database, base, count)
            else:
                time.sleep(5)
            sizes.append(psutil.Process(pid).memory_info().rss / 2**20)
        _seen(base, forget=True)
    console.print(
        f"memory of a worker: {sizes[0]:.0f} MB with {min(10_000, count):,} queued, "
        f"{sizes[1]:.0f} MB with {count:,}"
    )
    _empty(database)


def _hurry(database: Database, base: str, count: int) -> None:
    box, began = outbox(database), dict[str, float]()
    for number in range(URGENT):
        text = f"urgent-{number}"
        where = Address("phone", f"+849{number:08}")
        one = Outgoing(text, where, Channel.SMS, Page(text), Purpose.REPLY, Lane.URGENT)
        began[text] = time.time()
        with database.begin() as connection:
            box.put(connection, one)
        time.sleep(0.1)
    _until(lambda: len(_seen(base)["urgent"]) == URGENT)
    came = _seen(base)["urgent"]
    took = sorted(came[text] - at for text, at in began.items())
    console.print(
        f"an urgent message while {count:,} of a campaign are being sent: median "
        f"{statistics.median(took) * 1000:.0f} ms, p95 "
        f"[bold]{took[int(0.95 * len(took))] * 1000:.0f} ms[/]"
    )


def _until(true: Callable[[], object]) -> None:
    while not true():
        time.sleep(0.1)
