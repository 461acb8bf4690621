"""What all tests share: a real PostgreSQL, a real Valkey and the sandbox, for this run only.

The first test that needs the servers starts them, for all parallel workers together, in a
temporary directory that is removed at the end; each worker has its own database and its own
Valkey number. Nothing here ever touches the directory of ``make run``.
"""

import fcntl
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import redis
import structlog
from psycopg import sql

from core.store.database import Database
from core.store.migrate import upgrade
from gateway.database_url import DATABASE, libpq_url, sqlalchemy_url
from gateway.kept_servers import KeptServers, stop_keeper
from gateway.ports import answers, free_port
from gateway.processes import kill_group, start_bound

ROOT = Path(__file__).parent.parent
SHARED = "TESTS_SHARED_DIRECTORY"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
OUR_SETTINGS = ("MOTCUA_", "PLATFORM_", "QRQG_", "DATABASE_URL", "REDIS_URL", "PORT")


# Where changes are accepted the generated examples are the same each time; at a desk they vary.
hypothesis.settings.register_profile("same-each-time", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("same-each-time")


def pytest_configure(config: pytest.Config) -> None:
    """Forget the developer's own settings, and make the directory that the workers share."""
    for name in [name for name in os.environ if name.startswith(OUR_SETTINGS)]:
        del os.environ[name]
    if not WORKER:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="motcua-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared servers when the whole run ends."""
    if not WORKER:
        shared = Path(os.environ.pop(SHARED))
        state = shared / "servers.json"
        if state.exists():
            stop_keeper(json.loads(state.read_text())["pid"])
        shutil.rmtree(shared, ignore_errors=True)


@contextmanager
def shared_state() -> Iterator[dict[str, object]]:
    """What the workers know together; changes are kept, one worker at a time."""
    shared = Path(os.environ[SHARED])
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = shared / "servers.json"
        state: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
        yield state
        path.write_text(json.dumps(state))


@pytest.fixture(scope="session")
def _servers() -> dict[str, str]:
    """The addresses of PostgreSQL (its migrated database) and Valkey."""
    with shared_state() as state:
        if not state:
            owner = os.getppid() if WORKER else os.getpid()
            kept = KeptServers(Path(os.environ[SHARED]) / "kept", owner=owner, throw_away=True)
            state["pid"] = kept.pid
            state.update(kept.addresses())
            _migrate(str(state["postgres"]))
        return {name: str(state[name]) for name in ("postgres", "valkey")}


@pytest.fixture(scope="session")
def database_url(_servers: dict[str, str]) -> str:
    """A migrated PostgreSQL database of this worker's own, as SQLAlchemy takes it."""
    return _copy_database(_servers["postgres"], f"tests_{WORKER or 'alone'}", template=DATABASE)


@pytest.fixture
def fresh_database_url(_servers: dict[str, str]) -> Iterator[str]:
    """A migrated database for one test alone, for tests that count rows or start workers."""
    with _a_database(_servers["postgres"], template=DATABASE) as url:
        yield url


@pytest.fixture(scope="module")
def own_database_url(_servers: dict[str, str]) -> Iterator[str]:
    """A migrated database for the tests of one file: it sees all rows, and others seal with other keys."""
    with _a_database(_servers["postgres"], template=DATABASE) as url:
        yield url


@pytest.fixture
def database(fresh_database_url: str) -> Iterator[Database]:
    """A migrated database for one test alone, opened."""
    database = Database(fresh_database_url)
    yield database
    database.close()


@pytest.fixture
def empty_database_url(_servers: dict[str, str]) -> Iterator[str]:
    """A database without a single table for one test alone, for tests of the migrations."""
    with _a_database(_servers["postgres"], template="template0") as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(_servers: dict[str, str]) -> str:
    """A Valkey database of this worker's own."""
    number = int(WORKER.removeprefix("gw")) + 1 if WORKER else 0
    return f"{_servers['valkey'].rpartition('/')[0]}/{number}"


@pytest.fixture
def clean_redis(redis_url: str) -> str:
    """The same Valkey database, emptied for this test."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base address of a sandbox platform with 300 people, for this worker alone."""
    with a_sandbox(tmp_path_factory.mktemp("sandbox")) as base:
        yield base


@contextmanager
def a_sandbox(folder: Path) -> Iterator[str]:
    """One that nobody else makes things happen on."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    log = folder / "log"
    command = [sys.executable, "-m", "sandbox", "--people", "300", "--seed", "1"]
    with log.open("wb") as output:
        process = start_bound(
            [*command, "--port", str(port)], environment=os.environ, output=output, directory=ROOT
        )
    try:
        deadline = time.monotonic() + 30
        while not answers(f"{base}/people?limit=1"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the sandbox did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield base
    finally:
        process.terminate()
        process.wait(10)
        kill_group(process.pid)


def _migrate(url: str) -> None:
    """Bring the database that the others are copied from to the newest tables."""
    upgrade(sqlalchemy_url(url))
    with psycopg.connect(_beside(url), autocommit=True) as connection:  # a copy needs it unused
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (DATABASE,)
        )


@contextmanager
def _a_database(url: str, *, template: str) -> Iterator[str]:
    """One that is dropped at the end."""
    name = f"tests_{uuid4().hex}"
    yield _copy_database(url, name, template=template)
    _drop_database(url, name)


def _copy_database(url: str, name: str, *, template: str) -> str:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with shared_state(), psycopg.connect(_beside(url), autocommit=True) as connection:
        connection.execute(statement)
    return sqlalchemy_url(url.replace(f"/{DATABASE}?", f"/{name}?"))


def _drop_database(url: str, name: str) -> None:
    statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(_beside(url), autocommit=True) as connection:
        connection.execute(statement)


def _beside(url: str) -> str:
    """The address of the server's own database, from which others are made and dropped."""
    return libpq_url(url).replace(f"/{DATABASE}?", "/postgres?")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that sets up the log for its own process must not do so for the tests after it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
