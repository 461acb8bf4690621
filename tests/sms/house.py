"""The house that companies call in these tests: real PostgreSQL, and an engine that is watched."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from core.engine import Engine
from core.message import Inbound, Page
from core.store.database import Database
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.tables import inbox as inbox_table
from core.store.tables import outgoing as outgoing_table
from core.store.tables import receipt as receipt_table
from core.store.vault import Vault
from sms import app as sms_app
from sms.app import blueprint
from sms.providers.port import Provider
from sms.texts import SmsVoice
from tests.core.house import House
from tests.logged import written_log
from tests.sms.killed import Asked, answered_and_killed

__all__ = ["SECRET", "Asked", "CalledHouse", "Watched"]

SECRET = "kA9x-secret-part-of-the-address-7Q"


@dataclass
class Watched:
    """An engine that counts its turns, and can be told to fail or to dawdle."""

    engine: Engine
    turns: list[Inbound] = field(default_factory=list)
    fails: Exception | None = None
    takes: float = 0.0
    now: float = 0.0

    def turn(self, inbound: Inbound, voice: Any) -> Page | None:
        self.turns.append(inbound)
        self.now += self.takes
        if self.fails is not None:
            raise self.fails
        return self.engine.turn(inbound, voice)


class CalledHouse:
    """The house, and what may be seen of it after a call."""

    provider: Provider

    @pytest.fixture
    def database(self, database_url: str) -> Iterator[Database]:
        database = Database(database_url, pool_size=2)
        yield database
        with database.begin() as connection:
            for table in (inbox_table, outgoing_table, receipt_table):
                connection.execute(delete(table))
        database.close()

    @pytest.fixture
    def vault(self) -> Vault:
        return Vault([("k1", b"k" * 32)], b"s" * 32)

    @pytest.fixture
    def inbox(self, database: Database, vault: Vault) -> Inbox:
        return Inbox(database, vault, lambda: datetime.now(UTC))

    @pytest.fixture
    def outbox(self, database: Database, vault: Vault) -> Outbox:
        return Outbox(database, vault, lambda: datetime.now(UTC))

    @pytest.fixture
    def watched(self) -> Watched:
        return Watched(House().engine)

    @pytest.fixture
    def log(self) -> Iterator[io.StringIO]:
        with written_log(sms_app._log) as written:
            yield written

    @pytest.fixture
    def parts(
        self, watched: Watched, inbox: Inbox, database: Database, outbox: Outbox
    ) -> dict[str, Any]:
        return {
            "engine": watched,
            "voice": SmsVoice(),
            "inbox": inbox,
            "outbox": outbox,
            "providers": (self.provider,),
            "secrets": {self.provider.name: SECRET},
            "tick": lambda: watched.now,
        }

    @pytest.fixture
    def client(self, parts: dict[str, Any], log: io.StringIO) -> FlaskClient:
        return self.make_client(parts)

    def make_client(self, parts: dict[str, Any]) -> FlaskClient:
        app = Flask(__name__)
        app.register_blueprint(blueprint(**parts))
        return app.test_client()

    def killed_after(self, asked: Asked, parts: dict[str, Any], database_url: str) -> int:
        """The status of the answer of a process that is killed the moment it has come."""

        def make() -> Flask:
            database = Database(database_url, pool_size=1)
            vault = Vault([("k1", b"k" * 32)], b"s" * 32)
            own = {
                "inbox": Inbox(database, vault, lambda: datetime.now(UTC)),
                "outbox": Outbox(database, vault, lambda: datetime.now(UTC)),
            }
            app = Flask(__name__)
            app.register_blueprint(blueprint(**{**parts, **own}))
            return app

        return answered_and_killed(make, self.provider.method, asked)

    def call(self, client: FlaskClient, asked: Asked, **more: Any) -> Any:
        path, arguments = asked
        return client.open(path, method=self.provider.method, **{**arguments, **more})

    def stored(self, database: Database, id: str) -> list[tuple[str, bool]]:
        """State of the stored texts with this id, and whether a reply is kept."""
        with database.begin() as connection:
            rows = connection.execute(
                select(inbox_table.c.state, inbox_table.c.reply).where(
                    inbox_table.c.provider == self.provider.name,
                    inbox_table.c.provider_id == self.kept_as(id),
                )
            )
            return [(state, reply is not None) for state, reply in rows]

    def counts(self, database: Database) -> tuple[int, int]:
        """How many texts and how many receipts are kept."""
        with database.begin() as connection:
            return (
                connection.execute(select(func.count()).select_from(inbox_table)).scalar_one(),
                connection.execute(select(func.count()).select_from(receipt_table)).scalar_one(),
            )

    def new_id(self) -> str:
        return "SM" + secrets.token_hex(16)

    def new_ref(self) -> str:
        """A provider's own id of a message that it took."""
        return self.new_id()

    def kept_as(self, id: str) -> str:
        """What a text of this id is kept as."""
        return id

    def new_phone(self) -> str:
        """Nobody else's number, so that nobody else's text is handled first."""
        return f"+8491{secrets.randbelow(10**7):07d}"
