"""What somebody who plays with the sandbox sees: the people, the lists, the running program."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.sandbox.conftest import Visitor

ROOT = Path(__file__).parents[2]


def test_people_are_told_in_full(visitor: Visitor) -> None:
    child = visitor.person("family-child")
    assert child["phone"] is None
    assert child["familyPhone"] == "+84912004701"
    assert child["carer"]["name"] == "Nguyễn Thị Hường"
    assert [each["story"] for each in child["household"]] == [
        "family-mother",
        "family-baby",
        "family-grandmother",
    ]
    assert child["papers"][0] == {"type": "cccd", "number": "056217004702"}
    assert child["expects"] == {"status": "yellow", "doses": 1, "lastTest": None}
    assert child["province"] == "Khánh Hòa"


def test_people_come_in_pages(visitor: Visitor) -> None:
    def names(**parameters: str) -> list[str]:
        return [each["qid"] for each in visitor.http.get("/people", params=parameters).json()]

    everybody = names(limit="1000")
    assert len(everybody) == 100
    assert names(limit="10", offset="95") == everybody[95:]
    assert names(limit="0") == []
    assert visitor.http.get("/people?limit=3").headers["X-Total-Count"] == "100"
    assert visitor.http.get("/people?limit=many").status_code == 400


def test_people_are_found_by_telephone(visitor: Visitor) -> None:
    found = visitor.http.get("/people", params={"phone": "+84983304705"}).json()
    assert [each["story"] for each in found] == ["couple-husband", "couple-wife"]


def test_all_four_colours_are_among_the_first_people(visitor: Visitor) -> None:
    first = visitor.http.get("/people", params={"limit": "20"}).json()
    assert {each["expects"]["status"] for each in first} == {"green", "yellow", "red", "neutral"}


def test_received_can_be_filtered(visitor: Visitor) -> None:
    body = {
        "paper": {"type": "passport", "number": "ZZ12345"},
        "name": "Zoë",
        "birthDate": "1990-01-01",
        "gender": "female",
        "phone": "+33612345678",
    }
    visitor.qrqg("personal-qr", body, "k1")

    def keys(**parameters: str) -> list[str]:
        return [each["key"] for each in visitor.http.get("/received", params=parameters).json()]

    assert keys() == keys(key="k1") == keys(phone="+33612345678") == ["k1"]
    assert keys(kind="declaration") == keys(key="k2") == []


def test_openapi_describes_every_route_but_fhir(visitor: Visitor) -> None:
    paths = visitor.http.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/qrqg/v1/personal-qr", "/qrqg/v1/personal-qr/{qid}", "/qrqg/v1/resolve", "/people",
        "/moods", "/moods/{platform}", "/happen", "/received", "/forms", "/passport-keys", "/healthz",
    }  # fmt: skip
    assert "drip" in str(paths["/moods/{platform}"])
    assert "risk-changed" in str(paths["/happen"])
    assert "epidemic-area" in str(paths["/forms"])


def test_a_connection_serves_many_requests(visitor: Visitor) -> None:
    ports = set()
    for _ in range(3):
        with visitor.http.stream("GET", "/healthz") as answer:
            ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            answer.read()
    assert len(ports) == 1
    assert None not in ports


def test_wrong_turns_are_json(visitor: Visitor) -> None:
    answer = visitor.http.get("/nowhere")
    assert (answer.status_code, answer.json()["error"]) == (404, "Not Found")
    assert visitor.http.get("/happen").status_code == 405


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    """`python -m sandbox` on a free port, with ten thousand people."""
    environ = os.environ | {"SANDBOX_CLIENT_SECRET": "another-secret", "SANDBOX_SEED": "7"}
    running = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        cwd=ROOT,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def test_the_program_says_where_it_is_and_stops_when_told(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    base = program.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", base)
    with httpx2.Client(base_url=base) as http:
        assert http.get("/healthz").json()["people"] == 10_000
        form = {"grant_type": "client_credentials", "client_id": "mot-cua"}
        token = http.post("/oauth/token", data=form | {"client_secret": "another-secret"})
        assert token.status_code == 200
        old = http.post("/oauth/token", data=form | {"client_secret": "sandbox-secret"})
        assert old.status_code == 401
    began = time.monotonic()
    program.send_signal(signal.SIGTERM)
    out, err = program.communicate(timeout=10)
    assert (program.returncode, out, err) == (0, "", "")
    assert time.monotonic() - began < 5


def test_the_sandbox_imports_nothing_of_ours() -> None:
    code = (
        "import sys, sandbox.__main__;"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('core', 'bot', 'ussd', 'sms', 'web', 'gateway', 'tests', 'bench')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
