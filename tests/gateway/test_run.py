"""``make run`` as its user sees it: comes up, stays up, goes down, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from gateway.ports import free_port
from tests.conftest import ROOT

SOON = 20.0


def eventually(what: Callable[[], object], *, seconds: float = SOON) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "this never came true"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if nobody has asked for its status yet."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@dataclass
class FakeRun:
    """A run with tiny processes in a directory of its own."""

    var: Path
    port: int
    process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        ours = {"MOTCUA_ENV": "development", "MOTCUA_VAR": str(self.var), "PORT": str(self.port)}
        return dict(os.environ) | ours | more

    def command(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command next to it and wait for its end."""
        return subprocess.run(
            [sys.executable, *command],
            env=self.environment(**more),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self) -> None:
        """Start it and wait until it says it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.fake_run"],
            env=self.environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        eventually(lambda: self._is_up() or self._ended(), seconds=60)
        assert self._is_up(), self.output()

    @property
    def ready_file(self) -> Path:
        return self.var / "ready.json"

    def ready(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.ready_file.read_text())
        return content

    def family(self) -> list[int]:
        """Everybody who descends from it, and the PostgreSQL that set itself free."""
        assert self.process is not None
        pids = [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]
        return [*pids, int((self.var / "postgres" / "postmaster.pid").read_text().split()[0])]

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def output(self) -> str:
        """Wait for its end and return what it printed."""
        assert self.process is not None
        return self.process.communicate(timeout=SOON)[0]

    def _is_up(self) -> bool:
        """Ready by its own word, which one that was killed may have left behind, and alive."""
        return self.ready_file.exists() and not is_gone(self.ready()["pids"]["web"])

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@pytest.fixture
def fake_run(tmp_path: Path) -> Iterator[FakeRun]:
    """A run that has not been started; whatever a test leaves of it is ended."""
    made = FakeRun(tmp_path / "var", free_port())
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


def test_it_says_where_everything_is_and_stops_leaving_nothing(fake_run: FakeRun) -> None:
    fake_run.start()
    ready = fake_run.ready()
    family = fake_run.family()

    assert ready["web"] == f"http://127.0.0.1:{fake_run.port}"
    assert fake_run.ready_file.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(ready["database_url"]) as connection:
        row = connection.execute("SELECT count(*) FROM alembic_version").fetchone()
    assert row == (1,)
    with redis.Redis.from_url(ready["redis_url"]) as client:
        assert client.ping()

    fake_run.signal(signal.SIGINT)
    printed = fake_run.output()
    assert fake_run.process is not None
    assert fake_run.process.returncode == 0, printed
    assert "PostgreSQL" in printed
    assert "/simulator" in printed
    assert all(is_gone(pid) for pid in family)
    assert not fake_run.ready_file.exists()


def test_a_process_that_dies_is_started_again(fake_run: FakeRun) -> None:
    fake_run.start()
    before = fake_run.ready()["pids"]
    children = [child.pid for child in psutil.Process(before["web"]).children()]
    assert children

    os.kill(before["web"], signal.SIGKILL)
    eventually(lambda: fake_run.ready()["pids"]["web"] != before["web"])
    assert fake_run.ready()["pids"]["worker"] == before["worker"]
    assert all(is_gone(pid) for pid in children)

    fake_run.signal(signal.SIGTERM)
    assert "web ended" in fake_run.output()


def test_a_second_run_says_in_one_line_why_not(fake_run: FakeRun) -> None:
    fake_run.start()
    told = fake_run.ready()

    on_the_same_port = fake_run.command("-m", "gateway", "run")
    assert on_the_same_port.returncode == 1
    assert f"Port {fake_run.port} is busy" in on_the_same_port.stdout
    assert on_the_same_port.stdout.count("\n") == 1
    in_the_same_directory = fake_run.command("-m", "gateway", "run", PORT="0")
    assert in_the_same_directory.returncode == 1
    assert "already running" in in_the_same_directory.stdout
    assert in_the_same_directory.stdout.count("\n") == 1

    assert fake_run.ready() == told
    with redis.Redis.from_url(told["redis_url"]) as client:
        assert client.ping()


def test_a_command_next_to_it_uses_its_servers(fake_run: FakeRun) -> None:
    fake_run.start()
    migrated = fake_run.command("-m", "gateway", "migrate", MOTCUA_ENV="")
    assert migrated.stdout == "The database is up to date.\n", migrated.stderr


def test_killed_at_once_it_leaves_nothing_running_and_loses_nothing(fake_run: FakeRun) -> None:
    fake_run.start()
    ready = fake_run.ready()
    family = fake_run.family()
    with redis.Redis.from_url(ready["redis_url"]) as client:
        client.set("a session", "kept")
    with psycopg.connect(ready["database_url"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    fake_run.signal(signal.SIGKILL)
    fake_run.output()
    eventually(lambda: all(is_gone(pid) for pid in family))

    fake_run.start()
    again = fake_run.ready()
    assert again["redis_url"] == ready["redis_url"]
    with redis.Redis.from_url(again["redis_url"]) as client:
        assert client.get("a session") == b"kept"
    with psycopg.connect(again["database_url"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_embedded_servers_that_die_come_back(fake_run: FakeRun) -> None:
    fake_run.start()
    ready = fake_run.ready()
    for name in ("valkey", "postmaster"):
        file = next(fake_run.var.glob(f"*/{name}.pid"))
        pid = int(file.read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        eventually(partial(is_gone, pid))

    def both_answer() -> bool:
        try:
            with redis.Redis.from_url(ready["redis_url"]) as client:
                client.ping()
            psycopg.connect(ready["database_url"]).close()
        except (redis.ConnectionError, psycopg.OperationalError):
            return False
        return True

    eventually(both_answer)
