"""A handset's threads are short, and soon forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from redis import Redis

from web.simulator.threads import KEPT_EVENTS, KEPT_SECONDS, LARGEST_PHOTO, START, Threads


@pytest.fixture
def redis(clean_redis: str) -> Iterator[Redis]:
    client = Redis.from_url(clean_redis)
    yield client
    client.close()


def test_they_do_not_grow_without_end(redis: Redis) -> None:
    threads = Threads(redis)
    for number in range(KEPT_EVENTS * 3):
        threads.add("+84912004701", {"number": number})
    _, events = threads.after("+84912004701", START)
    assert KEPT_EVENTS <= len(events) < KEPT_EVENTS * 2
    assert events[-1] == {"number": KEPT_EVENTS * 3 - 1}


def test_everything_is_forgotten_by_itself(redis: Redis) -> None:
    threads = Threads(redis)
    threads.add("+84912004701", {"text": "x"})
    threads.keep_photo(b"x")
    lives = [redis.ttl(key) for key in cast(list[bytes], redis.keys("simulator:*"))]
    assert len(lives) == 2
    assert all(0 < life <= KEPT_SECONDS for life in lives)


def test_what_is_too_large_is_left_out(redis: Redis) -> None:
    threads = Threads(redis)
    threads.add("+84912004701", {"text": "x" * 50_000})
    assert threads.after("+84912004701", START)[1] == []
    assert threads.keep_photo(b"x" * (LARGEST_PHOTO + 1)) is None


@pytest.mark.parametrize("place", ["", "x", "1", "1-", "-1", "1-x", "$", "1" * 50 + "-1"])
def test_a_place_that_was_never_given_out_is_refused(redis: Redis, place: str) -> None:
    with pytest.raises(ValueError, match="place"):
        Threads(redis).after("+84912004701", place)


def test_messages_are_numbered_upwards(redis: Redis) -> None:
    threads = Threads(redis)
    assert threads.next_message() < threads.next_message()
