"""Starts processes, keeps them running, and stops them in order."""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.processes import end, kill_group, start_bound

STOP_SECONDS = 5.0
# A process that lived this long before it died has not been failing again and again.
STEADY_SECONDS = 30.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LOG_BYTES = 5_000_000


@dataclass(frozen=True)
class Plan:
    """A process to run, and how to tell that it is ready for work."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    healthy: Callable[[], bool] = lambda: True


class DidNotStart(Exception):
    """A process ended, or stayed unready, when everything was being started."""


@dataclass
class _Child:
    plan: Plan
    process: subprocess.Popen[bytes]
    started: float
    quick_deaths: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Runs each plan as a process, writing its output to ``<name>.log``."""

    def __init__(
        self,
        logs: Path,
        *,
        on_death: Callable[[str, int, float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args:
        logs: directory of the log files.
        on_death: told the name, the exit status and the seconds until the new start.
        clock: seconds that never go back.
        """
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._on_death = on_death
        self._clock = clock
        self._children: dict[str, _Child] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each running process by its name."""
        return {name: child.process.pid for name, child in self._children.items()}

    def log_of(self, name: str) -> Path:
        """Where a process writes."""
        return self._logs / f"{name}.log"

    def start(self, plan: Plan) -> None:
        """Start a process for the first time."""
        log = self.log_of(plan.name)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        self._children[plan.name] = _Child(plan, self._open(plan), self._clock())

    def wait_healthy(self, name: str, *, seconds: float) -> None:
        """Return when the process is ready for work, while all others live.

        Raises:
            DidNotStart: it was not ready in time, or one of them ended; with the end of its log.
        """
        deadline = self._clock() + seconds
        while True:
            for other, child in self._children.items():
                if (status := child.process.poll()) is not None:
                    raise DidNotStart(self._last_words(other, f"ended with status {status}"))
            if self._children[name].plan.healthy():
                return
            if self._clock() > deadline:
                raise DidNotStart(self._last_words(name, f"was not ready after {seconds:.0f} s"))
            time.sleep(0.05)

    def tend(self) -> bool:
        """Look at every process once; start those again that died, failing ones ever more slowly.

        Returns:
            Whether a process was started, so that ``pids`` has changed.
        """
        changed = False
        for child in self._children.values():
            if child.start_again_at is None and child.process.poll() is not None:
                self._died(child)
            if child.start_again_at is not None and self._clock() >= child.start_again_at:
                child.process = self._open(child.plan)
                child.started = self._clock()
                child.start_again_at = None
                changed = True
        return changed

    def stop(self) -> None:
        """Stop all, the last started first; whoever takes too long is ended at once."""
        for child in reversed(self._children.values()):
            try:
                end(child.process, seconds=STOP_SECONDS)
            finally:
                kill_group(child.process.pid)
        self._children.clear()

    def _open(self, plan: Plan) -> subprocess.Popen[bytes]:
        with self.log_of(plan.name).open("ab") as log:
            return start_bound(plan.command, environment=plan.environment, output=log)

    def _died(self, child: _Child) -> None:
        kill_group(child.process.pid)  # what it started must not hold its port
        if self._clock() - child.started > STEADY_SECONDS:
            child.quick_deaths = 0
        # At once the first time, then after 0.5 s, 1 s, 2 s …
        pause = 0.0 if not child.quick_deaths else FIRST_PAUSE * 2 ** (child.quick_deaths - 1)
        pause = min(pause, LONGEST_PAUSE)
        child.quick_deaths += 1
        child.start_again_at = self._clock() + pause
        self._on_death(child.plan.name, child.process.returncode, pause)

    def _last_words(self, name: str, what: str) -> str:
        lines = self.log_of(name).read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"{name} {what}; its log ({self.log_of(name)}) ends:", *lines[-12:]])
