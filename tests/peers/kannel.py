"""Kannel's two programs for a test: bearerbox, then smsbox, by one configuration."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.processes import read, start, until

BEARERBOX = "/usr/sbin/bearerbox"
SMSBOX = "/usr/sbin/smsbox"
CONFIGURATION = "kannel.conf"


@dataclass
class Kannel:
    """Both, by the configuration in their directory; bearerbox may die and return."""

    admin_port: int
    directory: Path
    in_the_end: ExitStack
    _bearerbox: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._start_bearerbox()
        start((SMSBOX, "-v", "4", CONFIGURATION), self.directory, self.in_the_end)
        until(lambda: "smsbox:" in self.status(), "smsbox did not connect")

    def status(self) -> str:
        """What bearerbox tells of itself; nothing while it is not there."""
        return read(f"http://127.0.0.1:{self.admin_port}/status.txt?password=status")

    def dies_and_returns(self) -> None:
        """Bearerbox is killed in the middle of its work, and started again."""
        self._bearerbox.kill()
        self._bearerbox.wait(10)
        self._start_bearerbox()
        until(lambda: "smsbox:" in self.status(), "smsbox did not come back")

    def _start_bearerbox(self) -> None:
        command = (BEARERBOX, "-v", "4", CONFIGURATION)
        self._bearerbox = start(command, self.directory, self.in_the_end)
        until(lambda: "running" in self.status(), "bearerbox did not start")


def start_kannel(
    configuration: str, admin_port: int, directory: Path, in_the_end: ExitStack
) -> Kannel:
    """Both, connected to each other."""
    (directory / CONFIGURATION).write_text(configuration)
    return Kannel(admin_port, directory, in_the_end)
