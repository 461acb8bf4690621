"""Calls kept for later are finished once; what is no longer needed is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.message import Address
from core.outbox.outgoing import Lane, Status
from core.outbox.ports import Sent
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.short_codes import ShortCodes
from core.store.tables import deferred as table
from core.store.tables import inbox as inbox_table
from core.store.tables import outgoing, short_code, tries
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import message, put

CALL = {"step": "declare", "address": "+84912345678"}


@pytest.fixture
def deferred(database: Database, vault: Vault, clock: Clock) -> Deferred:
    return Deferred(database, vault, clock)


def jobs(database: Database) -> list[tuple[str, dict[str, str]]]:
    with database.begin() as connection:
        rows = connection.execute(text("SELECT task_name, args FROM procrastinate_jobs"))
        return [(row.task_name, row.args) for row in rows]


def only_row(database: Database) -> str:
    with database.begin() as connection:
        return str(connection.execute(select(table.c.id)).scalar_one())


def test_a_call_is_kept_with_a_job_that_knows_only_its_id(
    deferred: Deferred, database: Database
) -> None:
    deferred.keep("turn-1", CALL)
    deferred.keep("turn-1", {"another": "call"})
    row = only_row(database)
    assert jobs(database) == [("finish_deferred", {"row": row})]
    kept = deferred.claim(row)
    assert kept is not None
    assert (kept.key, kept.call, kept.attempt) == ("turn-1", CALL, 1)
    assert deferred.claim(row) is None, "it is in our hands"
    with database.begin() as connection:
        assert deferred.finish(connection, kept)
    assert deferred.claim(row) is None


def test_a_call_that_did_not_work_out_is_tried_again_later(
    deferred: Deferred, database: Database, clock: Clock
) -> None:
    deferred.keep("turn-1", CALL)
    row = only_row(database)
    first = deferred.claim(row)
    assert first is not None
    assert deferred.again(first, after=timedelta(seconds=10))
    assert len(jobs(database)) == 2
    assert deferred.claim(row) is None
    clock.passes(seconds=10)
    second = deferred.claim(row)
    assert second is not None
    assert second.attempt == 2
    with database.begin() as connection:
        assert not deferred.finish(connection, first), "the first worker comes too late"
    clock.passes(days=3)
    assert not deferred.again(second, after=timedelta(seconds=10)), "one day it is given up"
    assert deferred.claim(row) is None


def test_a_call_given_up_is_not_tried_again(deferred: Deferred, database: Database) -> None:
    deferred.keep("turn-1", CALL)
    kept = deferred.claim(row := only_row(database))
    assert kept is not None
    deferred.give_up(kept)
    assert deferred.claim(row) is None


def test_a_call_whose_job_died_gets_another_one(
    deferred: Deferred, database: Database, clock: Clock
) -> None:
    deferred.keep("turn-1", CALL)
    assert deferred.sweep() == 0, "its job has only just been written"
    assert deferred.claim(only_row(database)) is not None
    clock.passes(seconds=90)
    assert deferred.sweep() == 0
    clock.passes(minutes=2)
    assert deferred.sweep() == 1
    assert len(jobs(database)) == 2
    assert deferred.sweep() == 0, "one at a time"
    again = deferred.claim(only_row(database))
    assert again is not None
    assert again.attempt == 2


def test_what_was_said_and_told_is_forgotten_but_not_that_it_was(
    database: Database, vault: Vault, clock: Clock
) -> None:
    inbox, outbox = Inbox(database, vault, clock), Outbox(database, vault, clock)
    upkeep = Upkeep(database, clock)
    inbox.accept("twilio", "done", "a", {"text": "KQ"})
    (waiting,) = inbox.claim(1)
    with database.begin() as connection:
        inbox.done(connection, waiting, {"text": "…"})
    put(database, outbox, message("settled"), message("silent"))
    settled, silent = outbox.claim(2)
    outbox.end(settled, Status.FAILED, "no such number")
    outbox.sent(silent, "twilio", Sent("SM2"))
    clock.passes(days=1)
    assert upkeep.forget() == 0
    clock.passes(days=7)
    inbox.accept("twilio", "new", "a", {"text": "KB"})
    put(database, outbox, message("new"))
    assert upkeep.forget() == 2
    clock.passes(days=7)
    assert upkeep.forget() == 1, "no receipt will come any more"
    with database.begin() as connection:
        said = {row.provider_id: row for row in connection.execute(select(inbox_table))}
        told = {row.key: row for row in connection.execute(select(outgoing))}
    assert (said["done"].body, said["done"].reply, said["done"].state) == (None, None, "done")
    assert said["new"].body is not None
    assert (told["settled"].body, told["settled"].address) == (None, None)
    assert told["silent"].body is None
    assert told["new"].body is not None
    assert inbox.accept("twilio", "done", "a", {}).fresh is False


def test_old_codes_and_tries_are_forgotten(database: Database, vault: Vault, clock: Clock) -> None:
    ShortCodes(database, vault, clock, hours=24).code_for("pat-1", "q", "p")
    people = StoredPeople(database, vault, clock)
    people.wrong("link", "a")
    people.wrong("link", "b", limit=1, lock=timedelta(days=30))
    clock.passes(days=9)
    assert Upkeep(database, clock).forget() == 2
    with database.begin() as connection:
        assert connection.execute(select(short_code)).all() == []
        assert len(connection.execute(select(tries)).all()) == 1, "a lock outlives this"


def test_messages_of_no_use_expire_unsent(database: Database, vault: Vault, clock: Clock) -> None:
    outbox = Outbox(database, vault, clock)
    soon = clock() + timedelta(minutes=5)
    put(
        database,
        outbox,
        message("brief", useless_after=soon),
        message("lasting"),
        message("in hand", Address("phone", "1"), useless_after=soon, lane=Lane.URGENT),
    )
    assert [one.outgoing.key for one in outbox.claim(1)] == ["in hand"]
    upkeep = Upkeep(database, clock)
    assert upkeep.expire() == 0
    clock.passes(minutes=5)
    assert upkeep.expire() == 1
    assert outbox.status(message("brief").id) is Status.EXPIRED
    assert outbox.status(message("in hand").id) is Status.SENDING


def test_the_last_sign_of_life_of_any_worker(database: Database, clock: Clock) -> None:
    upkeep = Upkeep(database, clock)
    assert upkeep.last_beat() is None
    upkeep.beat("one")
    clock.passes(seconds=5)
    upkeep.beat("two")
    upkeep.beat("two")
    assert upkeep.last_beat() == clock()
