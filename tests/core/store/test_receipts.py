"""Receipts come late, twice, in the wrong order, of another try, of nobody's message: none is lost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.outbox.outgoing import Receipt, Status
from core.outbox.ports import Claimed, Done, Sent
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.stories import Stories
from core.store.tables import outgoing, receipt
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import begins, message, put

SENT, DELIVERED, FAILED = Status.SENT, Status.DELIVERED, Status.FAILED


@pytest.fixture
def outbox(database: Database, vault: Vault, clock: Clock) -> Outbox:
    return Outbox(database, vault, clock)


@pytest.fixture
def claimed(outbox: Outbox, database: Database) -> Claimed:
    """A message in a worker's hands."""
    put(database, outbox, message("a"))
    (one,) = outbox.claim(1)
    return one


def said(status: Status, ref: str = "SM1", provider: str = "twilio", **more: Any) -> Receipt:
    return Receipt(provider, ref, status, **more)


def test_the_first_try_came_to_nothing_and_the_second_goes_on(
    outbox: Outbox, claimed: Claimed
) -> None:
    ours = claimed.outgoing.id
    outbox.write([Done(claimed, "kannel", Sent(ours))])
    late = outbox.settle(said(FAILED, outgoing_id=ours, words="30005"))
    assert late.known
    assert not late
    assert outbox.status(ours) is SENT
    assert outbox.settle(said(DELIVERED, ours, provider="kannel", outgoing_id=ours))


def test_the_same_provider_took_it_twice_and_only_the_last_counts(
    outbox: Outbox, claimed: Claimed
) -> None:
    ours = claimed.outgoing.id
    outbox.write([Done(claimed, "twilio", Sent("SM2"))])
    assert not outbox.settle(said(FAILED, "SM1", outgoing_id=ours))
    assert outbox.status(ours) is SENT
    assert outbox.settle(said(FAILED, "SM2", outgoing_id=ours, words="30003"))
    assert outbox.status(ours) is FAILED


def test_a_first_try_that_arrived_after_all_has_arrived(outbox: Outbox, claimed: Claimed) -> None:
    ours = claimed.outgoing.id
    outbox.write([Done(claimed, "kannel", Sent(ours))])
    assert outbox.settle(said(DELIVERED, outgoing_id=ours))
    assert outbox.status(ours) is DELIVERED


def test_a_failure_quicker_than_our_own_word_waits_for_it(outbox: Outbox, claimed: Claimed) -> None:
    ours = claimed.outgoing.id
    assert outbox.settle(said(FAILED, outgoing_id=ours, words="30006")).known
    assert outbox.status(ours) is Status.SENDING
    outbox.write([Done(claimed, "twilio", Sent("SM1"))])
    assert outbox.status(ours) is FAILED


def test_a_failure_of_a_lost_try_does_not_stop_the_next(
    outbox: Outbox, claimed: Claimed, clock: Clock
) -> None:
    ours = claimed.outgoing.id
    outbox.later(claimed, clock(), "late", counted=True)
    assert not outbox.settle(said(FAILED, "SM1", outgoing_id=ours))
    (again,) = outbox.claim(1)
    outbox.write([Done(again, "twilio", Sent("SM2"))])
    assert outbox.status(ours) is SENT


def test_one_that_nobody_knows_settles_when_its_message_is_known(
    outbox: Outbox, claimed: Claimed, database: Database, clock: Clock
) -> None:
    early = outbox.settle(said(FAILED, words="30005"))
    assert (early.known, early.moved) == (False, False)
    clock.passes(days=3)
    outbox.write([Done(claimed, "twilio", Sent("SM1"))])
    with database.begin() as connection:
        row = connection.execute(select(outgoing)).one()
        kept = connection.execute(select(receipt)).one()
    assert (row.status, row.words) == (FAILED, "30005")
    assert str(kept.outgoing_id) == claimed.outgoing.id


@pytest.mark.parametrize("when", range(4))
@pytest.mark.parametrize("order", list(permutations([SENT, DELIVERED, FAILED])), ids=str)
def test_our_own_word_may_come_at_any_place_among_them(
    outbox: Outbox, claimed: Claimed, order: Sequence[Status], when: int
) -> None:
    for place, status in enumerate((*order, None)):
        if place == when:
            outbox.write([Done(claimed, "twilio", Sent("SM1"))])
        if status is not None:
            outbox.settle(said(status))
    first_final = next(status for status in order if status is not SENT)
    assert outbox.status(claimed.outgoing.id) is first_final


@pytest.mark.parametrize("round", range(8))
def test_receipts_and_our_own_word_at_the_very_same_moment(
    outbox: Outbox, database: Database, round: int
) -> None:
    put(database, outbox, message(f"m{round}"))
    (one,) = outbox.claim(1)
    start = threading.Barrier(5)

    def settle() -> None:
        start.wait()
        outbox.settle(said(DELIVERED))

    def sent() -> None:
        start.wait()
        outbox.write([Done(one, "twilio", Sent("SM1"))])

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(sent), *(pool.submit(settle) for _ in range(4))]:
            done.result()
    assert outbox.status(one.outgoing.id) is DELIVERED
    with database.begin() as connection:
        assert len(connection.execute(select(receipt)).all()) == 1


