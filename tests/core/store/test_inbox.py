"""What came in is kept before it is acknowledged, and handled in each person's order."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.records import Waiting
from core.store.database import Database
from core.store.inbox import Inbox
from core.store.tables import inbox as table
from core.store.vault import Vault
from tests.core.store.conftest import Clock

MAI, LAN = "phone:+84912345678", "phone:+84987654321"


@pytest.fixture
def inbox(database: Database, vault: Vault, clock: Clock) -> Inbox:
    return Inbox(database, vault, clock)


def done(database: Database, inbox: Inbox, waiting: Waiting) -> bool:
    with database.begin() as connection:
        return inbox.done(connection, waiting, {"said": "xong"})


def test_a_message_is_kept_handed_out_and_done(inbox: Inbox, database: Database) -> None:
    accepted = inbox.accept("twilio", "SM1", MAI, {"text": "KQ"})
    assert (accepted.fresh, accepted.reply, accepted.waiting) == (True, None, None)
    (waiting,) = inbox.claim(10)
    assert (waiting.provider, waiting.body, waiting.attempt) == ("twilio", {"text": "KQ"}, 1)
    assert inbox.claim(10) == []
    assert done(database, inbox, waiting)
    assert inbox.claim(10) == []


def test_a_repeat_changes_nothing_and_gets_the_reply(inbox: Inbox, database: Database) -> None:
    first = inbox.accept("twilio", "SM1", MAI, {"text": "KQ"})
    again = inbox.accept("twilio", "SM1", MAI, {"text": "something else"})
    assert (again.id, again.fresh, again.reply) == (first.id, False, None)
    (waiting,) = inbox.claim(10)
    assert waiting.body == {"text": "KQ"}
    done(database, inbox, waiting)
    assert inbox.accept("twilio", "SM1", MAI, {}).reply == {"said": "xong"}
    assert inbox.accept("twilio", "SM1", LAN, {}).fresh is False, "whoever it claims to be from"
    assert inbox.accept("kannel", "SM1", MAI, {}).fresh is True, "another provider, another message"
    assert len(inbox.claim(10)) == 1


def test_an_outage_is_not_held_against_the_message(inbox: Inbox, clock: Clock) -> None:
    inbox.accept("twilio", "SM1", MAI, {})
    for _ in range(20):
        (waiting,) = inbox.claim(10)
        assert inbox.failed(waiting, after=timedelta(seconds=1), counted=False) is False
        assert inbox.claim(10) == []
        clock.passes(seconds=2)
    (waiting,) = inbox.claim(10)
    assert waiting.attempt == 1


def test_the_same_message_delivered_at_once_is_kept_once(inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as network:
        sent = [network.submit(inbox.accept, "twilio", "SM1", MAI, {}) for _ in range(8)]
    assert sorted(one.result().fresh for one in sent) == [False] * 7 + [True]


def test_one_persons_messages_come_one_after_the_other(inbox: Inbox, database: Database) -> None:
    for number in range(3):
        inbox.accept("twilio", f"mai{number}", MAI, {})
        inbox.accept("twilio", f"lan{number}", LAN, {})
    handed: list[str] = []
    for _ in range(3):
        pair = inbox.claim(10)
        assert len(pair) == 2, "one of each"
        assert inbox.claim(10) == [], "nobody's next one while the first is in hand"
        for waiting in pair:
            handed.append(waiting.provider_id)
            done(database, inbox, waiting)
    assert handed == ["mai0", "lan0", "mai1", "lan1", "mai2", "lan2"]


def test_many_workers_keep_every_persons_order(inbox: Inbox, database: Database) -> None:
    for number in range(60):
        inbox.accept("twilio", f"{number}", f"person {number % 6}", {"person": number % 6})
    handled: list[tuple[int, int]] = []
    busy: set[int] = set()
    lock = threading.Lock()

    def work() -> None:
        while len(handled) < 60:
            for waiting in inbox.claim(3):
                person = waiting.body["person"]
                with lock:
                    assert person not in busy
                    busy.add(person)
                    handled.append((person, int(waiting.provider_id)))
                inbox.renew([waiting])
                with lock:
                    busy.discard(person)
                assert done(database, inbox, waiting)

    with ThreadPoolExecutor(4) as workers:
        for worker in [workers.submit(work) for _ in range(4)]:
            worker.result(30)
    assert len(handled) == 60
    for person in range(6):
        mine = [number for who, number in handled if who == person]
        assert mine == sorted(mine)


def test_a_dead_workers_message_comes_back_and_its_late_word_does_not_count(
    inbox: Inbox, database: Database, clock: Clock
) -> None:
    inbox.accept("twilio", "SM1", MAI, {})
    (dead,) = inbox.claim(1)
    clock.passes(seconds=44)
    assert inbox.claim(1) == []
    clock.passes(seconds=2)
    (alive,) = inbox.claim(1)
    assert (alive.id, alive.attempt) == (dead.id, 2)
    assert not done(database, inbox, dead)
    assert done(database, inbox, alive)


def test_a_lease_is_kept_by_renewing(inbox: Inbox, database: Database, clock: Clock) -> None:
    inbox.accept("twilio", "SM1", MAI, {})
    inbox.accept("twilio", "SM2", LAN, {})
    first, second = inbox.claim(2)
    done(database, inbox, second)
    clock.passes(seconds=30)
    assert inbox.renew([first, second]) == [first]
    assert inbox.renew([]) == ()
    clock.passes(seconds=30)
    assert inbox.claim(1) == []


def test_a_message_that_fails_is_tried_again_and_then_passed_by(
    inbox: Inbox, database: Database, clock: Clock
) -> None:
    inbox.accept("twilio", "poison", MAI, {})
    inbox.accept("twilio", "next", MAI, {})
    for attempt in range(1, 6):
        (waiting,) = inbox.claim(10)
        assert (waiting.provider_id, waiting.attempt) == ("poison", attempt)
        assert inbox.failed(waiting, after=timedelta(seconds=3)) is (attempt == 5)
        if attempt < 5:
            assert inbox.claim(10) == [], "order is kept while there is hope"
            clock.passes(seconds=3)
    (waiting,) = inbox.claim(10)
    assert waiting.provider_id == "next"


def test_a_message_that_kills_its_workers_is_passed_by(inbox: Inbox, clock: Clock) -> None:
    inbox.accept("twilio", "deadly", MAI, {})
    for _ in range(5):
        assert len(inbox.claim(1)) == 1
        clock.passes(minutes=1)
    inbox.accept("twilio", "next", MAI, {})
    assert inbox.claim(1) == []
    assert [waiting.provider_id for waiting in inbox.claim(1)] == ["next"]


def test_a_message_that_does_not_open_stops_nobody(inbox: Inbox, database: Database) -> None:
    inbox.accept("twilio", "moved", MAI, {"text": "of Mai"})
    inbox.accept("twilio", "other", LAN, {"text": "of Lan"})
    with database.begin() as connection:
        body = select(table.c.body).where(table.c.provider_id == "other").scalar_subquery()
        connection.execute(update(table).where(table.c.provider_id == "moved").values(body=body))
    assert [waiting.provider_id for waiting in inbox.claim(10)] == ["other"]
    with database.begin() as connection:
        states = {row.provider_id: row.state for row in connection.execute(select(table))}
    assert states == {"moved": "failed", "other": "new"}


def test_who_accepts_a_message_may_handle_it_at_once(inbox: Inbox, database: Database) -> None:
    accepted = inbox.accept("twilio", "SM1", MAI, {"text": "KQ"}, take=True)
    assert accepted.waiting is not None
    assert accepted.waiting.body == {"text": "KQ"}
    assert inbox.claim(10) == [], "no worker takes it meanwhile"
    behind = inbox.accept("twilio", "SM2", MAI, {}, take=True)
    assert behind.waiting is None, "not before the first one is done"
    assert done(database, inbox, accepted.waiting)
    assert [waiting.id for waiting in inbox.claim(10)] == [behind.id]
