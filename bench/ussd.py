"""A full USSD menu step against a bare Flask POST handler: same server, same worker, same run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import httpx2
from rich.console import Console
from rich.table import Table

from bench import house, load
from bench.postgres import books
from gateway.settings import Settings

CLIENTS = 4
SECONDS = 2.0
ROUNDS = 5
PHONES = 100
"""Phones that each client plays in turn, all of them known already."""
HOPS = 11
"""Menu steps of one USSD session: the dial, then to and fro between two menus."""
THREADS = (Settings.model_fields["web_threads"].default, 1)
"""Threads of the web process: as many as it has by itself, and one alone."""

console = Console()


FORM = (
    "sessionId=ATUid_{run}_{client}_{session}&phoneNumber=%2B84912{client:02d}{phone:04d}"
    "&networkCode=45204&serviceCode=%2A1022%23&text={text}"
)


def step(url: str, run: str, client: int, count: int) -> bytes:
    """The `count`-th request of a client's phone, as Africa's Talking would send it."""
    session, hop = divmod(count, HOPS)
    text = "*".join("70"[number % 2] for number in range(hop))
    form = FORM.format(run=run, client=client, session=session, phone=session % PHONES, text=text)
    return load.form_request(url, form.encode())


@dataclass(slots=True)
class Ran:
    """What was measured of one web process: bare handler and menu step by turns."""

    base: str
    threads: int
    bare: list[load.Load] = field(default_factory=list)
    steps: list[load.Load] = field(default_factory=list)
    asked: int = 0
    """Rounds of menu steps in which anybody asked PostgreSQL anything."""

    @property
    def url(self) -> str:
        return f"{self.base}/ussd/africastalking/{house.SECRET}"

    def one_round(self, number: int, database: str) -> None:
        run = f"{self.threads}.{number}"
        bare = self.base + house.BARE
        self.bare.append(_run(bare, partial(step, bare, run)))
        before = books(database)
        self.steps.append(_run(self.url, partial(step, self.url, run)))
        self.asked += books(database) != before


def main(arguments: list[str] | None = None) -> None:
    """Prints throughputs, latencies and the ratio; `arguments`: numbers of threads to try."""
    with house.servers() as environment, ExitStack() as open_ones:
        ran = [
            Ran(open_ones.enter_context(house.web(environment, threads=threads)), threads)
            for threads in map(int, arguments or THREADS)
        ]
        _introduce(ran[0].url)
        for number in range(ROUNDS):
            with console.status(f"round {number + 1} of {ROUNDS}"):
                for one in ran:
                    one.one_round(number, environment["DATABASE_URL"])
    _print(ran)


def _introduce(url: str) -> None:
    """Every phone dials once: meeting somebody for the first time is not a menu step."""
    with httpx2.Client() as client:
        for number in range(CLIENTS):
            for phone in range(PHONES):
                request = step(url, "first", number, phone * HOPS)
                body = request.partition(b"\r\n\r\n")[2]
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                client.post(url, content=body, headers=kind).raise_for_status()


def _run(url: str, make: load.Make) -> load.Load:
    return load.run(url, make, expect=b"CON ", clients=CLIENTS, seconds=SECONDS)


def _print(ran: list[Ran]) -> None:
    table = Table("what", "threads", "per second", "p50 ms", "p99 ms", "wrong answers")
    for one in ran:
        for name, loads in (("bare Flask handler", one.bare), ("USSD menu step", one.steps)):
            table.add_row(name, str(one.threads), *figures(loads))
    console.print(table)
    for one in ran:
        pairs = list(zip(one.bare, one.steps, strict=True))
        ratios = sorted(steps.per_second / bare.per_second for bare, steps in pairs)
        tails = [steps.percentile(99) / bare.percentile(99) for bare, steps in pairs]
        console.print(
            f"ratio {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}), p99 "
            f"{median(tails):.1f} times the bare handler's: 1 worker, {one.threads} thread(s), "
            f"{CLIENTS} clients",
            soft_wrap=True,
        )
    steps = sum(len(steps.milliseconds) for one in ran for steps in one.steps)
    asked = sum(one.asked for one in ran)
    touched = f"asked in {asked} of {ROUNDS * len(ran)} rounds" if asked else "0 transactions"
    console.print(f"PostgreSQL: {touched} in {steps:,} steps")


def figures(loads: Sequence[load.Load]) -> Iterator[str]:
    """Throughput, p50, p99 and wrong answers: medians of these runs."""
    yield f"{median(one.per_second for one in loads):,.0f}"
    yield f"{median(one.percentile(50) for one in loads):.2f}"
    yield f"{median(one.percentile(99) for one in loads):.2f}"
    yield str(sum(one.wrong for one in loads))
