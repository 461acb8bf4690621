"""Locks in a real Valkey: they last as long as a turn does, and hardly longer than its process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from core.errors import Busy
from core.message import Address
from core.people.accounts import Person
from core.session import Held, Session
from core.store.sessions import RedisSessions
from core.store.vault import Vault
from tests.conftest import ROOT

NUMBER = "+84912345678"
PHONE = Address("phone", NUMBER)
ANYBODY = Session(Person("person-1", "vi"))
LEASE = 0.3


@pytest.fixture
def redis(clean_redis: str) -> Iterator[Redis]:
    with Redis.from_url(clean_redis) as client:
        yield client


def sessions(redis: Redis, vault: Vault, **more: Any) -> RedisSessions:
    given = {"keep_seconds": 60, "lock_seconds": LEASE, "wait_seconds": 0.02, **more}
    return RedisSessions(redis, vault, **given)


def lock_of(redis: Redis, held: Held) -> int:
    """Milliseconds for which this lock lasts; negative when there is none."""
    return int(redis.pttl(f"l:{held.key}"))


def test_whose_process_is_killed_in_mid_turn_goes_on_with_the_next_hop(
    redis: Redis, vault: Vault, clean_redis: str
) -> None:
    command = [sys.executable, "-m", "tests.core.store.a_turn", clean_redis, NUMBER]
    other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    usual = RedisSessions(redis, vault, keep_seconds=60)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in hand\n"
        with pytest.raises(Busy):  # it is given all the time it needs
            usual.hold(PHONE)
        other.kill()
        usual.keep(usual.hold(PHONE), ANYBODY)
    finally:
        other.kill()
        other.communicate()


def test_a_long_turn_keeps_its_lock(redis: Redis, vault: Vault) -> None:
    ours, theirs = sessions(redis, vault), sessions(redis, vault)
    held = ours.hold(PHONE)
    for _ in range(10):
        time.sleep(LEASE / 3)
        with pytest.raises(Busy):
            theirs.hold(PHONE)
    ours.keep(held, ANYBODY)
    assert lock_of(redis, held) < 0
    theirs.let_go(theirs.hold(PHONE))


def test_a_turn_that_is_over_is_renewed_no_longer(redis: Redis, vault: Vault) -> None:
    ours, theirs = sessions(redis, vault), sessions(redis, vault, lock_seconds=30.0)
    ours.let_go(ours.hold(PHONE))
    held = theirs.hold(PHONE)
    time.sleep(LEASE)
    assert lock_of(redis, held) > 29_000, "the lock of another turn is not ours to change"


def test_a_turn_that_hangs_loses_its_lock(redis: Redis, vault: Vault) -> None:
    hanging = sessions(redis, vault, longest_seconds=2 * LEASE)
    hanging.hold(PHONE)
    patient = sessions(redis, vault, wait_seconds=10 * LEASE)
    patient.let_go(patient.hold(PHONE))


def test_trouble_with_valkey_ends_no_renewal(redis: Redis, vault: Vault) -> None:
    ours = sessions(redis, vault, lock_seconds=2.0)
    held = ours.hold(PHONE)
    redis.client_kill_filter(_type="normal", skipme=True)
    time.sleep(1.0)
    assert lock_of(redis, held) > 1_000
    ours.keep(held, ANYBODY)