def resent(outbox: Outbox, claimed: Claimed, clock: Clock) -> Claimed:
    """Nobody knows how its first send ended, and it is begun once more."""
    begins(outbox, claimed, segments=1, cost=Decimal(300))
    clock.passes(minutes=2)
    (again,) = outbox.claim(1)
    assert again.doubt is not None
    clock.passes(seconds=1)
    begins(outbox, again, segments=1, cost=Decimal(300))
    return again


def told(database: Database, vault: Vault, claimed: Claimed) -> tuple[list[str], Decimal | None]:
    """What its timeline says of both sends, and what it cost."""
    story = Stories(database, vault).one(claimed.outgoing.id)
    assert story is not None
    return [str(one.outcome) for one in story.attempts], story.summary.cost


def test_one_receipt_is_the_answer_to_one_send(
    outbox: Outbox, claimed: Claimed, database: Database, vault: Vault, clock: Clock
) -> None:
    resent(outbox, claimed, clock)
    ours = claimed.outgoing.id
    for status in (SENT, DELIVERED, DELIVERED):
        outbox.settle(said(status, "SM2", outgoing_id=ours))
        assert told(database, vault, claimed) == (["unknown", "sent"], Decimal(300))
    outbox.settle(said(DELIVERED, "SM1", outgoing_id=ours))
    assert told(database, vault, claimed) == (["sent", "sent"], Decimal(600)), "it came twice"


@pytest.mark.parametrize("ref", ["SM2", None])
def test_a_receipt_of_what_was_answered_says_nothing_of_the_send_before(
    outbox: Outbox,
    claimed: Claimed,
    database: Database,
    vault: Vault,
    clock: Clock,
    ref: str | None,
) -> None:
    again = resent(outbox, claimed, clock)
    outbox.write([Done(again, "twilio", Sent(ref, 1), Decimal(300))])
    outbox.settle(said(DELIVERED, "SM2", outgoing_id=claimed.outgoing.id))
    assert told(database, vault, claimed) == (["unknown", "sent"], Decimal(300))
    outbox.settle(said(DELIVERED, "SM1", outgoing_id=claimed.outgoing.id))
    assert told(database, vault, claimed) == (["sent", "sent"], Decimal(600))


def test_a_failure_of_one_send_leaves_the_other_open(
    outbox: Outbox, claimed: Claimed, database: Database, vault: Vault, clock: Clock
) -> None:
    resent(outbox, claimed, clock)
    outbox.settle(said(FAILED, "SM2", outgoing_id=claimed.outgoing.id, words="30003"))
    outbox.settle(said(FAILED, "SM2", outgoing_id=claimed.outgoing.id, words="30003"))
    assert told(database, vault, claimed) == (["unknown", "never"], None)


STEPS = st.lists(
    st.none()
    | st.tuples(
        st.sampled_from([SENT, DELIVERED, FAILED]), st.sampled_from(["SM1", "SM2"]), st.booleans()
    ),
    max_size=8,
)
"""A receipt (what it says, of which id of theirs, whether it names ours), or our own word."""

RANK = {Status.SENDING: 0, SENT: 1, DELIVERED: 2, FAILED: 2}


@given(STEPS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_comes_a_message_never_moves_back(
    outbox: Outbox, database: Database, steps: list[tuple[Status, str, bool] | None]
) -> None:
    with database.begin() as connection:
        connection.execute(delete(receipt))
        connection.execute(delete(outgoing))
    put(database, outbox, message("a"))
    (one,) = outbox.claim(1)
    ours, reached = one.outgoing.id, Status.SENDING
    for step in steps:
        if step is None:
            outbox.write([Done(one, "twilio", Sent("SM1"))])
        else:
            status, ref, named = step
            outbox.settle(Receipt("twilio", ref, status, outgoing_id=ours if named else None))
        now = outbox.status(ours)
        assert now is not None
        assert RANK[now] > RANK[reached] or now is reached
        reached = now


def test_those_nobody_knows_are_forgotten_in_the_end(
    outbox: Outbox, claimed: Claimed, database: Database, clock: Clock
) -> None:
    outbox.write([Done(claimed, "twilio", Sent("SM1"))])
    outbox.settle(said(DELIVERED))
    outbox.settle(said(DELIVERED, "SM9"))
    upkeep = Upkeep(database, clock)
    clock.passes(days=6)
    upkeep.forget()
    outbox.settle(said(FAILED, "SM8"))
    clock.passes(seconds=timedelta(days=9).total_seconds())
    upkeep.forget()
    with database.begin() as connection:
        kept = connection.scalars(select(receipt.c.provider_ref).order_by(receipt.c.id)).all()
    assert kept == ["SM1", "SM8"]
