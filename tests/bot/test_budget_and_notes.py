"""What all workers share: how much may be sent, and what is remembered between messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from bot.notes import MOST, OwnNotes, RedisNotes
from bot.ports import Notes
from core.outbox.budget import Budget, OwnBudget, Rate, read_rates
from core.outbox.outgoing import Lane
from core.store.budget import RedisBudget

MakeBudget = Callable[[Rate, Rate], Budget]


@pytest.fixture
def client(clean_redis: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(clean_redis) as connected:
        yield connected


@pytest.fixture(params=["own", "redis"])
def budget_of(request: pytest.FixtureRequest) -> MakeBudget:
    if request.param == "own":
        return OwnBudget
    connected: redis.Redis = request.getfixturevalue("client")
    return lambda overall, one_chat: RedisBudget(connected, "telegram", overall, one_chat)


@pytest.fixture(params=["own", "redis"])
def notes(request: pytest.FixtureRequest) -> Notes:
    if request.param == "own":
        return OwnNotes()
    return RedisNotes(request.getfixturevalue("client"))


WIDE = Rate(1000.0, 1000)


def test_one_chat_gets_a_burst_and_then_waits(budget_of: MakeBudget) -> None:
    budget = budget_of(WIDE, Rate(0.1, 3))
    assert [budget.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert budget.take("a") == pytest.approx(10.0, abs=1.0)
    assert budget.take("b") == 0.0


def test_all_chats_share_what_the_bot_may_send(budget_of: MakeBudget) -> None:
    budget = budget_of(Rate(0.1, 2), Rate(1, 5))
    assert [budget.take(chat) for chat in "ab"] == [0.0, 0.0]
    assert budget.take("c") == pytest.approx(10.0, abs=1.0)


def test_who_has_to_wait_uses_nothing_up(budget_of: MakeBudget) -> None:
    budget = budget_of(Rate(0.1, 2), Rate(0.1, 1))
    assert budget.take("a") == 0.0
    for _ in range(5):
        assert budget.take("a") > 0
    assert budget.take("b") == 0.0


def test_a_pause_holds_for_its_chat_alone(budget_of: MakeBudget) -> None:
    budget = budget_of(WIDE, Rate(1, 3))
    budget.pause("a", 7)
    assert budget.take("a") == pytest.approx(7.0, abs=0.5)
    budget.pause("a", 2)
    assert budget.take("a") > 5
    assert budget.take("b") == 0.0


def test_the_bucket_fills_again(budget_of: MakeBudget) -> None:
    budget = budget_of(WIDE, Rate(2.0, 1))
    assert budget.take("a") == 0.0
    wait = budget.take("a")
    assert 0 < wait <= 0.5
    time.sleep(wait + 0.005)
    assert budget.take("a") == 0.0


def test_two_workers_share_one_budget(client: redis.Redis) -> None:
    budgets = [RedisBudget(client, "telegram", Rate(0.1, 10), WIDE) for _ in range(2)]
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda n: budgets[n % 2].take(str(n)), range(40)))
    assert waits.count(0.0) == 10


def test_redis_forgets_full_buckets(client: redis.Redis) -> None:
    RedisBudget(client, "telegram", Rate(30, 30), Rate(1, 3)).take("a")
    assert all(0 < client.pttl(key) <= 2000 for key in client.keys("*"))


def test_a_short_wait_keeps_its_place(budget_of: MakeBudget) -> None:
    budget = budget_of(Rate(0.5, 1), WIDE)
    waits = [budget.take("a", patience=5.0) for _ in range(4)]
    assert waits == [pytest.approx(wait, abs=0.3) for wait in (0.0, 2.0, 4.0, 6.0)]
    assert budget.take("a", patience=5.0) == pytest.approx(6.0, abs=0.5), "that one kept none"


def test_what_is_not_urgent_leaves_room(budget_of: MakeBudget) -> None:
    budget = budget_of(Rate(0.1, 8), WIDE)
    bulk = [budget.take(lane=Lane.BULK) for _ in range(6)]
    assert bulk.count(0.0) == 4
    assert [budget.take(lane=Lane.NORMAL) for _ in range(3)].count(0.0) == 2
    assert [budget.take(lane=Lane.URGENT) for _ in range(3)].count(0.0) == 2


def test_while_redis_is_away_each_worker_counts_for_itself() -> None:
    nobody = redis.Redis(port=9, socket_connect_timeout=0.2)
    budget = RedisBudget(nobody, "kannel", Rate(0.1, 2))
    assert [budget.take() for _ in range(3)].count(0.0) == 2
    budget.pause("", 60)
    assert budget.take() > 50


@pytest.mark.parametrize(
    "written", ["kannel", "kannel 5", "kannel 0/s", "kannel 5/s 0", "5/s", "Kannel 5/s"]
)
def test_rates_that_make_no_sense_are_refused(written: str) -> None:
    with pytest.raises(ValueError):
        read_rates(written)


def test_rates_are_read_as_an_operator_writes_them() -> None:
    assert read_rates("kannel 50/s, twilio 0.5/s 5,") == {
        "kannel": Rate(50.0, 50),
        "twilio": Rate(0.5, 5),
    }
    assert read_rates("twilio 0.5/s") == {"twilio": Rate(0.5, 1)}


def test_notes_are_kept_changed_and_forgotten(notes: Notes) -> None:
    assert notes.get("k") is None
    notes.put("k", "một", 60)
    notes.put("k", "hai", 60)
    assert notes.get("k") == "hai"
    notes.forget("k")
    assert notes.get("k") is None


def test_only_the_first_is_the_first(notes: Notes) -> None:
    assert [notes.first("g", 60) for _ in range(3)] == [True, False, False]


def test_own_notes_run_out_and_do_not_pile_up() -> None:
    now = [0.0]
    notes = OwnNotes(tick=lambda: now[0])
    notes.put("k", "v", 60)
    now[0] = 61
    assert notes.get("k") is None
    assert notes.first("k", 60)
    for number in range(MOST + 5):
        notes.put(str(number), "v", 60)
    assert notes.get("0") is None
    assert notes.get(str(MOST + 4)) == "v"
