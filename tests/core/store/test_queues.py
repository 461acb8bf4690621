"""How long the queues are, on a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.message import Address
from core.outbox.outgoing import Lane
from core.store import queues
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.queues import Look, Queue, Queues
from core.store.upkeep import DEAD_SECONDS, Upkeep
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import message, put


def test_where_nothing_waits_every_lane_says_so(database: Database, clock: Clock) -> None:
    empty = {"urgent": Queue(), "normal": Queue(), "bulk": Queue()}
    assert Queues(database, clock).look() == Look(empty, Queue(), {}, failed=0, workers=0)


def test_messages_wait_by_lane(database: Database, vault: Vault, clock: Clock) -> None:
    outbox = Outbox(database, vault, clock)
    put(database, outbox, message("one", lane=Lane.BULK), message("two", lane=Lane.BULK))
    clock.passes(seconds=90)
    later = clock() + timedelta(hours=1)
    put(
        database,
        outbox,
        message("three", lane=Lane.BULK),
        message("tomorrow", lane=Lane.NORMAL, not_before=later),
    )
    found = Queues(database, clock).look().outbox
    assert found == {"urgent": Queue(), "normal": Queue(1, 0.0), "bulk": Queue(3, 90.0)}


def test_a_message_put_off_is_as_old_as_it_is(
    database: Database, vault: Vault, clock: Clock
) -> None:
    outbox = Outbox(database, vault, clock)
    put(database, outbox, message("one", lane=Lane.URGENT))
    (claimed,) = outbox.claim(1)
    assert Queues(database, clock).look().outbox["urgent"] == Queue()
    clock.passes(seconds=10)
    outbox.later(claimed, clock() + timedelta(minutes=5), "it is away", counted=True)
    clock.passes(seconds=20)
    assert Queues(database, clock).look().outbox["urgent"] == Queue(1, 30.0)


def test_what_failed_in_the_last_hour(database: Database, vault: Vault, clock: Clock) -> None:
    outbox = Outbox(database, vault, clock)
    put(database, outbox, message("one"), message("two", Address("phone", "1")), message("three"))
    fail = text("UPDATE outgoing SET status = 'failed', settled_at = :at WHERE key = :key")
    with database.begin() as connection:
        connection.execute(fail, {"key": "one", "at": clock()})
        connection.execute(fail, {"key": "two", "at": clock() - timedelta(minutes=61)})
    assert Queues(database, clock).look().failed == 1


def test_the_inbox_the_kept_calls_and_the_workers(
    database: Database, vault: Vault, clock: Clock
) -> None:
    inbox, deferred = Inbox(database, vault, clock), Deferred(database, vault, clock)
    upkeep = Upkeep(database, clock)
    upkeep.beat("dead")
    inbox.accept("kannel", "1", "+84912345678", {"text": "KQ"})
    inbox.accept("kannel", "2", "+84912345678", {"text": "QR"})
    deferred.keep("a declaration", {"platform": "fhir", "do": "declare"})
    clock.passes(seconds=DEAD_SECONDS)
    upkeep.beat("alive")
    found = Queues(database, clock).look()
    assert (found.inbox, found.kept) == (Queue(2, DEAD_SECONDS), {"fhir": 1})
    assert found.workers == 1
    (first,) = inbox.claim(1)
    with database.begin() as connection:
        assert inbox.done(connection, first)
    assert Queues(database, clock).look().inbox.waiting == 1


def test_a_look_that_takes_too_long_is_given_up(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "MOST_MILLISECONDS", 50)
    with database.begin() as connection:
        connection.execute(text("LOCK TABLE heartbeat IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError):
            Queues(database, clock).look()
    assert Queues(database, clock).look().workers == 0


def test_a_long_queue_is_counted_so_far(
    database: Database, vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "MOST", 2)
    outbox, inbox = Outbox(database, vault, clock), Inbox(database, vault, clock)
    for number in range(3):
        put(database, outbox, message(f"{number}", lane=Lane.BULK))
        inbox.accept("kannel", f"{number}", "+84912345678", {"text": "KQ"})
        clock.passes(seconds=10)
    found = Queues(database, clock).look()
    assert found.outbox["bulk"] == found.inbox == Queue(2, 30.0)
