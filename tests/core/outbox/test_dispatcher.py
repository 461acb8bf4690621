"""What goes out reaches its provider once, whatever providers, workers and the store do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.errors import SendLater, SendNever
from core.message import Address, Channel, Network
from core.outbox.dispatcher import Dispatcher
from core.outbox.outgoing import Lane, Outgoing, Status
from core.outbox.ports import Sent
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import outgoing
from core.store.vault import Vault
from tests.core.store.messages import LAN, MAI, message, put


class Clock:
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Provider:
    """Remembers what it was given, and answers as the test wants."""

    def __init__(
        self, name: str = "twilio", serves: tuple[Network, Channel] = ("phone", Channel.SMS)
    ) -> None:
        self.provider = name
        self.serves: Collection[tuple[Network, Channel]] = {serves}
        self.got: list[Outgoing] = []
        self.answer: Callable[[Outgoing], Sent] = lambda one: Sent(f"ref-{one.key}", 1)
        self._lock = threading.Lock()

    def send(self, one: Outgoing) -> Sent:
        with self._lock:
            self.got.append(one)
        return self.answer(one)

    def refuses(self, error: Exception) -> None:
        def answer(_: Outgoing) -> Sent:
            raise error

        self.answer = answer

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.got]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(fresh_database_url: str) -> Iterator[Database]:
    database = Database(fresh_database_url)
    yield database
    database.close()


@pytest.fixture
def outbox(database: Database, clock: Clock) -> Outbox:
    return Outbox(database, Vault([("k1", b"1" * 32)], b"s" * 32), clock)


def dispatcher(outbox: Outbox, clock: Clock, *senders: Provider, **more: Any) -> Dispatcher:
    return Dispatcher(outbox, senders, clock, jitter=lambda: 1.0, sleep=lambda _: None, **more)


def dispatch(outbox: Outbox, one: Dispatcher) -> int:
    claimed = outbox.claim(100)
    for each in claimed:
        one.carry(each)
    return len(claimed)


def row(database: Database, key: str) -> Any:
    with database.begin() as connection:
        return connection.execute(select(outgoing).where(outgoing.c.key == key)).one()


def test_a_message_is_sent_and_marked(database: Database, outbox: Outbox, clock: Clock) -> None:
    twilio = Provider()
    put(database, outbox, message("a"))
    assert dispatch(outbox, dispatcher(outbox, clock, twilio)) == 1
    kept = row(database, "a")
    assert twilio.keys == ["a"]
    assert (kept.status, kept.provider, kept.provider_ref, kept.segments) == (
        "sent",
        "twilio",
        "ref-a",
        1,
    )
    assert dispatch(outbox, dispatcher(outbox, clock, twilio)) == 0


def test_each_message_goes_to_a_provider_that_serves_it(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, telegram = Provider(), Provider("telegram", ("telegram", Channel.CHAT))
    chat = message("chat", Address("telegram", "7"), channel=Channel.CHAT)
    zalo = message("zalo", Address("zalo", "7"), channel=Channel.CHAT)
    put(database, outbox, message("sms"), chat, zalo)
    dispatch(outbox, dispatcher(outbox, clock, twilio, telegram))
    assert (twilio.keys, telegram.keys) == (["sms"], ["chat"])
    assert row(database, "zalo").status == "failed"
    assert row(database, "zalo").words == "no provider for zalo, chat"


def test_a_provider_in_trouble_is_tried_again_less_and_less_often(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(SendLater("30001 queue overflow"))
    put(database, outbox, message("a"))
    waits = []
    for _ in range(10):
        assert dispatch(outbox, dispatcher(outbox, clock, twilio)) == 1
        kept = row(database, "a")
        if kept.status == "queued":
            waits.append((kept.not_before - clock.at).total_seconds())
            clock.at = kept.not_before
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert (kept.status, kept.words, kept.provider) == ("failed", "30001 queue overflow", "twilio")


def test_a_429_is_honoured_and_counts_as_no_attempt(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(SendLater("429", after=30))
    put(database, outbox, message("a"), message("b", LAN))
    one = dispatcher(outbox, clock, twilio)
    dispatch(outbox, one)
    assert twilio.keys == ["a"], "asked to wait, it is not asked again for the next message"
    for key in "ab":
        kept = row(database, key)
        assert (kept.status, kept.attempts) == ("queued", 0)
        assert kept.not_before == clock.at + timedelta(seconds=30)
    clock.at += timedelta(seconds=29)
    assert dispatch(outbox, one) == 0
    clock.at += timedelta(seconds=1)
    twilio.answer = lambda _: Sent()
    assert dispatch(outbox, one) == 2
    assert sorted(twilio.keys) == ["a", "a", "b"]


def test_while_one_provider_waits_the_next_one_sends(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, esms = Provider(), Provider("esms")
    twilio.refuses(SendLater("429", after=30))
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, twilio, esms))
    assert (twilio.keys, esms.keys) == (["a"], ["a"])
    assert row(database, "a").provider == "esms"


def test_after_a_failed_attempt_the_next_provider_is_tried(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, esms = Provider(), Provider("esms")
    twilio.refuses(SendLater("timed out"))
    put(database, outbox, message("a"))
    one = dispatcher(outbox, clock, twilio, esms)
    dispatch(outbox, one)
    assert esms.keys == [], "the first may have taken it: not at once"
    clock.at += timedelta(seconds=5)
    dispatch(outbox, one)
    assert (twilio.keys, esms.keys) == (["a"], ["a"])


def test_put_off_for_days_a_message_is_given_up(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(SendLater("429", after=3600))
    put(database, outbox, message("a"))
    one = dispatcher(outbox, clock, twilio)
    for _ in range(50):
        dispatch(outbox, one)
        clock.at += timedelta(hours=1)
    assert row(database, "a").status == "failed"
    assert 45 < len(twilio.got) < 50


def test_a_message_that_will_never_arrive_is_failed_in_the_providers_words(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    left: list[Outgoing] = []
    one = dispatcher(outbox, clock, twilio, opted_out=left.append)
    twilio.refuses(SendNever("21211 invalid number"))
    put(database, outbox, message("a"))
    dispatch(outbox, one)
    twilio.refuses(SendNever("21610 opted out", opted_out=True))
    put(database, outbox, message("b", LAN))
    dispatch(outbox, one)
    assert (row(database, "a").status, row(database, "a").words) == (
        "failed",
        "21211 invalid number",
    )
    assert row(database, "b").words == "21610 opted out"
    assert [gone.address for gone in left] == [LAN]


def test_what_came_too_late_is_not_sent(database: Database, outbox: Outbox, clock: Clock) -> None:
    twilio = Provider()
    put(database, outbox, message("a", useless_after=clock.at + timedelta(minutes=1)))
    clock.at += timedelta(minutes=1)
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    assert twilio.keys == []
    assert outbox.status(message("a").id) is Status.EXPIRED


def test_a_mistake_in_one_providers_code_is_a_failed_attempt(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(KeyError("+84912345678"))
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    kept = row(database, "a")
    assert (kept.status, kept.attempts) == ("queued", 1)
    assert kept.words == "our own mistake (KeyError)"


def test_a_crash_between_sending_and_marking_sends_again_under_the_same_id(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    put(database, outbox, message("a"))
    (claimed,) = outbox.claim(1)
    twilio.send(claimed.outgoing)  # … and here the worker died.
    one = dispatcher(outbox, clock, twilio)
    assert dispatch(outbox, one) == 0
    clock.at += outbox.lease
    assert dispatch(outbox, one) == 1
    assert [sent.id for sent in twilio.got] == [claimed.outgoing.id] * 2
    assert outbox.status(claimed.outgoing.id) is Status.SENT


def test_a_message_whose_workers_always_die_is_given_up(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    put(database, outbox, message("deadly"))
    for _ in range(10):
        assert len(outbox.claim(1)) == 1
        clock.at += outbox.lease
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    assert twilio.keys == []
    assert row(database, "deadly").words == "given up after 10 attempts"


def test_a_store_that_is_away_for_a_moment_costs_no_second_copy(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, failures = Provider(), [ConnectionError(), ConnectionError()]

    class Shaky(Outbox):
        def sent(self, *what: Any) -> None:
            if failures:
                raise failures.pop()
            super().sent(*what)

    shaky = Shaky(database, Vault([("k1", b"1" * 32)], b"s" * 32), clock)
    put(database, shaky, message("a"))
    dispatch(shaky, dispatcher(shaky, clock, twilio))
    assert twilio.keys == ["a"]
    assert shaky.status(message("a").id) is Status.SENT


def test_two_dispatchers_never_send_one_message_twice(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    put(database, outbox, *(message(f"m{n}", Address("phone", f"{n}")) for n in range(120)))
    hands = [dispatcher(outbox, clock, twilio).hands(count=4, lease=outbox.lease) for _ in range(2)]

    def work(one: Any) -> None:
        while one.step() or len(twilio.got) < 120:
            one.wait_for_room(1.0)

    threads = [threading.Thread(target=work, args=(one,)) for one in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(one.stop(10) for one in hands)
    assert sorted(twilio.keys) == sorted(f"m{n}" for n in range(120))
    with database.begin() as connection:
        statuses = connection.scalars(select(outgoing.c.status)).all()
    assert set(statuses) == {"sent"}


def test_one_persons_urgent_messages_arrive_in_order(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()

    def slow(one: Outgoing) -> Sent:
        time.sleep(0.01 if one.key.endswith("0") else 0)
        return Sent()

    twilio.answer = slow
    for number in range(10):
        for to in (MAI, LAN):
            put(database, outbox, message(f"{to.value}-{number}", to, lane=Lane.URGENT))
    hands = dispatcher(outbox, clock, twilio).hands(count=4, lease=outbox.lease)
    until = time.monotonic() + 20
    while len(twilio.got) < 20 and time.monotonic() < until:
        hands.step()
        time.sleep(0.002)
    assert hands.stop(10)
    for to in (MAI, LAN):
        mine = [one.key for one in twilio.got if one.address == to]
        assert mine == [f"{to.value}-{number}" for number in range(10)]


def test_a_slow_send_keeps_its_lease(database: Database, outbox: Outbox, clock: Clock) -> None:
    twilio, finish = Provider(), threading.Event()

    def slow(_: Outgoing) -> Sent:
        finish.wait(20)
        return Sent("ref")

    twilio.answer = slow
    put(database, outbox, message("a"))
    ticks = [0.0]
    hands = dispatcher(outbox, clock, twilio).hands(count=1, lease=outbox.lease)
    hands._tick = lambda: ticks[0]
    hands._renewed = 0.0
    assert hands.step() == 1
    for _ in range(5):
        ticks[0] += 20
        clock.at += timedelta(seconds=20)
        hands.step()
        assert outbox.claim(1) == [], "nobody else gets it"
    finish.set()
    hands._tick = time.monotonic
    assert hands.stop(10)
    assert twilio.keys == ["a"]


def test_what_was_lost_before_it_was_begun_is_not_sent(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, finish = Provider(), threading.Event()

    def slow(_: Outgoing) -> Sent:
        finish.wait(20)
        return Sent()

    twilio.answer = slow
    put(database, outbox, message("first"), message("second", LAN))
    ticks = [0.0]
    hands = dispatcher(outbox, clock, twilio).hands(count=1, lease=outbox.lease)
    hands._tick = lambda: ticks[0]
    hands._renewed = 0.0
    assert hands.step() == 2
    with database.begin() as connection:
        connection.execute(update(outgoing).where(outgoing.c.key == "second").values(claims=99))
    ticks[0] += 20
    hands.step()
    finish.set()
    hands._tick = time.monotonic
    assert hands.stop(10)
    assert twilio.keys == ["first"]
