"""Kannel's two programs for a test: bearerbox, then smsbox, by one configuration."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.peers.processes import read, start, until

BEARERBOX = "/usr/sbin/bearerbox"
SMSBOX = "/usr/sbin/smsbox"


def start_kannel(
    configuration: str, admin_port: int, directory: Path, in_the_end: ExitStack
) -> Callable[[], str]:
    """Both, connected to each other; gives what tells Kannel's status."""
    path = directory / "kannel.conf"
    path.write_text(configuration)
    address = f"http://127.0.0.1:{admin_port}/status.txt?password=status"
    start((BEARERBOX, "-v", "4", str(path)), directory, in_the_end)
    until(lambda: "running" in read(address), "bearerbox did not start")
    start((SMSBOX, "-v", "4", str(path)), directory, in_the_end)
    until(lambda: "smsbox:" in read(address), "smsbox did not connect")
    return lambda: read(address)
