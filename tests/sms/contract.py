"""What every SMS provider must do, told once: a new one inherits these tests and says how it calls."""

from __future__ import annotations

import io
import json
import secrets
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from core.asked import LIMIT
from core.engine import Engine
from core.errors import Busy, Down
from core.message import Address, Channel, Inbound, Page
from core.outbox.outgoing import Outgoing, Purpose, Status
from core.outbox.ports import Done, Sent
from core.privacy import redactor
from core.store.database import Database
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.tables import inbox as inbox_table
from core.store.tables import outgoing as outgoing_table
from core.store.tables import receipt as receipt_table
from core.store.vault import Vault
from sms.app import blueprint
from sms.providers.port import Provider
from sms.texts import SmsVoice
from tests.core.house import House
from tests.fakes import PHONE

SECRET = "kA9x-secret-part-of-the-address-7Q"
PUBLIC = "https://motcua.example.vn"
OURS = ("8888", "YTE")
Asked = tuple[str, dict[str, Any]]
"""A path with its query, and arguments of Flask's test client."""


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


class SmsContract(ABC):
    """Subclass it as `Test…`, and say how the provider calls and how its answers are read."""

    provider: Provider
    needed: tuple[str, ...]
    receipt_needed: tuple[str, ...]
    statuses: Mapping[str, Status | None]
    nonsense: tuple[bytes, ...] = ()

    @abstractmethod
    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        """A text that came in; `drop` names a field to be left out."""

    @abstractmethod
    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        """A receipt for the message that is `outgoing_id` to us and `ref` to the provider."""

    @abstractmethod
    def forged(self, asked: Asked) -> Iterator[Asked]:
        """The same request from somebody who cannot prove to be the provider."""

    @abstractmethod
    def broken(self) -> Iterator[tuple[Asked, int]]:
        """Authentic requests that make no sense, each with the status it gets."""

    @abstractmethod
    def reply_in(self, body: bytes) -> str:
        """The reply which the answer to a text holds, or nothing."""

    # The house

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
        written = io.StringIO()
        before = structlog.get_config()
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                redactor,
                structlog.processors.JSONRenderer(),
            ],
            logger_factory=structlog.PrintLoggerFactory(written),
            cache_logger_on_first_use=False,
        )
        yield written
        structlog.configure(**before)

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

    def call(self, client: FlaskClient, asked: Asked, **more: Any) -> Any:
        path, arguments = asked
        return client.open(path, method=self.provider.method, **{**arguments, **more})

    def stored(self, database: Database, id: str) -> list[tuple[str, bool]]:
        """State of the stored texts with this id, and whether a reply is kept."""
        with database.begin() as connection:
            rows = connection.execute(
                select(inbox_table.c.state, inbox_table.c.reply).where(
                    inbox_table.c.provider == self.provider.name, inbox_table.c.provider_id == id
                )
            )
            return [(state, reply is not None) for state, reply in rows]

    def count(self, database: Database) -> int:
        with database.begin() as connection:
            return connection.execute(select(func.count()).select_from(inbox_table)).scalar_one()

    def new_id(self) -> str:
        return "SM" + secrets.token_hex(16)

    def new_phone(self) -> str:
        """Nobody else's number, so that nobody else's text is handled first."""
        return f"+8491{secrets.randbelow(10**7):07d}"

    # Texts

    def test_a_text_is_stored_and_answered_as_the_provider_wants_it(
        self, client: FlaskClient, database: Database, watched: Watched
    ) -> None:
        id, phone = self.new_id(), self.new_phone()
        answer = self.call(client, self.message("menu", id=id, phone=phone))
        assert answer.status_code == 200
        if self.provider.waits is None:
            assert self.reply_in(answer.data) == ""
            assert self.stored(database, id) == [("new", False)]
            assert watched.turns == []
        else:
            assert "English" in self.reply_in(answer.data)
            assert self.stored(database, id) == [("done", True)]

    def test_what_is_stored_is_what_was_said(
        self, client: FlaskClient, watched: Watched, inbox: Inbox, database: Database
    ) -> None:
        id, phone = self.new_id(), self.new_phone()
        watched.fails = Down("fhir")
        self.call(client, self.message("Đặng Thị 😀 {1|2}", id=id, phone=phone))
        mine = [one for one in inbox.claim(1000) if one.provider_id == id]
        assert [Inbound.from_json(one.body).said for one in mine] == [("Đặng Thị 😀 {1|2}",)]
        assert Inbound.from_json(mine[0].body).address == Address("phone", phone)

    def test_a_repeat_gets_the_same_bytes_and_is_handled_once(
        self, client: FlaskClient, database: Database, watched: Watched
    ) -> None:
        asked = self.message("menu", id=(id := self.new_id()), phone=self.new_phone())
        first = self.call(client, asked)
        turns, stored = len(watched.turns), self.stored(database, id)
        second = self.call(client, asked)
        assert (second.status_code, second.data) == (200, first.data)
        assert len(watched.turns) == turns
        assert self.stored(database, id) == stored

    @pytest.mark.parametrize("machine", ["8888", "yte", "Viettel", "191", "BIDV-Bank"])
    def test_machines_are_stored_and_never_answered(
        self, client: FlaskClient, database: Database, inbox: Inbox, machine: str
    ) -> None:
        id = self.new_id()
        answer = self.call(client, self.message("menu", id=id, phone=machine))
        assert answer.status_code == 200
        assert self.reply_in(answer.data) == ""
        assert len(self.stored(database, id)) == 1
        for waiting in inbox.claim(1000):
            if waiting.provider_id == id:
                heard = Inbound.from_json(waiting.body)
                assert House().engine.turn(heard, SmsVoice()) is None

    @pytest.mark.parametrize("trouble", [Busy("held"), Down("fhir"), RuntimeError(f"at {PHONE}")])
    def test_trouble_leaves_the_text_to_a_worker(
        self, client: FlaskClient, database: Database, watched: Watched, trouble: Exception
    ) -> None:
        watched.fails = trouble
        id = self.new_id()
        answer = self.call(client, self.message(id=id, phone=self.new_phone()))
        assert answer.status_code == 200
        assert self.reply_in(answer.data) == ""
        assert self.stored(database, id) == [("new", False)]

    def test_a_turn_that_outlasts_the_provider_is_left_to_a_worker(
        self, client: FlaskClient, database: Database, watched: Watched
    ) -> None:
        watched.takes = 14.0
        id = self.new_id()
        answer = self.call(client, self.message("menu", id=id, phone=self.new_phone()))
        assert self.reply_in(answer.data) == ""
        assert self.stored(database, id) == [("new", False)]

    def test_what_cannot_be_stored_is_to_be_delivered_again(
        self, parts: dict[str, Any], log: io.StringIO, watched: Watched
    ) -> None:
        nowhere = Database("postgresql://x:y@127.0.0.1:1/none")
        parts["inbox"] = Inbox(nowhere, Vault([("k1", b"k" * 32)], b"s" * 32), lambda: NOW)
        answer = self.call(self.make_client(parts), self.message(id=self.new_id()))
        assert answer.status_code == 503
        assert b"Traceback" not in answer.data
        assert watched.turns == []

    # Receipts

    def put(self, database: Database, outbox: Outbox) -> tuple[Outgoing, str]:
        """A message which the provider has taken."""
        message = Outgoing(
            key=f"test-{uuid.uuid4()}",
            address=Address("phone", PHONE),
            channel=Channel.SMS,
            page=Page("Ket qua da co"),
            purpose=Purpose.RESULT,
            useless_after=datetime.now(UTC) + timedelta(days=1),
        )
        with database.begin() as connection:
            outbox.put(connection, message)
        (claimed,) = [one for one in outbox.claim(1000) if one.outgoing.id == message.id]
        ref = self.new_id()
        outbox.write([Done(claimed, self.provider.name, Sent(ref))])
        return message, ref

    def test_every_status_is_understood(
        self, client: FlaskClient, database: Database, outbox: Outbox
    ) -> None:
        for word, status in self.statuses.items():
            message, ref = self.put(database, outbox)
            answer = self.call(client, self.receipt(message.id, ref, word))
            assert answer.status_code in (200, 204)
            assert answer.data == b""
            assert outbox.status(message.id) == (status or Status.SENT), word

    def test_receipts_in_the_wrong_order_and_repeated_move_nothing_back(
        self, client: FlaskClient, database: Database, outbox: Outbox
    ) -> None:
        message, ref = self.put(database, outbox)
        words = {status: word for word, status in self.statuses.items()}
        for status in (Status.DELIVERED, Status.SENT, Status.FAILED, Status.DELIVERED):
            answer = self.call(client, self.receipt(message.id, ref, words[status]))
            assert answer.status_code in (200, 204)
            assert outbox.status(message.id) == Status.DELIVERED

    def test_a_receipt_for_a_message_nobody_knows_is_taken(self, client: FlaskClient) -> None:
        word = next(word for word, status in self.statuses.items() if status)
        answer = self.call(client, self.receipt(str(uuid.uuid4()), self.new_id(), word))
        assert answer.status_code in (200, 204)

    # Proof

    def test_who_cannot_prove_it_is_refused_and_nothing_is_stored(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = self.count(database)
        word = next(iter(self.statuses))
        for asked in (
            self.message(id=self.new_id()),
            self.receipt(str(uuid.uuid4()), self.new_id(), word),
        ):
            tried = list(self.forged(asked))
            assert tried
            for forged in tried:
                answer = self.call(client, forged)
                assert (answer.status_code, answer.data) == (403, b"Forbidden"), forged
        assert self.count(database) == before

    # Bad input

    def test_a_missing_field_is_named_and_nothing_is_stored(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = self.count(database)
        for name in self.needed:
            answer = self.call(client, self.message(id=self.new_id(), drop=name))
            assert answer.status_code == 400
            assert answer.get_data(as_text=True) == f"Bad request: {name}"
        for name in self.receipt_needed:
            word = next(iter(self.statuses))
            asked = self.receipt(str(uuid.uuid4()), self.new_id(), word, drop=name)
            answer = self.call(client, asked)
            assert answer.status_code == 400
            assert answer.get_data(as_text=True) == f"Bad request: {name}"
        assert self.count(database) == before

    def test_nonsense_is_refused_shortly(self, client: FlaskClient, database: Database) -> None:
        before = self.count(database)
        for asked, status in self.broken():
            answer = self.call(client, asked)
            assert answer.status_code == status, asked
            assert len(answer.data) < 80
            assert b"<" not in answer.data
        assert self.count(database) == before

    def test_an_oversized_request_is_refused_unread(self, client: FlaskClient) -> None:
        path, arguments = self.message(id=self.new_id())
        huge = "x" * (LIMIT + 1)
        if "data" in arguments:
            answer = self.call(client, (path, {**arguments, "data": huge}))
        else:
            answer = self.call(client, (f"{path}&more={huge}", arguments))
        assert answer.status_code == 413

    # The log

    def test_a_call_is_one_line_without_anything_personal(
        self, client: FlaskClient, log: io.StringIO, watched: Watched
    ) -> None:
        said = "079190012345 Nguyễn"
        self.call(client, self.message(said, id=self.new_id(), phone=PHONE))
        (line,) = log.getvalue().splitlines()
        assert json.loads(line)["phone"] == "+84******678"
        for hidden in (PHONE, PHONE[3:], "079190012345", "Nguy", SECRET):
            assert hidden not in line


NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
