"""Everything that keeps something, made from the settings; nothing here has connected yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from redis import Redis

from core.clock import now
from core.notices.isolation import linked
from core.outbox.manners import Manners
from core.store.chats import StoredChats
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.events import StoredEvents
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.readers import StoredReaders
from core.store.remembered import Memories
from core.store.sessions import RedisSessions
from core.store.short_codes import ShortCodes
from core.store.vault import Vault
from gateway.settings import Settings
from gateway.ussd_lines import pushing

SESSION_DAYS = 30
"""Days a session is remembered, so that a returning person costs no database query."""

REDIS_SECONDS = 2.0
"""Seconds to wait for Redis before a turn is given up."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What the other parts are built upon."""

    vault: Vault
    database: Database
    redis: Redis
    inbox: Inbox
    outbox: Outbox
    manners: Manners
    ledger: StoredEvents
    people: StoredPeople
    readers: StoredReaders
    codes: ShortCodes
    deferred: Deferred
    memories: Memories
    sessions: RedisSessions
    chats: StoredChats


def stores_of(settings: Settings) -> Stores:
    """The stores of a house by these settings."""
    vault = Vault(settings.field_key_ring, settings.secret_key.get_secret_value().encode())
    database = Database(settings.sqlalchemy_url)
    redis = Redis.from_url(
        settings.redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    silent = timedelta(days=settings.number_days)
    inbox = Inbox(database, vault, now)
    manners = settings.manners
    shape = pushing(settings)
    outbox = Outbox(database, vault, now, decent=manners.decent, silent=silent, shape=shape)
    ledger = StoredEvents(database, vault, now, inbox=inbox, outbox=outbox)
    sessions = RedisSessions(redis, vault, keep_seconds=SESSION_DAYS * 86400)
    return Stores(
        vault=vault,
        database=database,
        redis=redis,
        inbox=inbox,
        outbox=outbox,
        manners=manners,
        ledger=ledger,
        people=StoredPeople(
            database, vault, now, silent=silent, linked=lambda who: ledger.take(linked(who, now()))
        ),
        readers=StoredReaders(database, vault, now, silent),
        codes=ShortCodes(database, vault, now, hours=settings.short_code_hours),
        deferred=Deferred(database, vault, now, patience=timedelta(days=settings.keep_trying_days)),
        memories=Memories(database, vault, now, days=settings.remember_days),
        sessions=sessions,
        chats=StoredChats(database, vault, now, sessions),
    )
