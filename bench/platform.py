"""What a look-up through the platforms costs, and what becomes of declarations made in an outage.

`python -m bench platform [declarations] [seconds of outage]`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from unittest.mock import patch

import httpx2
from prometheus_client import REGISTRY
from rich.console import Console
from sqlalchemy import func, select

from bench import house as servers
from bench.declaring import SEND, Caller, callers, mood
from core.around import REMINDER
from core.store.tables import deferred, outgoing
from gateway import logs, settings, wiring
from gateway.ports import LOOPBACK, answers, free_port
from gateway.run_plans import sandbox_settings

DECLARATIONS = 1000
OUTAGE_SECONDS = 60.0
LONGEST_DRAIN = 120.0
LOOK_UPS = 100
NOT_ANSWERING = "chua ket noi duoc"
"""What stands on a card that comes from memory."""
BREAKER_SECONDS = 6.0
"""After so long a platform that failed is tried again."""

console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Prints the ratios of a look-up, then the counts and times of an outage."""
    asked = arguments or []
    count = int(asked[0]) if asked else DECLARATIONS
    seconds = float(asked[1]) if len(asked) > 1 else OUTAGE_SECONDS
    with servers.servers() as base, sandbox(max(2 * count, 1000)) as address:
        environment = {**base, **sandbox_settings(address), "MOTCUA_LOG_LEVEL": "error"}
        with patch.dict(os.environ, environment):
            house = wiring.build(settings.load())
            logs.set_up(house.settings)
            people = callers(house, address, max(count, LOOK_UPS))
            look_ups(people[:LOOK_UPS], address)
            outage(house, people[:count], address, environment, seconds)


@contextmanager
def sandbox(people: int) -> Iterator[str]:
    """A sandbox of our own; gives its address."""
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    command = [sys.executable, "-m", "sandbox", "--people", str(people), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _until(lambda: answers(f"{address}/people?limit=1"), 60)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def look_ups(people: list[Caller], address: str) -> None:
    """A status from the dial to the card: cold, and from memory, against the bare requests."""
    before = _requests()
    cold = [_timed(caller) for caller in people]
    each = max(1, round((_requests() - before) / len(people)))
    bare = _bare(address, people, each)
    mood(address, "fhir", "down")
    remembered = [_timed(caller) for caller in people]
    told = sum(caller.reads(NOT_ANSWERING) for caller in people)
    mood(address, "fhir", "well")
    time.sleep(BREAKER_SECONDS)
    console.print(
        f"status look-up of {len(people)} people, {each} requests each: bare requests {_ms(bare)}, "
        f"cold {_ms(cold)}, platform down {_ms(remembered)} ({told} told what was known before)"
    )
    console.print(
        f"ratio to the bare requests: cold {median(cold) / median(bare):.1f}, "
        f"platform down {median(remembered) / median(bare):.1f}"
    )


def _bare(address: str, people: list[Caller], each: int) -> list[float]:
    """The sandbox's own time for so many of the requests that a look-up makes."""
    who = {"client_id": "mot-cua", "client_secret": "sandbox-secret"}
    took = []
    with httpx2.Client(base_url=address) as client:
        grant = {"grant_type": "client_credentials", **who}
        token = client.post("/oauth/token", data=grant).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for caller in people:
            asked = [
                ("/fhir/Patient", {"telecom": caller.phone}),
                ("/fhir/Immunization", {"patient": caller.citizen_id, "status": "completed"}),
                ("/fhir/Observation", {"patient": caller.citizen_id, "category": "laboratory"}),
            ]
            began = time.perf_counter()
            for number in range(each):
                path, query = asked[number % len(asked)]
                client.get(path, params=query).raise_for_status()
            took.append(time.perf_counter() - began)
    return took


def outage(
    house: wiring.House,
    people: list[Caller],
    address: str,
    environment: Mapping[str, str],
    seconds: float,
) -> None:
    """Everybody sends a filled-in form while the platform is down, and the worker dies twice."""
    with console.status("filling in the forms"):
        for caller in people:
            caller.fills_in()
    with _worker(environment) as kill, console.status("the platform is down"):
        mood(address, "fhir", "down")
        ends = time.monotonic() + seconds
        for caller in people:
            caller.says(SEND)
        kept = _left(house)
        kill()
        time.sleep(max(0.0, ends - time.monotonic()))
        mood(address, "fhir", "well")
        began = time.monotonic()
        half = _until(lambda: _left(house) <= kept // 2, LONGEST_DRAIN)
        kill()
        drained = _until(lambda: _left(house) == 0, LONGEST_DRAIN)
        took = time.monotonic() - began
    found = httpx2.get(f"{address}/received", params={"kind": "declaration"}).json()
    keys = Counter(one["key"] for one in found)
    console.print(
        f"{len(people)} declarations in an outage of {seconds:.0f} s, the worker killed twice: "
        f"{kept} kept, {len(keys)} arrived, {len(found) - len(keys)} twice, "
        f"{len(people) - len(keys)} lost, {_told(house)} people told"
    )
    console.print(
        f"drained {took:.0f} s after the platform was back"
        if half and drained
        else f"NOT drained in time: {_left(house)} left"
    )


@contextmanager
def _worker(environment: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """The worker as a process of its own; what is given kills it and starts another."""
    command = [sys.executable, "-m", "gateway", "worker"]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        if started:
            started[-1].send_signal(signal.SIGKILL)
            started[-1].wait(10)
        started.append(subprocess.Popen(command, env=dict(environment)))

    start()
    try:
        yield start
    finally:
        started[-1].terminate()
        started[-1].wait(20)


def _left(house: wiring.House) -> int:
    with house.database.begin() as connection:
        query = select(func.count()).where(
            deferred.c.state == "new", deferred.c.platform != REMINDER
        )
        return int(connection.execute(query).scalar_one())


def _told(house: wiring.House) -> int:
    with house.database.begin() as connection:
        query = select(func.count()).where(outgoing.c.key.startswith("later:"))
        return int(connection.execute(query).scalar_one())


def _requests() -> float:
    """Requests to the platforms that this process has made so far."""
    found = (metric for metric in REGISTRY.collect() if metric.name == "motcua_platform_requests")
    return sum(one.value for metric in found for one in metric.samples if _is_count(one.name))


def _is_count(name: str) -> bool:
    return name.endswith("_total")


def _timed(caller: Caller) -> float:
    began = time.perf_counter()
    caller.looks_up()
    return time.perf_counter() - began


def _until(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _ms(took: list[float]) -> str:
    return f"{median(took) * 1000:.1f} ms"
