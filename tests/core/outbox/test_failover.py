"""One timeline: when a provider does not take a message the next one does, or the other address."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.errors import SendLater, SendNever
from core.message import Address, Channel
from core.outbox.budget import OwnBudget, Rate
from core.outbox.doors import Doors, ErrorBudget
from core.outbox.outgoing import Lane, Outgoing, Purpose, Receipt, Status
from core.outbox.ports import Sent
from core.outbox.routes import Routes
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import attempt
from tests.core.outbox.provider import Clock, Provider, dispatch, dispatcher, row
from tests.core.store.messages import LAN, MAI, message, put


def tries(database: Database, outgoing: Outgoing) -> list[tuple[str, str]]:
    """Provider and outcome of each attempt, in their order."""
    with database.begin() as connection:
        rows = connection.execute(
            select(attempt)
            .where(attempt.c.outgoing_id == outgoing.id)
            .order_by(attempt.c.claim, attempt.c.number)
        ).all()
    return [(one.provider, one.outcome) for one in rows]


def test_what_one_did_not_take_the_next_one_gets_at_once(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel"), Provider("esms")
    kannel.refuses(SendLater("HTTP 500"))
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, kannel, esms))
    assert (kannel.keys, esms.keys) == (["a"], ["a"])
    assert row(database, "a").status == "sent"
    assert tries(database, message("a")) == [("kannel", "later"), ("esms", "sent")]


def test_one_that_does_not_carry_this_message_is_not_to_blame(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel"), Provider("esms")
    kannel.refuses(SendLater("21408", elsewhere=True))
    doors = Doors(clock, budget=ErrorBudget(least=2))
    one = dispatcher(outbox, clock, kannel, esms, doors=doors)
    for number in range(6):
        put(database, outbox, message(f"m{number}", Address("phone", f"+8491234567{number}")))
    dispatch(outbox, one)
    assert len(kannel.got) == len(esms.got) == 6


def test_one_in_trouble_is_not_asked_any_more_and_takes_over_again_when_it_is_well(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel"), Provider("esms")
    budget = ErrorBudget(least=3, pause=10, trials=2, back_after=4)
    one = dispatcher(outbox, clock, kannel, esms, doors=Doors(clock, budget=budget))

    def sends(count: int) -> tuple[int, int]:
        kannel.got, esms.got = [], []
        start = sends.__dict__.setdefault("n", 0)
        sends.__dict__["n"] += count
        put(
            database,
            outbox,
            *(message(f"m{n}", Address("phone", f"{n}")) for n in range(start, start + count)),
        )
        assert dispatch(outbox, one) == count
        return len(kannel.got), len(esms.got)

    assert sends(5) == (5, 0)
    kannel.refuses(SendLater("HTTP 500"))
    assert sends(20) == (5, 20), "until as many failed as went well"
    assert sends(5) == (0, 5)
    clock.at += timedelta(seconds=10)
    assert sends(5) == (1, 5), "one is tried, and fails"
    kannel.answer = lambda _: Sent()
    clock.at += timedelta(seconds=20)
    assert sends(3) == (3, 0), "each that goes well lets another one through"
    assert sends(10) == (10, 0)


def test_the_route_and_its_price_are_kept_with_the_message(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, kannel = Provider("twilio"), Provider("kannel")
    kannel.answer = lambda _: Sent("k1", 2)
    routes = Routes.read("VN -> kannel 300.5, twilio 900")
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, twilio, kannel, routes=routes))
    kept = row(database, "a")
    assert (kept.provider, kept.segments, kept.cost) == ("kannel", 2, Decimal(601))
    with database.begin() as connection:
        tried = connection.execute(select(attempt)).one()
    assert (tried.outcome, tried.segments, tried.cost) == ("sent", 2, Decimal(601))
    assert tried.ended_at is not None


def test_what_was_not_taken_costs_nothing(database: Database, outbox: Outbox, clock: Clock) -> None:
    kannel, esms = Provider("kannel"), Provider("esms")
    kannel.refuses(SendLater("HTTP 500"))
    put(database, outbox, message("a"))
    routes = Routes.read("VN -> kannel 300, esms 350")
    dispatch(outbox, dispatcher(outbox, clock, kannel, esms, routes=routes))
    assert row(database, "a").cost == Decimal(350)


def test_a_late_failure_of_one_says_nothing_about_the_other_who_carries_it_by_now(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, esms = Provider("kannel"), Provider("esms")
    kannel.refuses(SendLater("HTTP 500"))
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, kannel, esms))
    ours = message("a").id
    assert not outbox.settle(Receipt("kannel", ours, Status.FAILED, outgoing_id=ours))
    assert outbox.status(ours) is Status.SENT
    assert outbox.settle(Receipt("esms", "ref-a", Status.DELIVERED))


# Another address


def other_way(outgoing: Outgoing) -> Outgoing | None:
    if outgoing.channel is not Channel.CHAT:
        return None
    return replace(outgoing, address=MAI, channel=Channel.SMS)


def chat(key: str = "a", **more: Any) -> Outgoing:
    return message(key, Address("telegram", "7"), channel=Channel.CHAT, **more)


def test_a_chat_that_is_blocked_is_followed_by_a_text_on_the_same_timeline(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    telegram, kannel = Provider("telegram", ("telegram", Channel.CHAT)), Provider("kannel")
    telegram.refuses(SendNever("blocked by the user", opted_out=True))
    left: list[Outgoing] = []
    one = dispatcher(outbox, clock, telegram, kannel, other_way=other_way, opted_out=left.append)
    put(database, outbox, chat())
    assert (dispatch(outbox, one), dispatch(outbox, one)) == (1, 1)
    assert [text.address for text in kannel.got] == [MAI]
    assert [gone.address.network for gone in left] == ["telegram"]
    kept = row(database, "a")
    assert (kept.status, kept.network, kept.channel) == ("sent", "phone", "sms")
    assert tries(database, chat()) == [("telegram", "never"), ("kannel", "sent")]


def test_a_chat_network_in_trouble_is_waited_for_a_little_then_a_text_goes(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    telegram, kannel = Provider("telegram", ("telegram", Channel.CHAT)), Provider("kannel")
    telegram.refuses(SendLater("NetworkError"))
    one = dispatcher(outbox, clock, telegram, kannel, other_way=other_way)
    put(database, outbox, chat())
    for _ in range(3):
        dispatch(outbox, one)
        assert kannel.got == []
        clock.at += timedelta(seconds=60)
    dispatch(outbox, one)
    assert kannel.keys == ["a"]


def test_a_chat_network_that_asks_for_a_long_wait_is_not_waited_for(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    telegram, kannel = Provider("telegram", ("telegram", Channel.CHAT)), Provider("kannel")
    telegram.refuses(SendLater("429", after=300))
    one = dispatcher(outbox, clock, telegram, kannel, other_way=other_way)
    put(database, outbox, chat())
    dispatch(outbox, one)
    dispatch(outbox, one)
    assert kannel.keys == ["a"]


def test_without_another_address_it_stays_on_its_way(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    telegram = Provider("telegram", ("telegram", Channel.CHAT))
    telegram.refuses(SendNever("chat not found"))
    put(database, outbox, chat())
    dispatch(outbox, dispatcher(outbox, clock, telegram, other_way=lambda _: None))
    assert row(database, "a").status == "failed"


# Rates


def test_our_own_rate_is_kept_short_waits_in_hand_and_long_ones_in_the_queue(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, naps = Provider("kannel"), list[float]()
    budgets = {"kannel": OwnBudget(Rate(2.0, 1), tick=lambda: 0.0)}
    one = dispatcher(outbox, clock, kannel, budgets=budgets)
    object.__setattr__(one._how, "sleep", naps.append)
    put(database, outbox, *(message(f"m{n}", Address("phone", f"{n}")) for n in range(5)))
    dispatch(outbox, one)
    assert naps == [0.5, 1.0]
    assert len(kannel.got) == 3
    waiting = [row(database, f"m{n}") for n in (3, 4)]
    assert {(one.status, one.attempts, one.words) for one in waiting} == {
        ("queued", 0, "our own rate")
    }


def test_who_is_not_in_a_hurry_waits_for_the_better_way_and_leaves_room_for_who_is(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel, twilio = Provider("kannel"), Provider("twilio")
    budgets = {"kannel": OwnBudget(Rate(0.1, 10), tick=lambda: 0.0)}
    one = dispatcher(outbox, clock, kannel, twilio, budgets=budgets)
    bulk = [message(f"b{n}", Address("phone", f"{n}"), lane=Lane.BULK) for n in range(10)]
    put(database, outbox, *bulk)
    dispatch(outbox, one)
    assert (len(kannel.got), len(twilio.got)) == (5, 0)
    urgent = [message(f"u{n}", Address("phone", f"9{n}"), lane=Lane.URGENT) for n in range(7)]
    put(database, outbox, *urgent)
    dispatch(outbox, one)
    assert (len(kannel.got), len(twilio.got)) == (10, 2), (
        "what is urgent takes any way that is open"
    )


def test_where_everything_must_wait_nothing_more_is_claimed(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    kannel = Provider("kannel")
    kannel.refuses(SendLater("429", after=30))
    one = dispatcher(outbox, clock, kannel)
    put(database, outbox, *(message(f"m{n}", Address("phone", f"{n}")) for n in range(50)))
    hands = one.hands(count=2, lease=outbox.lease)
    for _ in range(20):
        hands.step()
        hands.wait_for_room(5)
    assert hands.stop(10)
    with database.begin() as connection:
        touched = connection.exec_driver_sql("SELECT count(*) FROM outgoing WHERE claims > 0")
        assert touched.scalar_one() <= 8
    assert row(database, "m0").status == "queued"


def test_a_purpose_that_is_urgent_has_hands_of_its_own(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    put(
        database,
        outbox,
        message("slow"),
        message("code", LAN, purpose=Purpose.CODE, lane=Lane.URGENT),
    )
    runners = dispatcher(outbox, clock, kannel := Provider("kannel")).hands(
        count=2, lease=outbox.lease, lanes=(Lane.URGENT,)
    )
    assert runners.step() == 1
    assert runners.stop(10)
    assert kannel.keys == ["code"]
