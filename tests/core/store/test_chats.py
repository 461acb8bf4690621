"""Whose chats are whose: seen, removed, and forgotten with what was said there."""

from __future__ import annotations

import secrets

import pytest
from redis import Redis
from sqlalchemy import select

from core.message import Address, Channel
from core.outbox.ports import Done, Sent
from core.people.accounts import Linked
from core.people.consent import Consent
from core.session import Session
from core.store.chats import StoredChats
from core.store.database import Database
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.sessions import RedisSessions
from core.store.tables import address, consent, inbox, outgoing, person
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import message, put

PHONE = "+84912345678"
AT_HOME = Address("phone", PHONE)
ZALO, SECOND, TELEGRAM = (
    Address("zalo", "246845883529197922"),
    Address("zalo", "246845883529197923"),
    Address("telegram", "5551001"),
)
CONSENT = Consent("look-up", "Tôi đồng ý.", "vi", Channel.CHAT)


@pytest.fixture
def people(database: Database, vault: Vault, clock: Clock) -> StoredPeople:
    return StoredPeople(database, vault, clock)


@pytest.fixture
def sessions(clean_redis: str) -> RedisSessions:
    vault = Vault([("k1", b"1" * 32)], secrets.token_bytes(32))
    return RedisSessions(Redis.from_url(clean_redis), vault, keep_seconds=60, wait_seconds=0.1)


@pytest.fixture
def chats(database: Database, vault: Vault, clock: Clock, sessions: RedisSessions) -> StoredChats:
    return StoredChats(database, vault, clock, sessions)


def proves(people: StoredPeople, sessions: RedisSessions, chat: Address) -> str:
    person = people.prove(chat, PHONE)
    sessions.same_person(chat, PHONE)
    return person.id


def test_all_chats_of_a_person_are_listed_oldest_first(
    people: StoredPeople, sessions: RedisSessions, chats: StoredChats, clock: Clock
) -> None:
    people.find(AT_HOME)
    for chat in (ZALO, TELEGRAM, SECOND):
        mine = proves(people, sessions, chat)
        clock.passes(days=1)
    people.prove(Address("zalo", "1"), "+84987654321")
    listed = chats.of(mine, TELEGRAM)
    assert [(one.network, one.here) for one in listed] == [
        ("zalo", False),
        ("telegram", True),
        ("zalo", False),
    ]
    assert len({one.id for one in listed}) == 3
    assert all(ZALO.value not in one.id for one in listed)
    assert [one.since.day for one in listed] == [23, 24, 25]


def test_a_removed_chat_is_a_stranger_with_a_session_of_its_own(
    people: StoredPeople, sessions: RedisSessions, chats: StoredChats
) -> None:
    mine = proves(people, sessions, ZALO)
    proves(people, sessions, SECOND)
    held = sessions.hold(ZALO)
    sessions.keep(held, Session(person=people.find(ZALO)))
    gone, _kept = chats.of(mine, AT_HOME)
    for _again in range(2):
        chats.remove(mine, gone.id)
    removed, kept = (ZALO, SECOND) if _is(chats, mine, SECOND) else (SECOND, ZALO)
    held = sessions.hold(removed)
    assert held.session is None
    sessions.let_go(held)
    assert people.find(removed).phone is None
    assert people.find(kept).id == mine
    shared = sessions.hold(kept)
    assert shared.session is not None


def _is(chats: StoredChats, mine: str, chat: Address) -> bool:
    return any(one.here for one in chats.of(mine, chat))


def test_nobody_removes_somebody_elses_chat(
    people: StoredPeople, sessions: RedisSessions, chats: StoredChats
) -> None:
    mine = proves(people, sessions, ZALO)
    (his,) = chats.of(mine, AT_HOME)
    other = people.prove(TELEGRAM, "+84987654321").id
    chats.remove(other, his.id)
    assert people.find(ZALO).id == mine


def test_all_but_the_one_in_use_are_removed(
    people: StoredPeople, sessions: RedisSessions, chats: StoredChats
) -> None:
    for chat in (ZALO, SECOND, TELEGRAM):
        mine = proves(people, sessions, chat)
    chats.remove_others(mine, SECOND)
    assert [one.here for one in chats.of(mine, SECOND)] == [True]
    chats.remove_others(mine, AT_HOME)
    assert chats.of(mine, AT_HOME) == ()


def test_whoever_asks_to_be_forgotten_leaves_only_that_consents_are_withdrawn(
    people: StoredPeople,
    sessions: RedisSessions,
    chats: StoredChats,
    database: Database,
    vault: Vault,
    clock: Clock,
) -> None:
    mine = proves(people, sessions, ZALO)
    people.link(mine, Linked("pat-mother", "1", "Nguyễn Thị Hồng", 1990), CONSENT)
    received = Inbox(database, vault, clock)
    received.accept("zalo", "m1", f"zalo:{ZALO.value}", {"said": "Tôi bị sốt"})
    (waiting,) = received.claim(1)
    with database.begin() as connection:
        received.done(connection, waiting)
    outbox = Outbox(database, vault, clock)
    put(database, outbox, message("told", ZALO), message("not yet", ZALO))
    told, _not_yet = outbox.claim(2)
    outbox.later(_not_yet, clock(), "wait", counted=False)
    outbox.write([Done(told, "zalo", Sent("m9"))])
    chats.forget(ZALO)
    with database.begin() as connection:
        assert connection.execute(select(address.c.network)).all() == []
        (row,) = connection.execute(select(person.c.citizen, person.c.phone))
        assert (row.citizen, row.phone is None) == (None, False)
        assert connection.execute(select(consent.c.withdrawn_at)).scalar_one() == clock()
        assert connection.execute(select(inbox.c.body)).scalar_one() is None
        found = connection.execute(
            select(outgoing.c.key, outgoing.c.status, outgoing.c.address).order_by(outgoing.c.key)
        ).all()
    assert [(row.key, row.status, row.address) for row in found] == [
        ("not yet", "stopped", None),
        ("told", "sent", None),
    ]
    chats.forget(ZALO)


def test_somebody_without_a_phone_is_gone_altogether(
    people: StoredPeople, chats: StoredChats, database: Database
) -> None:
    people.find(ZALO)
    chats.forget(ZALO)
    with database.begin() as connection:
        assert connection.execute(select(person.c.id)).all() == []
