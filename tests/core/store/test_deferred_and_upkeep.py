"""Calls kept for later are finished once; what is no longer needed is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.message import Address
from core.outbox.outgoing import Lane, Status
from core.outbox.ports import Done, Sent
from core.store.database import Database
from core.store.deferred import Deferred, Kept
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.short_codes import ShortCodes
from core.store.tables import inbox as inbox_table
from core.store.tables import outgoing, short_code, tries
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import message, put

CALL = {"step": "declare", "address": "+84912345678", "platform": "fhir", "person": "p-1"}


@pytest.fixture
def deferred(database: Database, vault: Vault, clock: Clock) -> Deferred:
    return Deferred(database, vault, clock)


def only(deferred: Deferred, platform: str = "fhir") -> Kept:
    (kept,) = deferred.claim(platform, 10)
    return kept


def ends(deferred: Deferred, database: Database, kept: Kept) -> bool:
    with database.begin() as connection:
        return deferred.finish(connection, kept)


def test_a_call_is_kept_once_and_finished_once(deferred: Deferred, database: Database) -> None:
    deferred.keep("turn-1", CALL)
    deferred.keep("turn-1", {"another": "call"})
    assert deferred.due() == ["fhir"]
    assert deferred.claim("qrqg", 10) == []
    kept = only(deferred)
    assert (kept.key, kept.call, kept.attempt) == ("turn-1", CALL, 1)
    assert deferred.claim("fhir", 10) == [], "it is in our hands"
    assert ends(deferred, database, kept)
    assert not ends(deferred, database, kept)
    assert deferred.due() == []


def test_a_call_that_did_not_work_out_is_tried_again_later(
    deferred: Deferred, database: Database, clock: Clock
) -> None:
    deferred.keep("turn-1", CALL)
    first = only(deferred)
    deferred.again(first, after=timedelta(seconds=10), platform="fhir")
    assert deferred.due() == []
    clock.passes(seconds=10)
    second = only(deferred)
    assert second.attempt == 2
    assert not ends(deferred, database, first), "the first worker comes too late"


def test_a_try_that_reached_nobody_does_not_count(deferred: Deferred, clock: Clock) -> None:
    deferred.keep("turn-1", CALL)
    for _ in range(3):
        kept = only(deferred)
        assert kept.attempt == 1
        deferred.again(kept, after=timedelta(seconds=1), platform="qrqg", tried=False)
        clock.passes(seconds=1)
        assert deferred.due() == ["qrqg"], "it turned out to be the other platform"
        deferred.again(only(deferred, "qrqg"), after=timedelta(0), platform="fhir", tried=False)


def test_each_persons_calls_are_handed_out_in_the_order_they_were_made(
    deferred: Deferred, database: Database, clock: Clock
) -> None:
    for number in range(2):
        for person in ("p-1", "p-2"):
            deferred.keep(f"{person}-{number}", {**CALL, "person": person})
        clock.passes(seconds=1)
    deferred.keep("question", {**CALL, "person": None})
    kept = {one.key: one for one in deferred.claim("fhir", 10)}
    assert set(kept) == {"p-1-0", "p-2-0", "question"}, "a question waits for nobody"
    assert ends(deferred, database, kept["p-1-0"])
    deferred.again(kept["p-2-0"], after=timedelta(seconds=5), platform="fhir")
    assert [one.key for one in deferred.claim("fhir", 10)] == ["p-1-1"]
    clock.passes(seconds=5)
    assert [one.key for one in deferred.claim("fhir", 10)] == ["p-2-0"]


def test_what_somebody_still_waits_for_is_known(deferred: Deferred, database: Database) -> None:
    assert deferred.waits("p-1") is None
    deferred.keep("turn-1", CALL)
    deferred.keep("turn-2", {**CALL, "person": None})
    assert deferred.waits("p-1") == "fhir"
    assert deferred.waits("p-2") is None
    kept = next(one for one in deferred.claim("fhir", 10) if one.key == "turn-1")
    assert deferred.waits("p-1") == "fhir", "in hand is not yet arrived"
    assert ends(deferred, database, kept)
    assert deferred.waits("p-1") is None


def test_a_call_whose_worker_died_is_handed_out_again_when_its_lease_ends(
    deferred: Deferred, clock: Clock
) -> None:
    deferred.keep("turn-1", CALL)
    dead = only(deferred)
    clock.passes(seconds=19)
    assert deferred.renew([dead]) == [dead]
    clock.passes(seconds=19)
    assert deferred.claim("fhir", 10) == []
    clock.passes(seconds=1)
    other = only(deferred)
    assert deferred.renew([dead, other]) == [other]


def test_a_call_tried_for_long_enough_is_handed_out_to_be_given_up(
    deferred: Deferred, database: Database, clock: Clock
) -> None:
    deferred.keep("turn-1", CALL)
    deferred.keep("turn-2", CALL)
    clock.passes(days=2, hours=23, minutes=59)
    assert deferred.claim_over(10) == []
    clock.passes(minutes=1)
    over = deferred.claim_over(10)
    assert [(one.key, one.over, one.attempt) for one in over] == [
        ("turn-1", True, 0),
        ("turn-2", True, 0),
    ]
    with database.begin() as connection:
        assert all(deferred.give_up(connection, one) for one in over)
        assert not deferred.give_up(connection, over[0])
    assert deferred.due() == []


def test_a_call_that_no_key_opens_is_passed_by(
    deferred: Deferred, database: Database, clock: Clock
) -> None:
    deferred.keep("turn-1", CALL)
    other = Deferred(database, Vault([("k2", b"2" * 32)], b"s" * 32), clock)
    assert other.claim("fhir", 10) == []
    assert deferred.due() == []


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
    outbox.write([Done(silent, "twilio", Sent("SM2"))])
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
