"""Metrics of a gateway that really runs: the worker's stand on the page of the web, and stay there."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT
from tests.gateway.network import SHORT_NUMBER, Dialler, World, eventually
from tests.peers.conftest import running_gateway

NAMED = re.compile(r"\bmotcua_\w+")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("metrics-days")


@pytest.fixture(scope="module")
def world(place: Path) -> Iterator[World]:
    """One gateway for these tests, with two web processes, and an account at Zalo without tokens."""
    settings = {
        "MOTCUA_WEB_WORKERS": "2",
        "MOTCUA_ZALO_APP_ID": "1",
        "MOTCUA_ZALO_APP_SECRET": "invented",
        "MOTCUA_ZALO_OAUTH_URL": "http://127.0.0.1:9",
        "MOTCUA_ZALO_API_URL": "http://127.0.0.1:9",
    }
    with running_gateway(place, **settings) as ready:
        one = World(ready)
        yield one
        one.close()


class Page:
    """The page at one moment."""

    def __init__(self, world: World, http: httpx2.Client | None = None) -> None:
        self.text = (http or world.http).get(f"{world.web}/metrics").text
        self.families = {one.name: one for one in text_string_to_metric_families(self.text)}

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples of this name that have these labels."""
        return sum(
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def sends(world: World) -> float:
    return Page(world).total("motcua_sends_total", outcome="sent")


def counting_slots(place: Path) -> set[str]:
    """The slots in which hops were counted."""
    return {
        file.stem
        for file in (place / "var" / "metrics").glob("*.json")
        if json.loads(file.read_text()).get("motcua_ussd_hops", ["", "", []])[2]
    }


def texts(world: World, number: str, said: str) -> None:
    """Somebody texts, and reads the answer."""
    before = len(world.told(number))
    assert world.send(world.networks.kannel(number, said, SHORT_NUMBER)).status_code == 200
    world.tells(number, before)


def test_what_the_worker_counts_is_shown_and_outlives_it(world: World) -> None:
    number = world.person("one-syllable")["phone"]
    texts(world, number, "HELP")
    eventually(lambda: sends(world) == 1)
    worker = int(world.ready["pids"]["worker"])
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: not psutil.pid_exists(worker))
    assert sends(world) == 1
    texts(world, number, "HELP")  # to the worker that was started instead
    eventually(lambda: sends(world) == 2)


def test_every_web_process_shows_the_hops_of_both(world: World, place: Path) -> None:
    before = hops = Page(world).total("motcua_ussd_hops_total")

    def both_have_answered() -> bool:
        nonlocal hops
        for _ in range(10):
            world.http.close()  # a new connection, to whichever process takes it
            world.http = httpx2.Client(timeout=30, trust_env=False)
            Dialler(world, f"+8490{hops:07.0f}").dials()
            hops += 1
        return len(counting_slots(place)) >= 2

    eventually(both_have_answered, seconds=60)
    assert hops > before

    def shown() -> set[float]:
        found = set()
        for _ in range(20):
            with httpx2.Client(timeout=30, trust_env=False) as http:
                found.add(Page(world, http).total("motcua_ussd_hops_total"))
        return found

    eventually(lambda: shown() == {hops})


def test_the_page_tells_of_the_queues_and_the_worker(world: World) -> None:
    eventually(lambda: Page(world).total("motcua_workers_alive") >= 1)
    page = Page(world)
    lanes = {sample.labels["lane"] for sample in page.families["motcua_outbox_waiting"].samples}
    assert lanes == {"urgent", "normal", "bulk"}
    assert page.total("motcua_outbox_failed_last_hour") == 0


def test_every_metric_of_the_page_of_alarms_is_counted_here(world: World) -> None:
    named = set(NAMED.findall((ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")))
    assert len(named) >= 15
    deadline = time.monotonic() + 20
    while missing := named - set(re.findall(r"^# TYPE (\w+)", Page(world).text, re.M)):
        assert time.monotonic() < deadline, missing
        time.sleep(0.2)
