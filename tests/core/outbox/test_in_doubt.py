"""A message that a provider may have is not simply sent again: its receipt comes first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import SendLater
from core.outbox.doors import Doors, ErrorBudget
from core.outbox.outgoing import Lane, Outgoing, Purpose, Receipt, Status
from core.outbox.ports import Sent, Verdict
from core.outbox.routes import Routes
from core.store.database import Database
from core.store.outbox import Outbox
from tests.core.outbox.provider import Clock, Provider, dispatch, dispatcher, row
from tests.core.outbox.test_failover import tries
from tests.core.store.messages import begins, message, put

RESULT, REMINDER = message("a"), message("a", purpose=Purpose.REMINDER)


def dies(database: Database, outbox: Outbox, clock: Clock, outgoing: Outgoing) -> None:
    """A worker gives the message to kannel, and is killed before it can write down what came of it."""
    put(database, outbox, outgoing)
    (claimed,) = outbox.claim(1)
    assert begins(outbox, claimed, "kannel") is Verdict.GO
    clock.at += outbox.lease


def receipt(status: Status = Status.DELIVERED) -> Receipt:
    return Receipt("kannel", RESULT.id, status, outgoing_id=RESULT.id)


@pytest.mark.parametrize("outgoing", [RESULT, REMINDER], ids=["result", "reminder"])
def test_a_receipt_that_names_us_settles_what_a_dead_worker_left(
    database: Database, outbox: Outbox, clock: Clock, outgoing: Outgoing
) -> None:
    kannel = Provider("kannel", receipt_names_us=True)
    dies(database, outbox, clock, outgoing)
    # The lease is shorter than the time a receipt has.
    one = dispatcher(outbox, clock, kannel, settle=timedelta(seconds=90))
    dispatch(outbox, one)
    assert outbox.status(outgoing.id) is Status.UNSETTLED
    assert outbox.settle(receipt())
    clock.at += timedelta(days=2)
    assert dispatch(outbox, one) == 0
    assert kannel.keys == []
    assert outbox.status(outgoing.id) is Status.DELIVERED
    assert tries(database, outgoing) == [("kannel", "sent")]
    assert row(database, "a").provider == "kannel"


def test_without_a_receipt_a_result_is_sent_again_and_a_reminder_is_not(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    for outgoing, copies, end in ((RESULT, 1, Status.SENT), (REMINDER, 0, Status.UNSETTLED)):
        with database.begin() as connection:
            connection.exec_driver_sql("TRUNCATE outgoing, attempt")
        kannel = Provider("kannel", receipt_names_us=True)
        one = dispatcher(outbox, clock, kannel, settle=timedelta(seconds=90))
        dies(database, outbox, clock, outgoing)
        dispatch(outbox, one)
        clock.at += timedelta(seconds=46)
        dispatch(outbox, one)
        assert len(kannel.got) == copies
        assert outbox.status(outgoing.id) is end
    clock.at += timedelta(days=1)
    dispatch(outbox, one)
    kept = row(database, "a")
    assert (kept.status, kannel.got) == ("failed", [])
    assert kept.words == "nobody knows whether it was sent; not sent again"
    assert tries(database, REMINDER) == [("kannel", "unknown")]


def test_what_was_claimed_and_never_given_to_anybody_simply_goes(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel", receipt_names_us=True)
    put(database, outbox, REMINDER)
    assert len(outbox.claim(1)) == 1
    clock.at += outbox.lease
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert kannel.keys == ["a"]


def test_one_that_drops_repeats_gets_it_again_and_nobody_else_does(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel", honours_key=True), Provider("esms")
    dies(database, outbox, clock, REMINDER)
    one = dispatcher(outbox, clock, esms, kannel)
    kannel.refuses(SendLater("HTTP 500"))
    dispatch(outbox, one)
    assert (kannel.keys, esms.keys) == (["a"], [])


def test_one_that_drops_repeats_and_is_gone_for_good_is_not_waited_for_with_a_result(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel", honours_key=True), Provider("esms")
    doors = Doors(clock, budget=ErrorBudget(least=1, pause=100_000, longest=100_000))
    doors.went_badly("kannel")
    dies(database, outbox, clock, RESULT)
    one = dispatcher(outbox, clock, kannel, esms, doors=doors)
    dispatch(outbox, one)
    assert esms.keys == []
    clock.at += timedelta(seconds=500)
    assert dispatch(outbox, one) == 0
    clock.at += timedelta(seconds=100)
    assert dispatch(outbox, one) == 1
    assert (kannel.keys, esms.keys) == ([], ["a"])


def test_a_reminder_waits_for_the_one_that_drops_repeats_as_long_as_it_takes(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel", honours_key=True), Provider("esms")
    doors = Doors(clock, budget=ErrorBudget(least=1, pause=7200))
    doors.went_badly("kannel")
    dies(database, outbox, clock, REMINDER)
    one = dispatcher(outbox, clock, kannel, esms, doors=doors)
    dispatch(outbox, one)
    clock.at += timedelta(seconds=7100)
    assert dispatch(outbox, one) == 0
    clock.at += timedelta(seconds=100)
    assert dispatch(outbox, one) == 1
    assert (kannel.keys, esms.keys) == (["a"], [])


def test_with_neither_key_nor_receipt_the_purpose_decides_at_once(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel"), Provider("esms")
    dies(database, outbox, clock, RESULT)
    dispatch(outbox, dispatcher(outbox, clock, kannel, esms))
    assert (kannel.keys, esms.keys) == ([], ["a"]), "rather through somebody else"
    assert tries(database, RESULT) == [("kannel", "unknown"), ("esms", "sent")]


def test_an_answer_that_did_not_come_in_time_is_settled_by_the_receipt(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel", receipt_names_us=True), Provider("esms")
    kannel.refuses(SendLater("late", unsure=True))
    routes = Routes.read("VN -> kannel 300, esms 400")
    one = dispatcher(outbox, clock, kannel, esms, routes=routes)
    put(database, outbox, RESULT)
    dispatch(outbox, one)
    assert row(database, "a").status == "unsettled"
    assert esms.keys == []
    assert outbox.settle(receipt(Status.SENT))
    clock.at += timedelta(hours=1)
    assert dispatch(outbox, one) == 0
    kept = row(database, "a")
    assert (kept.status, kept.segments, kept.cost) == ("sent", 1, Decimal(300))


def test_without_the_receipt_it_goes_by_the_next_one(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel", receipt_names_us=True), Provider("esms")
    kannel.refuses(SendLater("late", unsure=True))
    one = dispatcher(outbox, clock, kannel, esms)
    put(database, outbox, RESULT)
    dispatch(outbox, one)
    clock.at += timedelta(seconds=60)
    dispatch(outbox, one)
    assert (kannel.keys, esms.keys) == (["a"], ["a"])


def test_a_person_who_is_waiting_does_not_wait_a_minute_for_a_receipt(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel", receipt_names_us=True)
    kannel.refuses(SendLater("late", unsure=True))
    put(database, outbox, message("a", purpose=Purpose.CODE, lane=Lane.URGENT))
    one = dispatcher(outbox, clock, kannel)
    dispatch(outbox, one)
    put(database, outbox, message("b", purpose=Purpose.CODE, lane=Lane.URGENT))
    kannel.answer = lambda _: Sent()
    assert dispatch(outbox, one) == 1, "the next one is not held up"
    clock.at += timedelta(seconds=15)
    assert dispatch(outbox, one) == 1
    assert kannel.keys == ["a", "b", "a"]


def test_one_that_drops_repeats_is_asked_again_when_it_did_not_answer(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel", honours_key=True), Provider("esms")
    kannel.refuses(SendLater("late", unsure=True))
    put(database, outbox, REMINDER)
    one = dispatcher(outbox, clock, kannel, esms)
    waits = []
    for _ in range(10):
        assert dispatch(outbox, one) == 1
        kept = row(database, "a")
        waits.append((kept.lease_until - clock.at).total_seconds() if kept.lease_until else None)
        clock.at = kept.lease_until or clock.at
    assert waits[:3] == [5, 10, 20]
    assert esms.keys == []


def test_a_failure_that_is_told_later_ends_what_nobody_could_settle(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel", receipt_names_us=True)
    dies(database, outbox, clock, RESULT)
    dispatch(outbox, dispatcher(outbox, clock, kannel, settle=timedelta(hours=1)))
    assert outbox.settle(receipt(Status.FAILED))
    assert tries(database, RESULT) == [("kannel", "never")]
    assert row(database, "a").status == "failed"


def test_a_slow_worker_that_lost_its_lease_does_not_begin(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    put(database, outbox, RESULT)
    (slow,) = outbox.claim(1)
    clock.at += outbox.lease
    (other,) = outbox.claim(1)
    assert begins(outbox, slow) is Verdict.LOST
    assert begins(outbox, other) is Verdict.GO
    assert begins(outbox, other) is Verdict.GO, "writing the same again does no harm"
    assert len(tries(database, RESULT)) == 1
