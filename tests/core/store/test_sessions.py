"""Sessions in a real Valkey: one turn of a person at a time, nothing mixed up, nothing readable."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from core.errors import Busy
from core.message import Address, Channel, Inbound, Page
from core.people.accounts import Linked, Person
from core.session import Heard, Session, Talk
from core.store.sessions import BEGAN, RedisSessions, begin_to_remember
from core.store.vault import Vault
from gateway.servers import Valkey
from tests.core.house import House, Phone

NUMBER, NAME, QID = "+84912345678", "Ngô Thị Ánh Tuyết", "162979388586171101"
PHONE = Address("phone", NUMBER)
OTHER = Address("phone", "+84987654321")
CHAT = Address("telegram", "700123456")


def session(turns: int = 0) -> Session:
    """A session that holds about everything a session can hold."""
    person = Person("person-1", "vi", True, NUMBER, Linked("pat-1", QID, NAME, 1990))
    talk = Talk("link", "paper", "id-1", {"paper": "079190012345"}, ["consent"], 1)
    page = Page(f"{NAME}, sinh 1990", name="1a")
    inbound = Inbound(Channel.USSD, "test", PHONE, "w1", "h:1", history="1")
    heard = Heard.answered(inbound, page, 1.5)
    return Session(person, talk, talk, "qr", "1a", "ussd:w1", turns, 1.5, 2.5, {"w1": heard})


@pytest.fixture
def redis(clean_redis: str) -> Iterator[Redis]:
    with Redis.from_url(clean_redis) as client:
        yield client


@pytest.fixture
def sessions(redis: Redis, vault: Vault) -> RedisSessions:
    return RedisSessions(redis, vault, keep_seconds=3600)


def keys(redis: Redis, kind: str) -> list[bytes]:
    """The keys that begin so."""
    return [
        key for key in redis.scan_iter() if isinstance(key, bytes) and key.startswith(kind.encode())
    ]


def stored(sessions: RedisSessions, address: Address = PHONE) -> Session | None:
    """What is kept for this address, without keeping hold of it."""
    held = sessions.hold(address)
    sessions.let_go(held)
    return held.session


def test_what_was_kept_is_there_again(sessions: RedisSessions) -> None:
    assert stored(sessions) is None
    sessions.keep(sessions.hold(PHONE), session())
    assert stored(sessions) == session()
    assert stored(sessions, OTHER) is None


def test_a_memory_is_old_until_it_comes_back_empty(sessions: RedisSessions, redis: Redis) -> None:
    redis.delete(BEGAN)
    begin_to_remember(redis)
    assert sessions.age() > 1e6
    redis.delete(BEGAN)
    assert sessions.age() == 0.0
    assert 0.0 <= sessions.age() < 60.0
    begin_to_remember(redis)
    assert sessions.age() < 60.0, "a process that starts later does not make it older"


def test_a_repeat_gets_the_very_page_that_was_kept(sessions: RedisSessions) -> None:
    sessions.keep(sessions.hold(PHONE), session())
    kept = stored(sessions)
    assert kept is not None
    assert kept.wires["w1"].page() == Page(f"{NAME}, sinh 1990", name="1a")


def test_a_session_is_forgotten_after_its_time(sessions: RedisSessions, redis: Redis) -> None:
    sessions.keep(sessions.hold(PHONE), session())
    (key,) = keys(redis, "s:")
    assert 3590 < redis.ttl(key) <= 3600
    assert keys(redis, "l:") == [], "a turn that is over holds nobody up"


# One turn at a time


def test_two_turns_of_one_person_never_mix(sessions: RedisSessions) -> None:
    def take_turns(times: int) -> None:
        for _ in range(times):
            held = sessions.hold(PHONE)
            was = held.session or session()
            was.turns += 1
            sessions.keep(held, was)

    with ThreadPoolExecutor(4) as hands:
        assert list(hands.map(take_turns, [25] * 4)) == [None] * 4
    assert stored(sessions) == session(turns=100)


def test_who_waits_too_long_for_the_other_turn_is_told_so(redis: Redis, vault: Vault) -> None:
    impatient = RedisSessions(redis, vault, keep_seconds=3600, wait_seconds=0.02)
    held = impatient.hold(PHONE)
    with pytest.raises(Busy):
        impatient.hold(PHONE)
    impatient.let_go(impatient.hold(OTHER))
    impatient.let_go(held)
    impatient.let_go(impatient.hold(PHONE))


def test_a_turn_that_lost_its_lock_changes_nothing(sessions: RedisSessions, redis: Redis) -> None:
    slow = sessions.hold(PHONE)
    redis.delete(*keys(redis, "l:"))  # its time ran out
    quick = sessions.hold(PHONE)
    with pytest.raises(Busy):
        sessions.keep(slow, session(turns=1))
    sessions.let_go(slow)
    assert keys(redis, "l:"), "what another turn holds is not ours to let go"
    sessions.keep(quick, session(turns=2))
    assert stored(sessions) == session(turns=2)


# A chat and its phone


def test_a_chat_whose_number_is_known_shares_the_session_of_its_phone(
    sessions: RedisSessions,
) -> None:
    sessions.keep(sessions.hold(PHONE), session())
    assert stored(sessions, CHAT) is None
    sessions.same_person(CHAT, NUMBER)
    sessions.keep(sessions.hold(CHAT), session(turns=7))
    assert stored(sessions, PHONE) == session(turns=7)
    assert stored(sessions, Address("zalo", CHAT.value)) is None, "another network, another chat"


# What cannot be read


@pytest.mark.parametrize("found", [b"", b"{}", b"\x02k1" + b"x" * 40, "sealed elsewhere", "older"])
def test_what_cannot_be_read_starts_anew(
    sessions: RedisSessions, redis: Redis, vault: Vault, found: bytes | str
) -> None:
    sessions.keep(sessions.hold(PHONE), session())
    (key,) = keys(redis, "s:")
    about = "session:" + key.decode().removeprefix("s:")
    match found:
        case "sealed elsewhere":
            found = vault.seal(session().to_bytes(), "session:" + "0" * 32)
        case "older":
            found = vault.seal('{"person":{"id":"1","language":"vi"},"talk":null}', about)
    redis.set(key, found)
    held = sessions.hold(PHONE)
    assert held.session is None
    sessions.keep(held, session(turns=1))
    assert stored(sessions) == session(turns=1)


def test_a_session_under_a_key_since_thrown_away_starts_anew(
    sessions: RedisSessions, redis: Redis
) -> None:
    sessions.keep(sessions.hold(PHONE), session())
    rotated = RedisSessions(redis, Vault([("k2", b"2" * 32)], b"s" * 32), keep_seconds=3600)
    assert stored(rotated) is None


def test_nothing_in_redis_can_be_read(sessions: RedisSessions, redis: Redis) -> None:
    sessions.same_person(CHAT, NUMBER)
    sessions.keep(sessions.hold(CHAT), session())
    sessions.hold(OTHER)
    assert {key[:2] for key in keys(redis, "")} == {b"a:", b"s:", b"l:"}
    everything = "\n".join(
        part.decode("utf-8", "replace")
        for key in keys(redis, "")
        for part in (key, redis.get(key))
        if isinstance(part, bytes)
    )
    for secret in (NUMBER, NUMBER[3:], OTHER.value[3:], CHAT.value, NAME, "Tuyết", QID, "079190"):
        assert secret not in everything
        assert secret.encode().hex() not in everything


# Trouble with Valkey


def test_after_a_restart_of_valkey_the_next_turn_is_answered(tmp_path: Path, vault: Vault) -> None:
    """Its sessions, its scripts and our connection are gone at once."""
    valkey = Valkey(tmp_path / "valkey", forgetful=True)
    try:
        with Redis.from_url(valkey.start(), socket_timeout=2.0) as client:
            sessions = RedisSessions(client, vault, keep_seconds=3600)
            sessions.keep(sessions.hold(PHONE), session())
            valkey.stop()
            with pytest.raises(RedisConnectionError):
                sessions.hold(PHONE)
            valkey.start()
            held = sessions.hold(PHONE)
            assert held.session is None
            sessions.keep(held, session(turns=1))
            assert stored(sessions) == session(turns=1)
    finally:
        valkey.stop()


def test_who_dials_again_after_a_restart_meets_the_menu(tmp_path: Path, vault: Vault) -> None:
    valkey = Valkey(tmp_path / "valkey", forgetful=True)
    try:
        with Redis.from_url(valkey.start(), socket_timeout=2.0) as client:
            sessions = RedisSessions(client, vault, keep_seconds=3600)
            phone = Phone(House(sessions=sessions))  # type: ignore[arg-type]
            phone.dials().says("9", "6").sees_not("9 Tiếng Việt")
            valkey.stop()
            valkey.start()
            phone.dials().sees("9 Tiếng Việt")
    finally:
        valkey.stop()
