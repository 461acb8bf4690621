"""The supervisor: a failing process is started again, ever more slowly, and nobody is left over."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.supervisor import DidNotStart, Plan, Supervisor


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Deaths(list[tuple[str, int, float]]):
    """What the supervisor said about those who died."""

    def __call__(self, name: str, status: int, pause: float) -> None:
        self.append((name, status, pause))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deaths() -> Deaths:
    return Deaths()


@pytest.fixture
def supervisor(tmp_path: Path, clock: Clock, deaths: Deaths) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "log", on_death=deaths, clock=clock)
    yield made
    made.stop()


def python(name: str, code: str) -> Plan:
    return Plan(name, (sys.executable, "-c", code), os.environ)


def tend_until_next_death(supervisor: Supervisor, deaths: Deaths) -> None:
    known = len(deaths)
    deadline = time.monotonic() + 20
    while len(deaths) == known:
        assert time.monotonic() < deadline
        supervisor.tend()
        time.sleep(0.01)


def test_one_that_keeps_failing_is_started_ever_more_slowly(
    supervisor: Supervisor, clock: Clock, deaths: Deaths
) -> None:
    supervisor.start(python("worker", "raise SystemExit(3)"))
    for _ in range(4):
        tend_until_next_death(supervisor, deaths)
        clock.now += deaths[-1][2]
    assert deaths == [
        ("worker", 3, 0.0),
        ("worker", 3, 0.5),
        ("worker", 3, 1.0),
        ("worker", 3, 2.0),
    ]


def test_it_is_not_started_before_its_time(
    supervisor: Supervisor, clock: Clock, deaths: Deaths
) -> None:
    supervisor.start(python("worker", "raise SystemExit(3)"))
    tend_until_next_death(supervisor, deaths)
    tend_until_next_death(supervisor, deaths)
    assert not supervisor.tend()
    clock.now += 0.5
    assert supervisor.tend()


def test_one_that_lived_long_is_started_at_once(
    supervisor: Supervisor, clock: Clock, deaths: Deaths
) -> None:
    supervisor.start(python("worker", "raise SystemExit(1)"))
    tend_until_next_death(supervisor, deaths)
    clock.now += 31  # it was started again, and lives on for half a minute
    supervisor.tend()
    clock.now += 31
    tend_until_next_death(supervisor, deaths)
    assert deaths[-1] == ("worker", 1, 0.0)


def test_one_that_cannot_start_shows_the_end_of_its_log(supervisor: Supervisor) -> None:
    supervisor.start(python("web", "print('no such table'); raise SystemExit(1)"))
    with pytest.raises(DidNotStart, match=r"web ended with status 1[\s\S]*no such table"):
        _wait_dead(supervisor, "web")


def test_one_that_never_becomes_ready_is_given_up(supervisor: Supervisor, clock: Clock) -> None:
    def not_yet() -> bool:
        clock.now += 1
        return False

    plan = python("web", "import time; time.sleep(600)")
    supervisor.start(Plan(plan.name, plan.command, plan.environment, not_yet))
    with pytest.raises(DidNotStart, match="web was not ready after 5 s"):
        supervisor.wait_healthy("web", seconds=5)


def test_one_that_refuses_to_stop_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaths: Deaths
) -> None:
    monkeypatch.setattr("gateway.supervisor.STOP_SECONDS", 0.2)
    supervisor = Supervisor(tmp_path / "log", on_death=deaths)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    supervisor.start(python("web", deaf + "print('deaf', flush=True); time.sleep(600)"))
    while "deaf" not in supervisor.log_of("web").read_text():
        time.sleep(0.01)
    pid = supervisor.pids["web"]
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _wait_dead(supervisor: Supervisor, name: str) -> None:
    """Ask for readiness only once it is dead: until then it would count as ready."""
    os.waitid(os.P_PID, supervisor.pids[name], os.WEXITED | os.WNOWAIT)
    supervisor.wait_healthy(name, seconds=5)
