"""An officer's counter on the real stores, with the national platforms in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.clock import VIETNAM, Deadline
from core.platform.ports import Citizen, PersonalRecord
from core.qr.payload import PersonalQr
from core.standing import Standings
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.database import Database
from core.store.short_codes import ShortCodes
from core.store.tables import look_up as look_ups
from core.store.vault import Vault
from tests.fakes import MOTHER, FakePlatforms
from web import errors, limits, openapi, verify
from web.look_up import LookUp
from web.verify import Rates

MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=VIETNAM)


def payload_of_mother() -> str:
    """The mother's personal QR as the decision lays down."""
    assert MOTHER.birth_date is not None
    assert MOTHER.qid is not None
    number = MOTHER.papers[0].number
    return PersonalQr(number, MOTHER.name, MOTHER.birth_date, False, MOTHER.qid).write()


@dataclass
class National(FakePlatforms):
    """The platforms in memory, whose QR platform compares name and date as the real one does."""

    health_knows: bool = True

    def by_qid(self, qid: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        return super().by_qid(qid, deadline=deadline) if self.health_knows else ()

    def resolve(self, payload: str, *, deadline: Deadline) -> PersonalRecord:
        record = self.record(payload.split("|")[4], deadline=deadline)
        self.calls[-1] = "resolve"
        return record


@dataclass
class Counter:
    """An officer's counter: shows something to the gateway, and reads what was written down."""

    client: FlaskClient
    platforms: National
    keys: ApiKeys
    codes: ShortCodes
    database: Database
    now: datetime = MORNING
    key: str = ""

    def shows(self, **asked: str) -> TestResponse:
        """Looks somebody up with the officer's key."""
        return self.asks(asked)

    def asks(self, asked: Mapping[str, object], key: str | None = None) -> TestResponse:
        """Posts any JSON at all, with the officer's key or another one."""
        bearer = {"Authorization": f"Bearer {self.key if key is None else key}"}
        return self.client.post("/api/v1/verify", json=asked, headers=bearer)

    def code(self) -> str:
        """A short code of the mother's."""
        assert MOTHER.qid is not None
        return self.codes.code_for(MOTHER.id, MOTHER.qid, payload_of_mother())[0]

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def written(self) -> list[tuple[str, str, bool]]:
        """Kind, outcome and whether somebody was named, oldest first."""
        with self.database.begin() as connection:
            rows = connection.execute(select(look_ups).order_by(look_ups.c.id)).all()
        return [(row.kind, row.outcome, row.subject_index is not None) for row in rows]


@pytest.fixture
def counter(fresh_database_url: str, clean_redis: str) -> Iterator[Counter]:
    """A counter of this test's own."""
    yield from build(fresh_database_url, clean_redis, Rates())


@pytest.fixture
def strict_counter(fresh_database_url: str, clean_redis: str) -> Iterator[Counter]:
    """A counter where a key may ask three times a minute."""
    yield from build(fresh_database_url, clean_redis, Rates(key="3/minute"))


def build(database_url: str, redis_url: str, rates: Rates) -> Iterator[Counter]:
    database = Database(database_url, pool_size=2)
    vault = Vault([("k1", bytes(32))], b"the secret of the tests")

    def clock() -> datetime:
        return shown.now

    platforms = National()
    app = Flask("tests")
    errors.install(app)
    codes = ShortCodes(database, vault, clock)
    keys = ApiKeys(database, clock)
    limiter = limits.limiter(redis_url)
    app.register_blueprint(
        verify.blueprint(
            look_up=LookUp(codes, platforms, Standings(platforms.platforms, clock)),
            keys=keys,
            audit=LookUps(database, vault, clock),
            limiter=limiter,
            rates=rates,
        )
    )
    app.register_blueprint(openapi.blueprint(public_url="https://motcua.example.vn"))
    limiter.init_app(app)
    shown = Counter(app.test_client(), platforms, keys, codes, database)
    shown.key = keys.make("officer", ("verify",))
    yield shown
    database.close()
