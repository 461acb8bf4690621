"""What whoever calls us about texts must do, told once: receipts, proof, and what nobody should send."""

from __future__ import annotations

import io
import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, quote_from_bytes

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlalchemy import select

from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose, Status
from core.outbox.ports import Begin, Claimed, Done, Sent
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import receipt as receipt_table
from tests.fakes import PHONE
from tests.sms import fuzz
from tests.sms.house import SECRET, Asked, CalledHouse

PUBLIC = "https://motcua.example.vn"
OURS = ("8888", "YTE")

ANSWERS = (200, 204, 400, 403, 404, 405, 413, 415)
"""Whatever is sent, one of these is the answer."""

fuzzed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


class CallsContract(CalledHouse, ABC):
    """Subclass it as `Test…`, and say how the provider calls. For one that brings texts too, inherit
    `tests.sms.contract.SmsContract`."""

    receipt_needed: tuple[str, ...]
    statuses: Mapping[str, Status | None]
    thanks = ""
    """What its receipts are answered."""

    @abstractmethod
    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        """A receipt for the message that is `outgoing_id` to us and `ref` to the provider."""

    def forged(self, asked: Asked) -> Iterator[Asked]:
        """The same request from somebody who cannot prove to be the provider.

        Most sign nothing: they prove it by the secret part of the address.
        """
        path, arguments = asked
        for secret in ("wrong", SECRET[:-1], SECRET + "x", quote("bí mật"), "%FF", "%00"):
            yield path.replace(SECRET, secret), arguments

    @abstractmethod
    def broken(self) -> Iterator[tuple[Asked, int]]:
        """Authentic requests that make no sense, each with the status it gets."""

    def raw(self, path: str, query: bytes, body: bytes, content_type: str) -> Asked:
        """Any request at all from somebody who can prove to be the provider."""
        coded = quote_from_bytes(query, safe="=&%+")
        address = f"/sms/{self.provider.name}/{SECRET}/{path}?{coded}"
        return address, {"data": body, "content_type": content_type}

    def real(self) -> Iterator[Asked]:
        """Calls as the provider makes them, one of each kind."""
        word = next(iter(self.statuses))
        yield self.receipt(str(uuid.uuid4()), self.new_ref(), word)

    # Receipts

    def ref_of(self, message: Outgoing) -> str:
        """The provider's id of a message that it took: its own, or ours where it repeats that."""
        return self.new_ref()

    def claimed(self, database: Database, outbox: Outbox) -> tuple[Outgoing, Claimed]:
        """A message that is being sent."""
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
        outbox.write([Begin(claimed, 1, self.provider.name)])
        return message, claimed

    def put(self, database: Database, outbox: Outbox) -> tuple[Outgoing, str]:
        """A message which the provider has taken."""
        message, claimed = self.claimed(database, outbox)
        ref = self.ref_of(message)
        outbox.write([Done(claimed, self.provider.name, Sent(ref))])
        return message, ref

    def test_every_status_is_understood(
        self, client: FlaskClient, database: Database, outbox: Outbox
    ) -> None:
        for word, status in self.statuses.items():
            message, ref = self.put(database, outbox)
            answer = self.call(client, self.receipt(message.id, ref, word))
            assert answer.status_code in (200, 204)
            assert answer.get_data(as_text=True) == self.thanks
            assert outbox.status(message.id) == (status or Status.SENT), word

    def test_receipts_in_the_wrong_order_and_repeated_move_nothing_back(
        self, client: FlaskClient, database: Database, outbox: Outbox
    ) -> None:
        message, ref = self.put(database, outbox)
        words = {status: word for word, status in self.statuses.items()}
        for status in (Status.DELIVERED, Status.SENT, Status.FAILED, Status.DELIVERED):
            if status not in words:
                continue
            answer = self.call(client, self.receipt(message.id, ref, words[status]))
            assert answer.status_code in (200, 204)
            assert outbox.status(message.id) == Status.DELIVERED

    def test_a_receipt_that_was_acknowledged_outlives_the_process_that_took_it(
        self, parts: dict[str, Any], database: Database, outbox: Outbox, database_url: str
    ) -> None:
        message, ref = self.put(database, outbox)
        word = next(word for word, status in self.statuses.items() if status is Status.DELIVERED)
        asked = self.receipt(message.id, ref, word)
        assert self.killed_after(asked, parts, database_url) in (200, 204)
        assert outbox.status(message.id) is Status.DELIVERED

    def test_a_receipt_for_a_message_nobody_knows_is_kept_and_counted(
        self, client: FlaskClient, database: Database, log: io.StringIO
    ) -> None:
        word = next(word for word, status in self.statuses.items() if status)
        before = self.nobodys()
        asked = self.receipt(str(uuid.uuid4()), self.new_ref(), word)
        for _time in range(2):
            assert self.call(client, asked).status_code in (200, 204)
        with database.begin() as connection:
            kept = connection.execute(select(receipt_table)).all()
        assert [(row.provider, row.outgoing_id) for row in kept] == [(self.provider.name, None)]
        assert self.nobodys() == before + 2
        assert [json.loads(line)["outcome"] for line in log.getvalue().splitlines()] == (
            ["unknown", "unknown"]
        )

    def nobodys(self) -> float:
        """How many receipts that nobody knows were counted for this provider."""
        labels = {"provider": self.provider.name}
        counted = REGISTRY.get_sample_value("motcua_sms_receipts_nobody_knows_total", labels)
        return counted or 0.0

    def test_a_receipt_that_was_quicker_than_our_own_word_settles_with_it(
        self, client: FlaskClient, database: Database, outbox: Outbox
    ) -> None:
        for status in (Status.DELIVERED, Status.FAILED):
            word = next(word for word, meant in self.statuses.items() if meant is status)
            message, claimed = self.claimed(database, outbox)
            ref = self.ref_of(message)
            self.call(client, self.receipt(message.id, ref, word))
            outbox.write([Done(claimed, self.provider.name, Sent(ref))])
            assert outbox.status(message.id) == status

    # Proof

    def test_who_cannot_prove_it_is_refused_and_nothing_is_stored(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = self.counts(database)
        for asked in self.real():
            tried = list(self.forged(asked))
            assert tried
            for forged in tried:
                answer = self.call(client, forged)
                assert (answer.status_code, answer.data) == (403, b"Forbidden"), forged
        assert self.counts(database) == before

    # Bad input

    def test_a_field_that_a_receipt_lacks_is_named_and_nothing_is_stored(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = self.counts(database)
        for name in self.receipt_needed:
            word = next(iter(self.statuses))
            asked = self.receipt(str(uuid.uuid4()), self.new_ref(), word, drop=name)
            answer = self.call(client, asked)
            assert answer.status_code == 400
            assert answer.get_data(as_text=True) == f"Bad request: {name}"
        assert self.counts(database) == before

    def test_nonsense_is_refused_shortly(self, client: FlaskClient, database: Database) -> None:
        before = self.counts(database)
        for asked, status in self.broken():
            answer = self.call(client, asked)
            assert answer.status_code == status, asked
            assert len(answer.data) < 80
            assert b"<" not in answer.data
        assert self.counts(database) == before

    def test_an_oversized_request_is_refused_unread(self, client: FlaskClient) -> None:
        huge = "x" * (self.provider.largest + 1)
        for path, arguments in self.real():
            if "data" in arguments:
                answer = self.call(client, (path, {**arguments, "data": huge}))
            else:
                answer = self.call(client, (f"{path}&more={huge}", arguments))
            assert answer.status_code == 413

    def test_bombs_are_refused_and_nothing_is_stored(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = self.counts(database)
        for path in self.provider.paths:
            for bomb in fuzz.BOMBS:
                for kind in (fuzz.FORM, fuzz.JSON, ""):
                    for asked in (
                        self.raw(path, b"", bomb, kind),
                        self.raw(path, bomb[:60_000], b"", kind),
                    ):
                        answer = self.call(client, asked)
                        assert answer.status_code in (400, 403, 413, 415), (path, bomb[:30], kind)
        assert self.counts(database) == before

    @given(st.data())
    @fuzzed
    def test_whatever_is_sent_gets_an_answer_and_what_is_refused_is_not_stored(
        self, client: FlaskClient, database: Database, data: st.DataObject
    ) -> None:
        path = data.draw(st.sampled_from(self.provider.paths))
        asked = self.raw(
            path, data.draw(fuzz.BODIES), data.draw(fuzz.BODIES), data.draw(fuzz.KINDS)
        )
        self.check(client, database, asked)

    @given(st.data())
    @fuzzed
    def test_a_real_call_with_something_changed_is_taken_in_or_refused_whole(
        self, client: FlaskClient, database: Database, data: st.DataObject
    ) -> None:
        path, arguments = data.draw(
            st.sampled_from(self.__dict__.setdefault("once", [*self.real()]))
        )
        path, _, query = path.partition("?")
        last = path.rpartition("/")[2]
        body = arguments.get("data", b"")
        if body:
            body = data.draw(fuzz.changed(body))
        else:
            query = data.draw(fuzz.changed(query.encode())).decode("latin-1")
        kind = arguments.get("content_type", "")
        self.check(client, database, self.raw(last, query.encode("latin-1"), body, kind))

    def check(self, client: FlaskClient, database: Database, asked: Asked) -> None:
        """It is answered shortly; what is refused changes nothing."""
        before = self.counts(database)
        answer = self.call(client, asked)
        assert answer.status_code in ANSWERS, asked
        assert b"Traceback" not in answer.data
        if answer.status_code >= 400:
            assert len(answer.data) < 300
            assert self.counts(database) == before


NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
