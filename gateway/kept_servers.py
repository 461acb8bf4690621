"""Asks for the embedded servers from a keeper process, and stops them through it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from gateway.processes import end

STOP_SECONDS = 12.0


class KeeperFailed(Exception):
    """The servers did not come up; the text says why, or where the log is."""


class KeptServers:
    """The embedded servers in one directory, alive until told to stop or their owner is gone."""

    def __init__(
        self,
        directory: Path,
        *,
        owner: int | None = None,
        only: tuple[str, ...] = ("postgres", "valkey"),
        throw_away: bool = False,
    ) -> None:
        """Args:
        directory: where their data and the keeper's log live.
        owner: the process they live as long as; ourselves if not given.
        only: which of them.
        throw_away: for tests: keep nothing on disk.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._log = directory / "keeper.log"
        self._only = only
        command = [sys.executable, "-m", "gateway.keeper", "--directory", str(directory)]
        command += ["--for", str(owner or os.getpid())]
        command += [part for name in only for part in ("--only", name)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command + ["--throw-away"] * throw_away,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the owner, who stops things in order
            )

    @property
    def pid(self) -> int:
        """The keeper's process id."""
        return self._process.pid

    def addresses(self, on_ready: Callable[[str, str], None] | None = None) -> dict[str, str]:
        """Wait until all are ready and return their addresses by name (``postgres``, ``valkey``).

        Args:
            on_ready: called with name and address as each becomes ready.

        Raises:
            KeeperFailed: one of them did not start.
        """
        found: dict[str, str] = {}
        assert self._process.stdout is not None
        for line in self._process.stdout:
            for name, value in json.loads(line).items():
                if name == "error":
                    raise KeeperFailed(value)
                found[name] = value
                if on_ready is not None:
                    on_ready(name, value)
            if len(found) == len(self._only):
                self._process.stdout.close()
                return found
        raise KeeperFailed(f"the embedded servers did not start; see {self._log}")

    def is_alive(self) -> bool:
        """Whether the keeper still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop the servers cleanly and wait until they are down."""
        if self.is_alive():
            end(self._process, seconds=STOP_SECONDS)


def stop_keeper(pid: int) -> None:
    """Stop a keeper that another process started, and wait until it is gone."""
    try:
        keeper = psutil.Process(pid)
        keeper.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        # A parent that never asks leaves a zombie behind; that one is gone too.
        while time.monotonic() < deadline and keeper.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.02)
    except psutil.NoSuchProcess:
        return
