"""A platform that fails again and again is left alone, then tried by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pybreaker
import pytest
import redis

from core.errors import Absent, Down, Late, PlatformError, Refused
from core.platform.breaker import Breaker


def fails(error: PlatformError) -> Callable[[], str]:
    def attempt() -> str:
        raise error

    return attempt


def well() -> str:
    return "well"


def fail(breaker: Breaker, error: PlatformError, times: int, *, patience: float = 5.0) -> None:
    for _ in range(times):
        with pytest.raises(type(error)):
            breaker.run(fails(error), patience=patience)


def is_open(breaker: Breaker) -> bool:
    try:
        return breaker.run(well, patience=5.0) != "well"
    except Down:
        return True


@pytest.mark.parametrize("error", [Down("fhir"), Late("fhir")])
def test_it_opens_after_failures_in_a_row(error: PlatformError) -> None:
    breaker = Breaker("fhir", failures=3, rest=60)
    fail(breaker, error, 2)
    assert not is_open(breaker)
    fail(breaker, error, 3)
    assert is_open(breaker)


@pytest.mark.parametrize(
    "error",
    [Absent("fhir"), Refused("fhir"), Down("fhir", after=2.0)],
    ids=lambda one: type(one).__name__,
)
def test_answers_that_nobody_likes_do_not_open_it(error: PlatformError) -> None:
    breaker = Breaker("fhir", failures=2, rest=60)
    fail(breaker, error, 5)
    assert not is_open(breaker)


def test_the_lateness_of_the_impatient_does_not_open_it() -> None:
    breaker = Breaker("fhir", failures=2, rest=60)
    fail(breaker, Late("fhir"), 5, patience=0.3)
    assert not is_open(breaker)


def test_after_its_rest_one_trial_closes_it() -> None:
    breaker = Breaker("fhir", failures=1, rest=0.05)
    fail(breaker, Down("fhir"), 1)
    assert is_open(breaker)
    time.sleep(0.06)
    assert breaker.run(well, patience=5.0) == "well"
    assert not is_open(breaker)


def test_while_one_tries_the_others_are_turned_away() -> None:
    breaker = Breaker("fhir", failures=1, rest=0.01)
    fail(breaker, Down("fhir"), 1)
    time.sleep(0.02)
    inside, leave = threading.Event(), threading.Event()

    def slow() -> str:
        inside.set()
        leave.wait(5)
        return "well"

    trial = threading.Thread(target=lambda: breaker.run(slow, patience=5.0))
    trial.start()
    assert inside.wait(5)
    with pytest.raises(Down):
        breaker.run(well, patience=5.0)
    leave.set()
    trial.join(5)
    assert not is_open(breaker)


def test_a_slow_answer_holds_nobody_else_up() -> None:
    breaker = Breaker("fhir")
    inside, leave = threading.Event(), threading.Event()

    def slow() -> str:
        inside.set()
        leave.wait(5)
        return "well"

    waiting = threading.Thread(target=lambda: breaker.run(slow, patience=5.0))
    waiting.start()
    assert inside.wait(5)
    assert breaker.run(well, patience=5.0) == "well"
    leave.set()
    waiting.join(5)


def test_processes_can_share_what_they_learnt(clean_redis: str) -> None:
    with redis.Redis.from_url(clean_redis, decode_responses=False) as client:
        stores = [
            pybreaker.CircuitRedisStorage(pybreaker.STATE_CLOSED, client, namespace="fhir")
            for _ in range(2)
        ]
        mine, theirs = (Breaker("fhir", failures=2, rest=60, storage=store) for store in stores)
        fail(mine, Down("fhir"), 1)
        fail(theirs, Down("fhir"), 1)
        assert is_open(mine)
        assert is_open(theirs)
