"""A program that has messages sent through the API, on the real stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.clock import VIETNAM
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.database import Database
from core.store.intake import Intake
from core.store.outbox import Outbox, at_any_hour
from core.store.people import StoredPeople
from core.store.replay import DeadLetters
from core.store.stories import Stories
from core.store.tables import outgoing
from core.store.vault import Vault
from web import errors, limits, messages
from web.messages import Rates

MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=VIETNAM)
TEXT: Mapping[str, Any] = {"to": "+84912345678", "text": "Xin chào", "purpose": "result"}


@dataclass
class Program:
    """Calls the API with its key."""

    client: FlaskClient
    database: Database
    outbox: Outbox
    people: StoredPeople
    keys: ApiKeys
    now: datetime = MORNING
    key: str = field(default="", repr=False)

    def posts(self, body: object, name: str = "r1", key: str | None = None) -> TestResponse:
        """Any JSON at all, under this idempotency key."""
        headers = {**self.bearer(key), "Idempotency-Key": name}
        return self.client.post("/api/v1/messages", json=body, headers=headers)

    def sends(self, *rows: Mapping[str, Any], name: str = "r1") -> list[str]:
        """The ids of messages that are taken."""
        answer = self.posts({"messages": list(rows)}, name)
        assert answer.status_code == 202, answer.text
        return [one["id"] for one in answer.get_json()["messages"]]

    def reads(self, path: str, key: str | None = None) -> TestResponse:
        return self.client.get(f"/api/v1/messages{path}", headers=self.bearer(key))

    def searches(self, body: object, key: str | None = None) -> TestResponse:
        return self.client.post("/api/v1/messages/search", json=body, headers=self.bearer(key))

    def bearer(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key if key is None else key}"}

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def kept(self) -> int:
        with self.database.begin() as connection:
            return connection.execute(select(func.count()).select_from(outgoing)).scalar_one()


def program(database_url: str, redis_url: str, rates: Rates | None = None) -> Iterator[Program]:
    """A program with a key that may send and read."""
    database = Database(database_url, pool_size=4)
    vault = Vault([("k1", bytes(32))], b"the secret of the tests")

    def clock() -> datetime:
        return made.now

    app = Flask("tests")
    errors.install(app)
    limiter = limits.limiter(redis_url)
    outbox, keys = Outbox(database, vault, clock), ApiKeys(database, clock)
    app.register_blueprint(
        messages.blueprint(
            intake=Intake(database, vault, clock, outbox),
            stories=Stories(database, vault),
            dead=DeadLetters(database, clock, at_any_hour),
            audit=LookUps(database, vault, clock),
            keys=keys,
            limiter=limiter,
            clock=clock,
            rates=rates,
        )
    )
    limiter.init_app(app)
    people = StoredPeople(database, vault, clock)
    made = Program(app.test_client(), database, outbox, people, keys)
    made.key = keys.make("lab", ("messages:send", "messages:read"))
    yield made
    database.close()
