"""What failed is sent again when somebody says so: same id, one timeline, no word from before counts."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from core.message import Address
from core.outbox.outgoing import Purpose, Receipt, Status
from core.outbox.ports import Claimed
from core.store.database import Database
from core.store.outbox import Outbox, at_any_hour
from core.store.replay import DeadLetters, Which
from core.store.stories import Stories
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import LAN, begins, message, put, sent

FAILED, DELIVERED = Status.FAILED, Status.DELIVERED


@pytest.fixture
def outbox(database: Database, vault: Vault, clock: Clock) -> Outbox:
    return Outbox(database, vault, clock)


@pytest.fixture
def dead(database: Database, clock: Clock) -> DeadLetters:
    return DeadLetters(database, clock, at_any_hour)


def failed(database: Database, outbox: Outbox, **more: Any) -> Claimed:
    """A message that failed by its receipt."""
    put(database, outbox, message("a", **more))
    (claimed,) = outbox.claim(1)
    begins(outbox, claimed)
    sent(outbox, claimed, ref="SM1")
    outbox.settle(Receipt("twilio", "SM1", FAILED, "30003"))
    assert outbox.status(claimed.outgoing.id) is FAILED
    return claimed


def again(dead: DeadLetters, *names: str) -> list[str | None]:
    return list(dead.send_again(names, "test").values())


def test_it_goes_out_again_under_the_same_id(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock, vault: Vault
) -> None:
    first = failed(database, outbox)
    clock.passes(hours=1)
    assert dead.count(Which()) == 1
    assert again(dead, first.outgoing.id) == [None]
    assert dead.count(Which()) == 0
    (second,) = outbox.claim(1)
    assert second.outgoing.id == first.outgoing.id
    assert (second.attempt, second.due_at, second.doubt) == (1, clock(), None)
    clock.passes(seconds=1)
    begins(outbox, second)
    clock.passes(seconds=1)
    sent(outbox, second, ref="SM2")
    clock.passes(seconds=1)
    assert outbox.settle(Receipt("twilio", "SM2", DELIVERED))
    story = Stories(database, vault).one(first.outgoing.id)
    assert story is not None
    assert [(one.what, one.words) for one in story.steps] == [
        ("queued", ""),
        ("given", ""),
        ("sent", ""),
        ("receipt-failed", "30003"),
        ("replayed", "30003"),
        ("given", ""),
        ("sent", ""),
        ("receipt-delivered", ""),
        ("delivered", ""),
    ]


@pytest.mark.parametrize("names_us", [True, False])
def test_the_old_failure_told_once_more_is_not_the_new_ones(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock, names_us: bool
) -> None:
    ours = failed(database, outbox).outgoing.id
    clock.passes(hours=1)
    again(dead, ours)
    late = Receipt("twilio", "SM1", FAILED, "30003", outgoing_id=ours if names_us else None)
    outbox.settle(late)
    assert outbox.status(ours) is Status.QUEUED
    (second,) = outbox.claim(1)
    begins(outbox, second)
    sent(outbox, second, ref="SM2")
    assert outbox.status(ours) is Status.SENT


def test_where_the_provider_uses_our_id_the_old_failure_is_not_the_new_ones(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock
) -> None:
    put(database, outbox, message("a"))
    (first,) = outbox.claim(1)
    ours = first.outgoing.id
    begins(outbox, first, "kannel")
    sent(outbox, first, "kannel", ref=ours)
    outbox.settle(Receipt("kannel", ours, FAILED, "5", outgoing_id=ours))
    clock.passes(hours=1)
    again(dead, ours)
    (second,) = outbox.claim(1)
    begins(outbox, second, "kannel")
    sent(outbox, second, "kannel", ref=ours)
    assert outbox.status(ours) is Status.SENT
    outbox.settle(Receipt("kannel", ours, FAILED, "6", outgoing_id=ours))
    assert outbox.status(ours) is FAILED, "the new one's own word counts"


def test_that_the_old_one_arrived_after_all_counts(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock
) -> None:
    ours = failed(database, outbox).outgoing.id
    clock.passes(hours=1)
    again(dead, ours)
    assert outbox.settle(Receipt("twilio", "SM1", DELIVERED, outgoing_id=ours))
    assert outbox.claim(1) == []


def test_only_what_failed_and_is_of_use_is_sent_again(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock
) -> None:
    end = clock() + timedelta(hours=1)
    put(
        database,
        outbox,
        *(message("late", useless_after=end), message("old", about="test 1"), message("fine")),
    )
    by_key = {one.outgoing.key: one for one in outbox.claim(10)}
    for key in ("late", "old"):
        outbox.end(by_key[key], FAILED, "no")
    put(database, outbox, message("new", about="test 1"))
    clock.passes(hours=2)
    names = [by_key[key].outgoing.id for key in ("late", "old", "fine")]
    strangers = [str(uuid.uuid4()), "no id"]
    assert again(dead, *names, *strangers) == [
        *("too-late", "overtaken", "not-failed"),
        *("unknown", "unknown"),
    ]
    assert again(dead) == []


def test_what_is_forgotten_cannot_be_sent(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock
) -> None:
    ours = failed(database, outbox).outgoing.id
    clock.passes(days=8)
    Upkeep(database, clock).forget()
    assert again(dead, ours) == ["forgotten"]


def test_an_owner_replays_only_their_own(
    outbox: Outbox, database: Database, dead: DeadLetters
) -> None:
    ours = failed(database, outbox, owner="k1").outgoing.id
    assert dead.send_again([ours], "k2", owner="k2") == {ours: "unknown"}
    assert dead.send_again([ours], "k1", owner="k1") == {ours: None}
    assert dead.send_again([ours], "k1", owner="k1") == {ours: "not-failed"}


def test_they_can_be_narrowed_down(
    outbox: Outbox, database: Database, dead: DeadLetters, clock: Clock
) -> None:
    put(
        database,
        outbox,
        message("a", owner="k1"),
        message("b", LAN, purpose=Purpose.TICKET),
        message("c", Address("phone", "+84912345670")),
    )
    for provider, one in zip(("esms", "kannel", None), outbox.claim(10), strict=True):
        outbox.end(one, FAILED, "no", provider)
        clock.passes(hours=1)
    assert dead.count(Which()) == 3
    assert dead.count(Which(provider="esms")) == 1
    assert dead.count(Which(purpose=Purpose.TICKET)) == 1
    assert dead.count(Which(owner="k1")) == 1
    assert dead.count(Which(since=clock() - timedelta(hours=2))) == 2
    (first, _), (second, _) = dead.some(Which(), after=0, most=2)
    assert len(dead.some(Which(), after=second, most=2)) == 1
    assert first < second
