"""Everything that `make run` starts, in a temporary directory, to be measured from outside."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.processes import kill_group, start_bound

START_SECONDS = 120.0
STOP_SECONDS = 30.0


@contextmanager
def running(**settings: str) -> Iterator[Mapping[str, Any]]:
    """`python -m gateway run` until the block ends; gives what its `ready.json` says."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        var = Path(folder) / "var"
        environment = {
            **{name: it for name, it in os.environ.items() if not name.startswith("MOTCUA_")},
            "MOTCUA_VAR": str(var),
            "PORT": "0",
            **settings,
        }
        log = Path(folder) / "run.log"
        with log.open("wb") as output:
            process = start_bound(
                [sys.executable, "-m", "gateway", "run"], environment=environment, output=output
            )
        try:
            end = time.monotonic() + START_SECONDS
            while not (var / "ready.json").exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"the gateway did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield json.loads((var / "ready.json").read_text())
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            finally:
                kill_group(process.pid)
