"""A full USSD menu step against a bare Flask POST handler: same server, same worker, same run."""

from __future__ import annotations

from functools import partial
from statistics import median

import httpx2
import psycopg
from rich.console import Console
from rich.table import Table

from bench import house, load
from gateway.database_url import libpq_url

CLIENTS = 4
SECONDS = 3.0
ROUNDS = 5
PHONES = 100
"""Phones that each client plays in turn, all of them known already."""
HOPS = 11
"""Menu steps of one USSD session: the dial, then to and fro between two menus."""

console = Console()


FORM = (
    "sessionId=ATUid_{run}_{client}_{session}&phoneNumber=%2B84912{client:02d}{phone:04d}"
    "&networkCode=45204&serviceCode=%2A1022%23&text={text}"
)


def step(url: str, run: int, client: int, count: int) -> bytes:
    """The `count`-th request of a client's phone, as Africa's Talking would send it."""
    session, hop = divmod(count, HOPS)
    text = "*".join("70"[number % 2] for number in range(hop))
    form = FORM.format(run=run, client=client, session=session, phone=session % PHONES, text=text)
    return load.form_request(url, form.encode())


def transactions(database: str) -> int:
    """What PostgreSQL has committed so far in our database."""
    with psycopg.connect(libpq_url(database), autocommit=True) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        row = connection.execute(
            "select xact_commit from pg_stat_database where datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    """Prints throughputs, latencies and the ratio."""
    with house.servers() as environment, house.web(environment) as base:
        bare_url = base + house.BARE
        step_url = f"{base}/ussd/africastalking/{house.SECRET}"
        ran: dict[str, list[load.Load]] = {"bare": [], "step": []}
        _introduce(step_url)
        touched = steps = 0
        for number in range(ROUNDS):
            with console.status(f"round {number + 1} of {ROUNDS}"):
                bare = partial(step, bare_url, number)
                ran["bare"].append(_run(bare_url, bare))
                before = transactions(environment["DATABASE_URL"])
                ran["step"].append(_run(step_url, partial(step, step_url, number)))
                touched += transactions(environment["DATABASE_URL"]) - before
                steps += len(ran["step"][-1].milliseconds)
    _print(ran, touched, steps)


def _introduce(url: str) -> None:
    """Every phone dials once: meeting somebody for the first time is not a menu step."""
    with httpx2.Client() as client:
        for number in range(CLIENTS):
            for phone in range(PHONES):
                request = step(url, -1, number, phone * HOPS)
                body = request.partition(b"\r\n\r\n")[2]
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                client.post(url, content=body, headers=kind).raise_for_status()


def _run(url: str, make: load.Make) -> load.Load:
    return load.run(url, make, expect=b"CON ", clients=CLIENTS, seconds=SECONDS)


def _print(ran: dict[str, list[load.Load]], touched: int, steps: int) -> None:
    table = Table("what", "per second", "p50 ms", "p99 ms", "wrong answers")
    for name, loads in ran.items():
        table.add_row(
            {"bare": "bare Flask POST handler", "step": "USSD menu step"}[name],
            f"{median(one.per_second for one in loads):,.0f}",
            f"{median(one.percentile(50) for one in loads):.2f}",
            f"{median(one.percentile(99) for one in loads):.2f}",
            str(sum(one.wrong for one in loads)),
        )
    console.print(table)
    pairs = list(zip(ran["bare"], ran["step"], strict=True))
    ratios = sorted(step.per_second / bare.per_second for bare, step in pairs)
    tails = [step.percentile(99) / bare.percentile(99) for bare, step in pairs]
    console.print(
        f"ratio {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}), "
        f"p99 {median(tails):.1f} times the bare handler's, {CLIENTS} clients, 1 worker"
    )
    console.print(f"PostgreSQL: {touched} transactions in {steps:,} steps")
