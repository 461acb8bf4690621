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
    """Both, by the configuration in their directory; they may die and start again."""

    admin_port: int
    directory: Path
    in_the_end: ExitStack
    _bearerbox: subprocess.Popen[bytes] = field(init=False)
    _smsbox: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.starts()

    def starts(self) -> None:
        """Bearerbox, then smsbox."""
        self._start_bearerbox()
        command = (SMSBOX, "-v", "4", CONFIGURATION)
        self._smsbox = start(command, self.directory, self.in_the_end)
        until(lambda: "smsbox:" in self.status(), "smsbox did not connect")

    def dies(self) -> None:
        """Both are killed, smsbox first: whoever has asked it for something gets no answer."""
        for process in (self._smsbox, self._bearerbox):
            process.kill()
            process.wait(10)

    def status(self) -> str:
        """What bearerbox tells of itself; nothing while it is not there."""
        return read(f"http://127.0.0.1:{self.admin_port}/status.txt?password=status")

    def loses_its_bearerbox(self) -> None:
        """It is killed in the middle of its work, and started again."""
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
