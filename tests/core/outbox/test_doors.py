"""A provider in trouble is left alone, tried again with a few, and let back in when it has proven itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis

from core.outbox.doors import Door, Doorkeeper, Doors, ErrorBudget, OwnDoorkeeper
from core.store.doors import RedisDoorkeeper
from tests.core.outbox.provider import Clock

BUDGET = ErrorBudget(pause=15, longest=60, trial_window=10, trials=3, back_after=6)


@pytest.fixture
def client(clean_redis: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(clean_redis) as connected:
        yield connected


@pytest.fixture(params=["own", "redis"])
def keeper(request: pytest.FixtureRequest) -> Doorkeeper:
    if request.param == "own":
        return OwnDoorkeeper()
    return RedisDoorkeeper(request.getfixturevalue("client"))


@pytest.fixture
def doors(keeper: Doorkeeper, clock: Clock) -> Doors:
    return Doors(clock, keeper, BUDGET)


def passes(clock: Clock, seconds: float) -> None:
    clock.at += timedelta(seconds=seconds)


def goes_out(doors: Doors) -> None:
    for _ in range(5):
        doors.went_badly("kannel")


def test_a_few_failures_among_many_do_no_harm(doors: Doors) -> None:
    for _ in range(20):
        doors.went_well("kannel")
    for _ in range(9):
        doors.went_badly("kannel")
    assert doors.may("kannel") is None


def test_one_in_trouble_is_out_and_the_others_are_not(doors: Doors, clock: Clock) -> None:
    for _ in range(4):
        doors.went_badly("kannel")
    assert doors.may("kannel") is None
    doors.went_badly("kannel")
    assert doors.may("kannel") == clock.at + timedelta(seconds=15)
    assert doors.may("twilio") is None


def test_after_its_pause_a_few_are_let_through_and_no_more(doors: Doors, clock: Clock) -> None:
    goes_out(doors)
    passes(clock, 15)
    assert [doors.may("kannel") for _ in range(3)] == [None] * 3
    assert doors.may("kannel") == clock.at + timedelta(seconds=10)


def test_it_comes_back_only_after_it_has_proven_itself(doors: Doors, clock: Clock) -> None:
    goes_out(doors)
    passes(clock, 15)
    for _ in range(5):
        assert doors.may("kannel") is None
        doors.went_well("kannel")
    assert [doors.may("kannel") for _ in range(4)].count(None) == 3, "still on trial"
    doors.went_well("kannel")
    assert [doors.may("kannel") for _ in range(20)] == [None] * 20


def test_each_time_it_fails_again_it_is_left_alone_for_longer(doors: Doors, clock: Clock) -> None:
    goes_out(doors)
    pauses = []
    for _ in range(4):
        shut = doors.shut("kannel")
        assert shut is not None
        pauses.append((shut - clock.at).total_seconds())
        clock.at = shut
        assert doors.may("kannel") is None
        doors.went_badly("kannel")
    assert pauses == [15, 30, 60, 60]


def test_one_that_comes_back_and_fails_soon_does_not_begin_anew(doors: Doors, clock: Clock) -> None:
    goes_out(doors)
    passes(clock, 15)
    for _ in range(6):
        doors.may("kannel")
        doors.went_well("kannel")
    goes_out(doors)
    assert doors.may("kannel") == clock.at + timedelta(seconds=30)


def test_a_long_time_of_calm_makes_good(doors: Doors, clock: Clock) -> None:
    goes_out(doors)
    passes(clock, 15)
    for _ in range(6):
        doors.may("kannel")
        doors.went_well("kannel")
    passes(clock, 3600)
    doors.went_well("kannel")
    goes_out(doors)
    assert doors.may("kannel") == clock.at + timedelta(seconds=15)


def test_those_let_through_who_never_tell_do_not_shut_the_door_for_ever(
    doors: Doors, clock: Clock
) -> None:
    goes_out(doors)
    passes(clock, 15)
    for _ in range(3):
        doors.may("kannel")
    passes(clock, 10.1)
    assert doors.may("kannel") is None


def test_who_asks_to_be_left_alone_is(doors: Doors, clock: Clock) -> None:
    until = clock.at + timedelta(seconds=30)
    assert doors.close("kannel", 30) == until
    doors.close("kannel", 5)
    assert doors.may("kannel") == until
    passes(clock, 30)
    assert doors.may("kannel") is None


def test_it_does_not_flap_at_a_provider_that_fails_half_the_time(keeper: Doorkeeper) -> None:
    """Ten minutes, ten sends a second: out most of the time, and not in and out."""
    clock, dice = Clock(), random.Random(1)
    doors = Doors(clock, keeper, ErrorBudget())
    asked, turns, before = 0, 0, True
    for _ in range(3000):
        passes(clock, 0.2)
        free = doors.may("kannel") is None
        if free:
            asked += 1
            doors.went_badly("kannel") if dice.random() < 0.6 else doors.went_well("kannel")
        state = keeper.read("kannel").state == "in"
        turns += state and not before
        before = state
    assert asked < 60
    assert turns <= 1


def test_all_workers_see_the_same_doors(client: redis.Redis, clock: Clock) -> None:
    one, two = (Doors(clock, RedisDoorkeeper(client), BUDGET) for _ in range(2))
    assert two.may("kannel") is None
    goes_out(one)
    passes(clock, 0.2)
    assert two.may("kannel") == clock.at + timedelta(seconds=14.8)


def test_nothing_that_is_told_at_the_same_moment_is_lost(client: redis.Redis) -> None:
    still = datetime(2026, 11, 23, tzinfo=UTC)
    many = ErrorBudget(least=1000)

    def fails(_: int) -> None:
        Doors(lambda: still, RedisDoorkeeper(client), many).went_badly("kannel")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fails, range(40)))
    assert RedisDoorkeeper(client).read("kannel").bad == 40


def test_while_redis_is_away_each_worker_keeps_its_own(clock: Clock) -> None:
    nobody = redis.Redis(port=9, socket_connect_timeout=0.2)
    doors = Doors(clock, RedisDoorkeeper(nobody), BUDGET)
    assert doors.may("kannel") is None
    goes_out(doors)
    assert doors.may("kannel") is not None


def test_what_is_kept_in_redis_is_read_by_the_next_version_of_a_door(client: redis.Redis) -> None:
    RedisDoorkeeper(client).change("kannel", lambda _: Door("out", until=7.0))
    assert RedisDoorkeeper(client).read("kannel") == Door("out", until=7.0)
    assert 0 < int(str(client.ttl("door:kannel"))) <= 86400
