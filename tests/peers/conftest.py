"""A whole gateway in processes of its own, as `make run` starts it, for software by others to meet."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.processes import kill_group, start_bound
from tests.conftest import OUR_SETTINGS, ROOT

START_SECONDS = 120.0
STOP_SECONDS = 30.0
PEOPLE = 100


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Unless peers are wanted, do not even read these tests: they import what may not be there."""
    unwanted = "not peers" in str(config.getoption("markexpr"))
    return True if unwanted and collection_path.name.startswith("test_") else None


@contextmanager
def running_gateway(directory: Path, **settings: str) -> Iterator[Mapping[str, Any]]:
    """`python -m gateway run` until the block ends; gives what its `ready.json` says."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(OUR_SETTINGS)
    }
    environment |= {
        "MOTCUA_VAR": str(directory / "var"),
        "MOTCUA_SANDBOX_PEOPLE": str(PEOPLE),
        "PORT": "0",
        # Whatever the time of the day is, what is sent goes out.
        "MOTCUA_QUIET_HOURS": "none",
        "MOTCUA_HOLIDAY_PURPOSES": "none",
        **settings,
    }
    log = directory / "gateway.log"
    with log.open("wb") as output:
        process = start_bound(
            [sys.executable, "-m", "gateway", "run"],
            environment=environment,
            output=output,
            directory=ROOT,
        )
    try:
        yield _wait(process, directory / "var" / "ready.json", log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        finally:
            kill_group(process.pid)


def _wait(process: subprocess.Popen[bytes], ready: Path, log: Path) -> Mapping[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the gateway did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)
    facts: Mapping[str, Any] = json.loads(ready.read_text())
    return facts
