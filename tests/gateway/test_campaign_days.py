"""An operator's day with a campaign, on a gateway that really runs: by command line, and counted.

Counted is at the stand-in of the network, by person.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from redis import Redis

from gateway.worker import Worker
from tests.conftest import OUR_SETTINGS, ROOT
from tests.gateway.network import eventually
from tests.peers.conftest import running_gateway
from web.simulator.threads import START, Threads

ROWS = 2000
PROVINCES = ("01", "48", "56", "79")
BAD = {7: "12345", 500: "02438252525", 900: ""}
"""Rows of the first table whose number is wrong."""


def phone(row: int) -> str:
    return f"+8497{row:07d}"


def province(row: int) -> str:
    return PROVINCES[row % len(PROVINCES)]


def table(path: Path, bad: Mapping[int, str]) -> Path:
    rows = [f"{bad.get(one, phone(one))},Nguyễn Văn An,{province(one)}" for one in range(ROWS)]
    path.write_text("\n".join(("to,name,province", *rows)) + "\n", encoding="utf-8")
    return path


class Office:
    """Operators at a terminal beside a gateway that runs."""

    def __init__(self, ready: Mapping[str, Any], var: Path) -> None:
        self.ready, self.var = ready, var
        self.redis = Redis.from_url(ready["redis_url"])
        self.status = 0

    def says(self, *arguments: str | Path, who: str = "") -> str:
        """What the command line answers, in one text."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(OUR_SETTINGS)
        }
        acting = ("--as", who) if who else ()
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *map(str, arguments), *acting],
            env={**environment, "MOTCUA_VAR": str(self.var)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.status = done.returncode
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def campaign(self, what: str, *arguments: str | Path, who: str = "") -> str:
        return self.says("campaign", what, *arguments, who=who)

    def reads(self, campaign_id: str) -> Any:
        """How it stands, by API."""
        return self.calls("GET", campaign_id)

    def everything_settled(self, campaign_id: str) -> bool:
        """Nothing waits for a receipt, and nothing is given to the provider once more."""
        counts = self.reads(campaign_id)["counts"]
        return bool(counts["unsettled"] == counts["queued"] == 0)

    def calls(self, method: str, path: str) -> Any:
        """By API: there an answer takes no new process, which on a busy machine takes long."""
        key = {"Authorization": f"Bearer {self.ready['keys']['operator']}"}
        url = f"{self.ready['web']}/api/v1/campaigns/{path}"
        answer = httpx2.request(method, url, headers=key, timeout=30, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def out(self, campaign_id: str) -> int:
        """Rows that a provider has taken."""
        counts = self.reads(campaign_id)["counts"]
        return int(counts["sent"] + counts["delivered"])

    def got(self) -> Counter[str]:
        """Texts by number, at the stand-in."""
        found: Counter[str] = Counter()
        for key in self.redis.scan_iter("simulator:thread:+8497*", count=1000):
            number = key.decode().rpartition(":")[2]
            _, events = Threads(self.redis).after(number, START)
            found[number] += sum(event.get("from") == "them" for event in events)
        return found

    def kills_the_worker(self) -> None:
        pids = json.loads((self.var / "ready.json").read_text())["pids"]
        os.kill(pids["worker"], signal.SIGKILL)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running_gateway(
        tmp_path,
        MOTCUA_ROUTES="VN -> kannel 300",
        MOTCUA_RATES="kannel 100/s",
        MOTCUA_CAMPAIGN_WINDOW="300",
        MOTCUA_CAMPAIGN_CANARY_SECONDS="2",
    ) as ready:
        one = Office(ready, tmp_path / "var")
        yield one
        one.redis.close()


def test_a_day_with_two_thousand_results(office: Office, tmp_path: Path) -> None:
    wrong, right = table(tmp_path / "wrong.csv", BAD), table(tmp_path / "right.csv", {})

    looked = office.says("send", wrong, "--template", "result-ready", "--dry-run")
    assert re.search(r"messages +1,997 to 1,997 people", looked), looked
    assert re.search(r"money +599,100 ₫", looked)
    assert "row 9: bad number" in looked
    assert "row 902: no number" in looked
    assert re.search(r"time +done .* at 100.0 a second", looked)
    assert "No campaign is under way" in office.campaign("pause", "all")

    made = office.says("send", wrong, "--template", "result-ready", who="Lan")
    found = re.search(r"([0-9a-f]{10}) is checked", made)
    assert found, made
    campaign = found[1]
    assert "is draft" in office.campaign("correct", campaign, right, who="Lan")
    assert "messages            2,000" in office.campaign("check", campaign, who="Lan")
    refused = office.campaign("approve", campaign, "--edition", "2", who="lan")
    assert office.status == 1
    assert refused.startswith("Error: lan had a hand in")
    assert refused.count("\n") == 1
    office.campaign("approve", campaign, "--edition", "2", who="Hoà")
    office.campaign("start", campaign, who="Lan")

    eventually(lambda: office.out(campaign) > 200, seconds=60)
    assert office.calls("POST", f"{campaign}/pause")["state"] == "paused"
    time.sleep(2.0)  # what a provider was just being given arrives still
    paused = office.got()
    assert 0 < len(paused) < ROWS
    time.sleep(5.0)
    assert office.got() == paused
    office.campaign("stop", campaign, "--province", "79", "--yes", who="Hoà")
    office.campaign("resume", campaign, who="Hoà")

    eventually(lambda: len(office.got()) > len(paused) + 150, seconds=120)
    office.kills_the_worker()
    eventually(lambda: office.reads(campaign)["campaign"]["state"] == "done", seconds=120)
    eventually(lambda: office.everything_settled(campaign), seconds=120)

    got = office.got()
    stopped = {phone(row) for row in range(ROWS) if province(row) == "79"}
    everybody = {phone(row) for row in range(ROWS)}
    assert got.keys() - stopped == everybody - stopped, "nobody is lost"
    assert got.keys() & stopped == paused.keys() & stopped, "nobody there since it was stopped"
    twice = sum(number - 1 for number in got.values())
    assert twice <= Worker.outbox_hands, "a second copy only of what was in the very act of sending"
    counts = office.reads(campaign)["counts"]
    assert counts["sent"] + counts["delivered"] == len(got)
    assert counts["stopped"] == ROWS - len(got)
    status = office.campaign("status", campaign)
    assert "is done: it is over" in status
    assert "79 stopped" in status
    assert "by Hoà" in status
