"""The whole house on real servers, with the sandbox as its national platforms."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from core.notices.ports import PROVIDER
from gateway import app, settings, wiring
from gateway.outbound import conduct
from gateway.ports import free_port
from gateway.run_plans import sandbox_settings
from gateway.senders import senders
from gateway.worker import Worker

SECRET = "path-secret-of-the-tests"


@contextmanager
def a_house(
    environment: pytest.MonkeyPatch, var: Path, database_url: str, redis_url: str, sandbox: str
) -> Iterator[wiring.House]:
    """A house on these servers, with its settings in the environment."""
    values = {
        **sandbox_settings(sandbox),
        "MOTCUA_ENV": "development",
        "MOTCUA_VAR": str(var),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MOTCUA_AFRICASTALKING_PATH_SECRET": SECRET,
        "MOTCUA_KANNEL_PATH_SECRET": SECRET,
        # Whatever the time of the day is, what is sent goes out.
        "MOTCUA_QUIET_HOURS": "none",
        "MOTCUA_HOLIDAY_PURPOSES": "none",
    }
    for name, value in values.items():
        environment.setenv(name, value)
    built = wiring.build(settings.load())
    yield built
    built.database.close()
    built.redis.close()


@contextmanager
def a_served_house(environment: pytest.MonkeyPatch) -> Iterator[wiring.House]:
    """A house by the settings in the environment, behind a real socket and with a worker."""
    port = free_port()
    environment.setenv("PORT", str(port))
    listening = wiring.build(settings.load())
    server = make_server("127.0.0.1", port, app.make(listening), threaded=True)
    carriers = senders(listening)
    worker = Worker(
        database=listening.database,
        inbox=listening.inbox,
        outbox=listening.outbox,
        deferred=listening.deferred,
        upkeep=listening.upkeep,
        handlers={
            **dict.fromkeys(listening.hearing.voices, listening.hearing.hear),
            PROVIDER: listening.events.news.hear,
        },
        senders=carriers,
        conduct=conduct(listening, carriers),
        deferred_handler=listening.hearing.finish,
        stop_seconds=2.0,
    )
    threads = [
        threading.Thread(target=server.serve_forever),
        threading.Thread(target=lambda: worker.run(signals=False)),
    ]
    for thread in threads:
        thread.start()
    yield listening
    worker.stop()
    server.shutdown()
    for thread in threads:
        thread.join(20)
    server.server_close()
    listening.database.close()
    listening.redis.close()


@pytest.fixture
def house(
    database_url: str,
    clean_redis: str,
    sandbox: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[wiring.House]:
    """A house of this test's own."""
    with a_house(monkeypatch, tmp_path, database_url, clean_redis, sandbox) as built:
        yield built


@pytest.fixture
def client(house: wiring.House) -> FlaskClient:
    """The web application, called without a socket."""
    return app.make(house).test_client()


@pytest.fixture
def people(sandbox: str) -> dict[str, dict[str, object]]:
    """The sandbox's people by story."""
    found = httpx2.get(f"{sandbox}/people", params={"limit": 40}).json()
    return {person["story"]: person for person in found}
