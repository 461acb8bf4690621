"""What every provider that brings texts must do, told once: a new one inherits these tests and says how
it calls."""

from __future__ import annotations

import io
import json
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Busy, Down
from core.message import Address, Inbound
from core.store.database import Database
from core.store.inbox import Inbox
from core.store.vault import Vault
from sms.texts import SmsVoice
from tests.core.house import House
from tests.fakes import PHONE
from tests.sms.calls import NOW, OURS, PUBLIC, CallsContract, fuzzed
from tests.sms.house import SECRET, Asked, Watched

__all__ = ["NOW", "OURS", "PUBLIC", "SECRET", "Asked", "SmsContract", "Watched"]

SAID = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=160)
"""Whatever can be written on a telephone, and more."""


class SmsContract(CallsContract):
    """Subclass it as `Test…`, and say how the provider calls and how its answers are read."""

    needed: tuple[str, ...]

    @abstractmethod
    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        """A text that came in; `drop` names a field to be left out."""

    @abstractmethod
    def reply_in(self, body: bytes) -> str:
        """The reply which the answer to a text holds, or nothing."""

    def real(self) -> Iterator[Asked]:
        yield self.message(id=self.new_id())
        yield from super().real()

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
        mine = [one for one in inbox.claim(1000) if one.provider_id == self.kept_as(id)]
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
            if waiting.provider_id == self.kept_as(id):
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

    @given(said=SAID)
    @fuzzed
    def test_whatever_is_written_is_in_the_database_before_it_is_acknowledged(
        self,
        client: FlaskClient,
        database: Database,
        inbox: Inbox,
        watched: Watched,
        said: str,
    ) -> None:
        watched.fails = Down("fhir")
        id = self.new_id()
        asked = self.message(said, id=id, phone=self.new_phone())
        assert self.call(client, asked).status_code == 200
        assert self.call(client, asked).status_code == 200
        assert self.stored(database, id) == [("new", False)]
        mine = [one for one in inbox.claim(1000) if one.provider_id == self.kept_as(id)]
        assert [Inbound.from_json(one.body).said for one in mine] == [(said,)]

    def test_a_text_that_was_acknowledged_outlives_the_process_that_took_it(
        self, parts: dict[str, Any], database: Database, database_url: str
    ) -> None:
        id = self.new_id()
        asked = self.message("menu", id=id, phone=self.new_phone())
        assert self.killed_after(asked, parts, database_url) == 200
        assert len(self.stored(database, id)) == 1

    # Bad input

    def test_a_field_that_a_text_lacks_is_named_and_nothing_is_stored(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = self.counts(database)
        for name in self.needed:
            answer = self.call(client, self.message(id=self.new_id(), drop=name))
            assert answer.status_code == 400
            assert answer.get_data(as_text=True) == f"Bad request: {name}"
        assert self.counts(database) == before

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
