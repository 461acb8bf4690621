"""A gateway to measure: its own PostgreSQL and Valkey in a temporary directory, one web process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from core.store.migrate import upgrade
from gateway.database_url import sqlalchemy_url
from gateway.kept_servers import KeptServers, stop_keeper
from gateway.ports import LOOPBACK, free_port

SECRET = "path-secret-of-the-bench"
BARE = "/bench/bare/"
"""The route that `bench.wsgi` adds."""
READY_SECONDS = 20.0


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """The environment of a gateway with fresh servers of its own."""
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        kept = KeptServers(Path(folder) / "kept", owner=os.getpid(), throw_away=True)
        try:
            addresses = kept.addresses()
            database = sqlalchemy_url(addresses["postgres"])
            upgrade(database)
            yield {
                **{name: it for name, it in os.environ.items() if not name.startswith("MOTCUA_")},
                "MOTCUA_ENV": "development",
                "MOTCUA_VAR": folder,
                "DATABASE_URL": database,
                "REDIS_URL": addresses["valkey"],
                "PLATFORM_FHIR_URL": f"http://{LOOPBACK}:9/fhir",
                "QRQG_URL": f"http://{LOOPBACK}:9/qrqg",
                "MOTCUA_AFRICASTALKING_PATH_SECRET": SECRET,
            }
        finally:
            stop_keeper(kept.pid)


@contextmanager
def web(environment: Mapping[str, str], *, threads: int, log: int | None = None) -> Iterator[str]:
    """One granian worker with so many blocking threads, serving `bench.wsgi`; gives its address.

    `log` is where its log goes, as `subprocess` names it.
    """
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK),
        *("--port", str(port), "--workers", "1", "--blocking-threads", str(threads)),
        *("--no-ws", "--log-level", "error", "bench.wsgi:app"),
    ]
    base = f"http://{LOOPBACK}:{port}"
    process = subprocess.Popen(command, env=dict(environment), stdout=log, stderr=log)
    try:
        _wait(f"{base}{BARE}")
        yield base
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while True:
        try:
            if httpx2.post(url, data={"text": ""}).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        if time.monotonic() > give_up:
            raise SystemExit("the web process did not come up")
        time.sleep(0.1)
