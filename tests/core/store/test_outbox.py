"""What goes out: put in once, claimed once, marked one by one, never moved backwards by a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from core.message import Address, Page, Qr
from core.outbox.outgoing import Lane, Purpose, Receipt, Status
from core.outbox.ports import Claimed
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import outgoing, receipt
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import LAN, MAI, message, put, sent


@pytest.fixture
def outbox(database: Database, vault: Vault, clock: Clock) -> Outbox:
    return Outbox(database, vault, clock)


def keys(claimed: Sequence[Claimed]) -> list[str]:
    return [one.outgoing.key for one in claimed]


def test_a_message_comes_out_as_it_was_put_in(
    outbox: Outbox, database: Database, clock: Clock
) -> None:
    page = Page("Mã QR của bạn", qr=Qr("079190012345|…", "1234 5678 9012"), name="qr")
    written = message(
        "event-1",
        Address("telegram", "700123"),
        page=page,
        purpose=Purpose.REPLY,
        lane=Lane.URGENT,
        person_id="0b8f3c4e-96a3-4c1e-9f6e-5f1b9f3f7a01",
        not_before=clock(),
        useless_after=clock() + timedelta(hours=1),
    )
    assert put(database, outbox, written) == [True]
    (claimed,) = outbox.claim(10)
    assert claimed.outgoing == written
    assert (claimed.attempt, claimed.created_at) == (1, clock())


def test_the_same_key_again_is_nothing(outbox: Outbox, database: Database) -> None:
    assert put(database, outbox, message("a"), message("a", LAN)) == [True, False]
    assert keys(outbox.claim(10)) == ["a"]
    assert put(database, outbox, message("a")) == [False]


def test_without_its_cause_there_is_no_message(outbox: Outbox, database: Database) -> None:
    with database.begin() as connection:
        outbox.put(connection, message("a"))
        connection.rollback()
    assert outbox.claim(10) == []


def test_nothing_goes_out_before_its_time(outbox: Outbox, database: Database, clock: Clock) -> None:
    put(database, outbox, message("later", not_before=clock() + timedelta(hours=2)))
    assert outbox.claim(10) == []
    clock.passes(hours=2)
    assert keys(outbox.claim(10)) == ["later"]


def test_two_claims_never_share_a_message(outbox: Outbox, database: Database) -> None:
    put(database, outbox, *(message(f"m{number}") for number in range(100)))
    with ThreadPoolExecutor(8) as workers:
        claims = [workers.submit(outbox.claim, 5) for _ in range(20)]
    taken = [one.outgoing.key for claim in claims for one in claim.result()]
    rest: list[str] = []
    while more := keys(outbox.claim(10)):
        rest += more
    assert sorted(taken + rest) == sorted(f"m{number}" for number in range(100))


def test_urgent_messages_to_one_address_keep_their_order(
    outbox: Outbox, database: Database, clock: Clock
) -> None:
    put(
        database,
        outbox,
        *(message(f"mai{number}", lane=Lane.URGENT) for number in range(3)),
        message("lan", LAN, lane=Lane.URGENT),
    )
    first = outbox.claim(10)
    assert keys(first) == ["mai0", "lan"]
    assert outbox.claim(10) == []
    outbox.later(first[0], clock() + timedelta(seconds=5), "busy", counted=True)
    assert outbox.claim(10) == [], "the second does not overtake the first"
    clock.passes(seconds=5)
    (again,) = outbox.claim(10)
    assert again.outgoing.key == "mai0"
    sent(outbox, again, "twilio", "SM1")
    (second,) = outbox.claim(10)
    assert second.outgoing.key == "mai1"
    outbox.end(second, Status.FAILED, "no such number")
    assert keys(outbox.claim(10)) == ["mai2"]


def test_no_lane_starves(outbox: Outbox, database: Database) -> None:
    for lane in Lane:
        put(
            database,
            outbox,
            *(message(f"{lane}{n}", Address("phone", f"{lane}{n}"), lane=lane) for n in range(20)),
        )
    first = [one.outgoing.lane for _ in range(16) for one in outbox.claim(1)]
    assert first[0] is Lane.URGENT
    assert {lane: first.count(lane) for lane in Lane} == {
        Lane.URGENT: 10,
        Lane.NORMAL: 4,
        Lane.BULK: 2,
    }
    assert len(outbox.claim(100)) == 44, "what a lane does not use, the others get"


def test_a_dead_workers_message_is_sent_again_under_the_same_id(
    outbox: Outbox, database: Database, clock: Clock
) -> None:
    put(database, outbox, message("a"))
    (dead,) = outbox.claim(10)
    clock.passes(seconds=44)
    assert outbox.claim(10) == []
    clock.passes(seconds=2)
    (alive,) = outbox.claim(10)
    assert alive.outgoing.id == dead.outgoing.id
    assert alive.attempt == 2
    outbox.end(dead, Status.FAILED, "a late word")
    outbox.later(dead, clock(), "another late word", counted=True)
    assert outbox.status(alive.outgoing.id) is Status.SENDING


def test_a_worker_that_lost_its_lease_still_says_that_it_sent(
    outbox: Outbox, database: Database, clock: Clock
) -> None:
    put(database, outbox, message("a"))
    (slow,) = outbox.claim(10)
    clock.passes(minutes=1)
    (other,) = outbox.claim(10)
    outbox.later(other, clock(), "busy", counted=True)
    sent(outbox, slow, "twilio", "SM1")
    assert outbox.claim(10) == []
    assert outbox.status(slow.outgoing.id) is Status.SENT


def test_a_lease_is_kept_by_renewing(outbox: Outbox, database: Database, clock: Clock) -> None:
    put(database, outbox, message("a"), message("b", LAN))
    first, second = outbox.claim(10)
    sent(outbox, second, "twilio", "SM2")
    clock.passes(seconds=30)
    assert outbox.renew([first, second]) == [first]
    assert outbox.renew([]) == ()
    clock.passes(seconds=30)
    assert outbox.claim(10) == []


def test_to_be_asked_to_wait_is_no_failed_attempt(
    outbox: Outbox, database: Database, clock: Clock
) -> None:
    put(database, outbox, message("a"))
    for counted, attempt in ((False, 1), (False, 1), (True, 1), (True, 2), (False, 3), (True, 3)):
        (claimed,) = outbox.claim(10)
        assert claimed.attempt == attempt
        outbox.later(claimed, clock(), "429", counted=counted)


def test_a_message_that_does_not_open_stops_nobody(outbox: Outbox, database: Database) -> None:
    put(database, outbox, message("moved"), message("other", LAN))
    moved = message("moved").id
    with database.begin() as connection:
        theirs = select(outgoing.c.address).where(outgoing.c.key == "other").scalar_subquery()
        connection.execute(update(outgoing).where(outgoing.c.key == "moved").values(address=theirs))
    assert keys(outbox.claim(10)) == ["other"]
    assert outbox.status(moved) is Status.FAILED


@pytest.mark.parametrize(
    "order", list(permutations([Status.SENT, Status.DELIVERED, Status.FAILED])), ids=str
)
def test_receipts_in_any_order_never_move_a_message_back(
    outbox: Outbox, database: Database, order: tuple[Status, ...]
) -> None:
    put(database, outbox, message("a"))
    (claimed,) = outbox.claim(1)
    sent(outbox, claimed, "twilio", "SM1")
    first_final = next(status for status in order if status is not Status.SENT)
    for status in (*order, *order):
        outbox.settle(Receipt("twilio", "SM1", status, words=f"says {status}"))
    assert outbox.status(claimed.outgoing.id) is first_final
    with database.begin() as connection:
        assert len(connection.execute(select(receipt)).all()) == 3
        row = connection.execute(select(outgoing)).one()
    assert (row.words, row.segments) == (f"says {first_final}", 1)
    assert row.settled_at is not None


def test_a_receipt_tells_whether_it_moved_something(outbox: Outbox, database: Database) -> None:
    put(database, outbox, message("a"))
    (claimed,) = outbox.claim(1)
    sent(outbox, claimed, "twilio", "SM1")
    assert not outbox.settle(Receipt("twilio", "SM1", Status.SENT))
    assert outbox.settle(Receipt("twilio", "SM1", Status.DELIVERED))
    assert not outbox.settle(Receipt("twilio", "SM1", Status.DELIVERED))
    assert not outbox.settle(Receipt("kannel", "SM1", Status.FAILED)), "another provider's id"


def test_a_receipt_quicker_than_our_own_word_is_not_lost(
    outbox: Outbox, database: Database
) -> None:
    put(database, outbox, message("a"))
    (claimed,) = outbox.claim(1)
    assert not outbox.settle(Receipt("twilio", "SM1", Status.DELIVERED))
    sent(outbox, claimed, "twilio", "SM1")
    assert outbox.status(claimed.outgoing.id) is Status.DELIVERED


def test_a_receipt_that_names_our_id_settles_even_what_nobody_marked(
    outbox: Outbox, database: Database, clock: Clock
) -> None:
    put(database, outbox, message("a"))
    (claimed,) = outbox.claim(1)
    ours = claimed.outgoing.id
    assert outbox.settle(Receipt("kannel", ours, Status.DELIVERED, outgoing_id=ours))
    clock.passes(minutes=2)
    assert outbox.claim(1) == [], "it is not sent again"


def test_unknown_receipts_are_kept(outbox: Outbox, database: Database) -> None:
    assert not outbox.settle(Receipt("twilio", "SM9", Status.FAILED, words="30005"))
    assert not outbox.settle(Receipt("kannel", "x", Status.DELIVERED, outgoing_id="not an id"))
    with database.begin() as connection:
        rows = connection.execute(select(receipt).order_by(receipt.c.id)).all()
    assert [(row.provider_ref, row.outgoing_id) for row in rows] == [("SM9", None), ("x", None)]


def test_one_persons_address_is_found_by_its_index_only(
    outbox: Outbox, database: Database, vault: Vault
) -> None:
    put(database, outbox, message("a"), message("b"), message("c", LAN))
    with database.begin() as connection:
        rows = connection.execute(select(outgoing).order_by(outgoing.c.seq)).all()
    assert rows[0].address_index == rows[1].address_index != rows[2].address_index
    assert rows[0].address != rows[1].address
    assert MAI.value.encode() not in rows[0].address


def test_a_message_nobody_knows_has_no_status(outbox: Outbox) -> None:
    assert outbox.status(message("never").id) is None
