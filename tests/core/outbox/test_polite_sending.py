"""What is asked at the last moment: does the person still want it, is it still true, is it enough?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.message import Address, Channel
from core.outbox.manners import Manners
from core.outbox.outgoing import Lane, Purpose, Status
from core.outbox.ports import Verdict
from core.people.consent import Consent
from core.people.wishes import Topic
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from tests.core.outbox.provider import Clock, Provider, dispatch, dispatcher, row
from tests.core.store.messages import LAN, MAI, begins, message, put

CHAT = Address("telegram", "7")
OUR_OWN = (Purpose.RESULT, Purpose.REMINDER, Purpose.TICKET, Purpose.CAMPAIGN)


@pytest.fixture
def clock() -> Clock:
    """A Wednesday: the 24th of November is a public holiday."""
    clock = Clock()
    clock.at = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    return clock


@pytest.fixture
def people(database: Database, clock: Clock) -> StoredPeople:
    return StoredPeople(database, Vault([("k1", b"1" * 32)], b"s" * 32), clock)


@pytest.fixture
def polite(database: Database, clock: Clock) -> Outbox:
    """An outbox that knows the hours."""
    vault = Vault([("k1", b"1" * 32)], b"s" * 32)
    return Outbox(database, vault, clock, decent=Manners().decent)


@pytest.mark.parametrize("purpose", OUR_OWN)
def test_who_said_stop_after_it_was_queued_does_not_get_it(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople, purpose: Purpose
) -> None:
    kannel = Provider("kannel")
    put(database, outbox, message("a", purpose=purpose))
    people.refuse(people.find(MAI).id)
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert kannel.keys == []
    kept = row(database, "a")
    assert (kept.status, kept.words) == ("stopped", "the person wants no such messages")
    assert kept.settled_at is not None


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.CODE])
def test_what_they_asked_for_they_get_all_the_same(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople, purpose: Purpose
) -> None:
    kannel = Provider("kannel")
    people.refuse(people.find(MAI).id)
    put(database, outbox, message("a", purpose=purpose))
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert kannel.keys == ["a"]


def test_stop_in_a_chat_holds_for_the_phone_that_was_proven_there(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople
) -> None:
    kannel = Provider("kannel")
    person = people.prove(CHAT, MAI.value)
    people.refuse(person.id)
    put(database, outbox, message("a"), message("b", LAN))
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert kannel.keys == ["b"], "found by the number, though it never wrote to us"


def test_a_chat_that_blocked_us_is_not_written_to(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople
) -> None:
    telegram = Provider("telegram", ("telegram", Channel.CHAT))
    person = people.prove(CHAT, MAI.value)
    people.block(CHAT)
    put(database, outbox, message("a", CHAT, channel=Channel.CHAT, person_id=person.id))
    dispatch(outbox, dispatcher(outbox, clock, telegram))
    assert telegram.keys == []


def test_start_again_lets_messages_through(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople
) -> None:
    kannel = Provider("kannel")
    person = people.find(MAI)
    people.refuse(person.id)
    people.welcome(person.id)
    put(database, outbox, message("a", person_id=person.id))
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert kannel.keys == ["a"]


def test_who_stopped_reminders_still_gets_results_and_answers(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople
) -> None:
    kannel = Provider("kannel")
    people.refuse(people.find(MAI).id, Topic.REMINDER)
    put(database, outbox, *(message(str(one), purpose=one) for one in Purpose))
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    reminders = {Purpose.REMINDER, Purpose.CHECKIN}
    assert sorted(kannel.keys) == sorted(str(one) for one in set(Purpose) - reminders)


def test_a_purpose_may_need_a_consent_that_still_holds(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople
) -> None:
    kannel = Provider("kannel")
    manners = Manners(consents={Purpose.CAMPAIGN: "news"})
    one = dispatcher(outbox, clock, kannel, manners=manners)
    person = people.find(MAI)
    campaigns = [message(f"c{n}", purpose=Purpose.CAMPAIGN, lane=Lane.BULK) for n in range(3)]
    put(database, outbox, campaigns[0])
    dispatch(outbox, one)
    assert kannel.keys == []
    people.agree(person.id, Consent("news", "Tôi muốn nhận tin", "vi", Channel.SMS))
    put(database, outbox, campaigns[1], message("plain"))
    dispatch(outbox, one)
    assert sorted(kannel.keys) == ["c1", "plain"]
    people.unlink(person.id)
    put(database, outbox, campaigns[2])
    dispatch(outbox, one)
    assert sorted(kannel.keys) == ["c1", "plain"]


# Enough is enough


def test_three_a_day_and_the_fourth_tomorrow(
    database: Database, polite: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel")
    one = dispatcher(polite, clock, kannel)
    put(
        database,
        polite,
        *(message(f"r{n}", purpose=Purpose.REMINDER) for n in range(5)),
        message("result"),
        message("code", purpose=Purpose.CODE),
        message("lan", LAN, purpose=Purpose.REMINDER),
    )
    dispatch(polite, one)
    assert sorted(kannel.keys) == ["code", "lan", "r0", "r1", "r2", "result"]
    kept = row(database, "r3")
    assert (kept.status, kept.words, kept.attempts) == ("queued", "enough for today", 0)
    assert kept.not_before == datetime(2026, 11, 26, 1, 0, tzinfo=UTC), "08:00 in Viet Nam"
    clock.at = kept.not_before
    dispatch(polite, one)
    assert sorted(kannel.keys)[-1] == "result"
    assert {"r3", "r4"} <= set(kannel.keys)


def test_a_fourth_that_is_of_no_use_tomorrow_expires(
    database: Database, polite: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel")
    tonight = clock.at + timedelta(hours=8)
    put(
        database,
        polite,
        *(message(f"r{n}", purpose=Purpose.REMINDER, useless_after=tonight) for n in range(4)),
    )
    dispatch(polite, dispatcher(polite, clock, kannel))
    assert (len(kannel.got), row(database, "r3").status) == (3, "expired")


def test_one_person_is_one_person_on_every_network(
    database: Database, outbox: Outbox, clock: Clock, people: StoredPeople
) -> None:
    kannel, telegram = Provider("kannel"), Provider("telegram", ("telegram", Channel.CHAT))
    people.prove(CHAT, MAI.value)
    put(
        database,
        outbox,
        *(message(f"s{n}", purpose=Purpose.REMINDER) for n in range(2)),
        *(message(f"t{n}", CHAT, channel=Channel.CHAT, purpose=Purpose.REMINDER) for n in range(2)),
    )
    dispatch(outbox, dispatcher(outbox, clock, kannel, telegram))
    assert len(kannel.got) + len(telegram.got) == 3


def test_the_same_message_tried_again_counts_once(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    put(database, outbox, message("a", purpose=Purpose.REMINDER))
    daily = Manners(most_a_day=1).daily(Purpose.REMINDER, clock.at)
    for _ in range(3):
        (claimed,) = outbox.claim(1)
        assert begins(outbox, claimed, daily=daily) is Verdict.GO
        outbox.later(claimed, clock.at, "HTTP 500", counted=True, unsure=True)
    put(database, outbox, message("b", purpose=Purpose.REMINDER))
    verdicts = {one.outgoing.key: begins(outbox, one, daily=daily) for one in outbox.claim(2)}
    assert verdicts == {"a": Verdict.GO, "b": Verdict.ENOUGH}


def test_workers_that_begin_at_the_same_moment_count_together(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    put(database, outbox, *(message(f"r{n}", purpose=Purpose.REMINDER) for n in range(12)))
    daily = Manners().daily(Purpose.REMINDER, clock.at)
    claimed = outbox.claim(12)
    with ThreadPoolExecutor(6) as workers:
        verdicts = list(workers.map(lambda one: begins(outbox, one, daily=daily), claimed))
    assert verdicts.count(Verdict.GO) == 3


# Decent hours


def night(clock: Clock) -> None:
    clock.at = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # 22:00 in Viet Nam


def test_at_night_a_reminder_waits_for_the_morning_and_a_result_does_not(
    database: Database, polite: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel")
    night(clock)
    put(database, polite, message("r", purpose=Purpose.REMINDER), message("result"))
    one = dispatcher(polite, clock, kannel)
    assert dispatch(polite, one) == 1, "it is not even claimed"
    clock.at += timedelta(hours=10)
    dispatch(polite, one)
    assert kannel.keys == ["result", "r"]


def test_one_that_comes_to_be_tried_at_night_waits_too(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel")
    night(clock)
    put(database, outbox, message("r", purpose=Purpose.REMINDER))
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    kept = row(database, "r")
    assert (kannel.keys, kept.status, kept.attempts) == ([], "queued", 0)
    assert kept.not_before == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_waiting_politely_is_not_held_against_a_message(
    database: Database, polite: Outbox, clock: Clock
) -> None:
    """Tết is longer than our patience with providers."""
    kannel = Provider("kannel")
    clock.at = datetime(2026, 2, 15, 15, 0, tzinfo=UTC)
    put(database, polite, message("r", purpose=Purpose.REMINDER))
    clock.at = row(database, "r").not_before
    assert clock.at == datetime(2026, 2, 21, 1, 0, tzinfo=UTC)
    one = dispatcher(polite, clock, kannel)
    one._doors.close("kannel", 20)
    dispatch(polite, one)
    assert row(database, "r").status == "queued"


def test_what_no_decent_hour_can_save_expires(
    database: Database, polite: Outbox, clock: Clock
) -> None:
    night(clock)
    soon = clock.at + timedelta(hours=2)
    put(database, polite, message("r", purpose=Purpose.REMINDER, useless_after=soon))
    assert polite.claim(1) == []
    clock.at = soon
    assert Upkeep(database, clock).expire() == 1
    assert polite.status(message("r").id) is Status.EXPIRED


# Newer and older


def test_a_newer_message_stops_the_older_ones_that_wait(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    put(
        database,
        outbox,
        message("old", about="result:7"),
        message("other", about="result:8"),
        message("plain"),
        message("new", about="result:7"),
        message("new", about="result:8"),  # known: it stops nobody
    )
    kannel = Provider("kannel")
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert sorted(kannel.keys) == ["new", "other", "plain"]
    assert (row(database, "old").status, row(database, "old").words) == (
        "stopped",
        "a newer message says it better",
    )


def test_without_its_cause_a_newer_one_stops_nobody(database: Database, outbox: Outbox) -> None:
    put(database, outbox, message("old", about="x"))
    with database.begin() as connection:
        outbox.put(connection, message("new", about="x"))
        connection.rollback()
    assert outbox.status(message("old").id) is Status.QUEUED


def test_two_that_come_at_the_same_moment_leave_one(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    def comes(number: int) -> None:
        put(database, outbox, message(f"m{number}", about="x"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(comes, range(24)))
    assert len(outbox.claim(100)) == 1


@pytest.mark.parametrize("how", ["later", "begin", "dead"])
def test_one_in_hand_when_the_newer_comes_is_not_sent_late(
    database: Database, outbox: Outbox, clock: Clock, how: str
) -> None:
    put(database, outbox, message("old", about="x"))
    (old,) = outbox.claim(1)
    put(database, outbox, message("new", about="x", not_before=clock.at + timedelta(days=1)))
    kannel = Provider("kannel")
    ways: dict[str, Callable[[], object]] = {
        "later": lambda: outbox.later(old, clock.at, "HTTP 500", counted=True),
        "begin": lambda: dispatcher(outbox, clock, kannel).carry(old),
        "dead": lambda: None,
    }
    ways[how]()
    clock.at += outbox.lease
    dispatch(outbox, dispatcher(outbox, clock, kannel))
    assert kannel.keys == []
    assert outbox.status(old.outgoing.id) is Status.STOPPED


def test_what_it_is_about_is_kept_blind(database: Database, outbox: Outbox) -> None:
    put(database, outbox, message("a", about="result:0912345678"))
    kept = row(database, "a")
    assert len(kept.about_index) == 16
    assert b"0912345678" not in kept.about_index
