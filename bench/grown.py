"""What a hop costs with a thousand citizens on file, and with five million."""

from __future__ import annotations

import os
import random
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median
from unittest.mock import patch

import psycopg
from psycopg import sql
from redis import Redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from bench import house, load, ussd
from core.message import Address
from core.store.migrate import upgrade
from gateway import wiring
from gateway.database_url import libpq_url
from gateway.settings import load as load_settings

SIZES = (1_000, 5_000_000)
FINDABLE = 5_000
"""So many of them have a number that is dialled from; the others only lie in the tables."""
ROUNDS = 10
SECONDS = 2.0
CLIENTS = 2
THREADS = 8
FORGET_SECONDS = 0.2
AT_ONCE = 250_000
DIAL, STEP = "dial of a known phone", "menu step"

PEOPLE = """
insert into person (id, phone_index, phone, language, citizen, citizen_index, linked_at,
                    created_at, heard_at)
select md5('p' || g)::uuid, decode(md5('i' || g), 'hex'), decode(repeat(md5('s' || g), 3), 'hex'),
       'vi', decode(repeat(md5('c' || g), 12), 'hex'), decode(md5('x' || g), 'hex'),
       now(), now(), now()
from generate_series(%s::int, %s::int) g
"""
ADDRESSES = """
insert into address (network, value_index, value, person_id, proven_at, heard_at)
select 'phone', decode(md5('a' || g), 'hex'), decode(repeat(md5('s' || g), 3), 'hex'),
       md5('p' || g)::uuid, now(), now()
from generate_series(%s::int, %s::int) g
"""

console = Console()


def phone(number: int) -> str:
    return f"+8498{number:07d}"


@contextmanager
def on_file(environment: Mapping[str, str], people: int, place: int) -> Iterator[dict[str, str]]:
    """The environment of a gateway with so many people on file, in a database of its own.

    Those of `phone(0…)` were met by the gateway itself, and are found by their numbers.
    """
    address = make_url(environment["DATABASE_URL"])
    name = f"grown{place}"
    with psycopg.connect(
        libpq_url(environment["DATABASE_URL"]), dbname="postgres", autocommit=True
    ) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    database = address.set(database=name).render_as_string(hide_password=False)
    upgrade(database)
    own = dict(environment) | {
        "DATABASE_URL": database,
        "REDIS_URL": f"{environment['REDIS_URL'].rpartition('/')[0]}/{place + 1}",
    }
    fill(own, people)
    yield own


def fill(environment: Mapping[str, str], people: int) -> None:
    """Meets those who can be found, and lays the others beside them."""
    findable = min(people, FINDABLE)
    with patch.dict(os.environ, environment), console.status(f"{people:,} people") as status:
        gateway = wiring.build(load_settings())
        for number in range(findable):
            gateway.people.find(Address("phone", phone(number)))
        gateway.database.close()
        gateway.redis.close()
        with psycopg.connect(libpq_url(environment["DATABASE_URL"]), autocommit=True) as tables:
            for first in range(findable, people, AT_ONCE):
                last = min(first + AT_ONCE, people) - 1
                for rows in (PEOPLE, ADDRESSES):
                    tables.execute(rows, (first, last))
                status.update(f"{people:,} people: {last + 1:,} are on file")
            tables.execute("vacuum analyze person, address")


def dial(url: str, run: str, order: Sequence[int], client: int, count: int) -> bytes:
    """The first hop of the next phone, whose person is looked up."""
    number = order[(client * len(order) // CLIENTS + count) % len(order)]
    form = (
        f"sessionId=d{run}_{client}_{count}&phoneNumber=%2B{phone(number)[1:]}"
        "&networkCode=45204&serviceCode=%2A1022%23&text="
    )
    return load.form_request(url, form.encode())


def main(arguments: list[str] | None = None) -> None:
    """Prints what a dial and a menu step cost with few and with many people on file."""
    sizes = tuple(map(int, arguments)) if arguments else SIZES
    runs: dict[tuple[int, str], list[load.Load]] = defaultdict(list)
    with house.servers() as environment, ExitStack() as open_ones:
        bases = {}
        for place, people in enumerate(sizes):
            own = open_ones.enter_context(on_file(environment, people, place))
            base = open_ones.enter_context(house.web(own, threads=THREADS))
            bases[people] = base, own["REDIS_URL"]
        for number in range(ROUNDS):
            for people, (base, redis) in bases.items():
                url = f"{base}/ussd/africastalking/{house.SECRET}"
                dials, steps = _one_round(url, redis, people, number)
                runs[people, DIAL].append(dials)
                runs[people, STEP].append(steps)
    _print(sizes, runs)


@contextmanager
def forgetful(redis: str) -> Iterator[None]:
    """Sessions are forgotten sooner than the same phone dials again."""
    over = threading.Event()

    def forget() -> None:
        with Redis.from_url(redis) as memory:
            while not over.wait(FORGET_SECONDS):
                if keys := list(memory.scan_iter("s:*", count=1000)):  # not the locks of turns
                    memory.unlink(*keys)

    thread = threading.Thread(target=forget)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _one_round(url: str, redis: str, people: int, number: int) -> tuple[load.Load, load.Load]:
    """Dials by people whose sessions were forgotten, then menu steps of other people."""
    order = random.Random(number).sample(range(min(people, FINDABLE)), k=min(people, FINDABLE))
    with forgetful(redis):
        dials = _run(url, partial(dial, url, f"{number}", order))
    return dials, _run(url, partial(ussd.step, url, f"g{number}"))


def _run(url: str, make: load.Make) -> load.Load:
    return load.run(url, make, expect=b"CON ", clients=CLIENTS, seconds=SECONDS)


def _print(sizes: Sequence[int], runs: Mapping[tuple[int, str], Sequence[load.Load]]) -> None:
    table = Table("what", "people on file", "per second", "p50 ms", "p99 ms", "wrong answers")
    for what in (DIAL, STEP):
        for people in sizes:
            table.add_row(what, f"{people:,}", *ussd.figures(runs[people, what]))
    console.print(table)
    few, many = sizes[0], sizes[-1]
    for what in (DIAL, STEP):
        pairs = zip(runs[few, what], runs[many, what], strict=True)
        costs = sorted(a.per_second / b.per_second for a, b in pairs)
        console.print(
            f"{what}: costs {median(costs):.2f} times as much (from {costs[0]:.2f} to "
            f"{costs[-1]:.2f}) with {many:,} people on file as with {few:,}",
            soft_wrap=True,
        )
