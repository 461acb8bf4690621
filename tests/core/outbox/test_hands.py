"""Many hands: nothing twice, everybody in order, and no lease lost while somebody works."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from core.message import Address
from core.outbox.outgoing import Lane, Outgoing
from core.outbox.ports import Sent
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import outgoing
from tests.core.outbox.provider import Clock, Provider, dispatcher
from tests.core.store.messages import LAN, MAI, message, put


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
