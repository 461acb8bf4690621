"""A small town on real tables: platforms in memory, people who linked, and the letters they get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from bot.voice import ChatVoice
from core.message import Address, Channel, Page
from core.notices.alarm import Alarms
from core.notices.news import News
from core.notices.notice import Policy
from core.notices.ports import PROVIDER, Event, Kind
from core.outbox.manners import Manners
from core.outbox.outgoing import Purpose
from core.people.accounts import Linked, Person
from core.people.consent import Consent
from core.people.stations import Stations
from core.platform.ports import Citizen, TestResult, Ticket
from core.store.check_ins import StoredCheckIns
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.events import StoredEvents
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.readers import StoredReaders
from core.store.tables import outgoing
from core.store.vault import Vault
from sms.texts import SmsVoice
from tests.fakes import MOTHER, PHONE, FakePlatforms

STATION = "+84905000001"
STATIONS = f"Thành phố Hồ Chí Minh = {STATION}"
CONSENT = Consent("link", "Tôi đồng ý", "vi", Channel.CHAT)


@dataclass(frozen=True)
class Letter:
    """What somebody will read, as it waits in the outbox."""

    key: str
    to: Address
    text: str
    purpose: str
    not_before: datetime


@dataclass
class Town:
    """The stores, the platforms and the clock; `happens` posts an event, `works` is the worker."""

    database: Database
    redis: Redis
    at: datetime = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    platforms: FakePlatforms = field(default_factory=FakePlatforms)
    revoked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vault = Vault([("k1", b"1" * 32)], b"s" * 32)
        self.people = StoredPeople(self.database, self.vault, self.clock)
        self.inbox = Inbox(self.database, self.vault, self.clock)
        self.outbox = Outbox(self.database, self.vault, self.clock, decent=Manners().decent)
        self.events = StoredEvents(
            self.database, self.vault, self.clock, inbox=self.inbox, outbox=self.outbox
        )
        self.deferred = Deferred(self.database, self.vault, self.clock)
        self.check_ins = StoredCheckIns(
            self.database,
            self.vault,
            self.clock,
            self.redis,
            self.outbox,
            self.deferred,
            Alarms(Stations.read(STATIONS), SmsVoice()),
        )
        self.decides(Policy("ready"))

    def decides(self, policy: Policy) -> None:
        """From now on the programme has it so."""
        self.news = News(
            ledger=self.events,
            readers=StoredReaders(self.database, self.vault, self.clock),
            platforms=self.platforms.platforms,
            voices={"phone": SmsVoice(), "telegram": ChatVoice()},
            revoke=self._revoke,
            clock=self.clock,
            policy=policy,
            rounds=self.check_ins,
        )

    def alarms(self, alarms: Alarms) -> None:
        """From now on these stations are told of these things."""
        self.check_ins = replace(self.check_ins, alarms=alarms)
        self.decides(Policy("ready"))

    def clock(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)

    def _revoke(self, qid: str) -> int:
        self.revoked.append(qid)
        return 1

    def links(
        self, citizen: Citizen = MOTHER, phone: str = PHONE, chat: str | None = None
    ) -> Person:
        """Somebody proves to be this citizen, by text or in a chat."""
        person = self.people.find(Address("phone", phone))
        if chat is not None:
            person = self.people.prove(Address("telegram", chat), phone)
        linked = Linked(citizen.id, citizen.qid, citizen.name, 1990)
        self.people.link(person.id, linked, CONSENT)
        return person

    def result(self, citizen: Citizen = MOTHER, **changed: object) -> None:
        """The newest result of this citizen is now like this."""
        sampled = self.at - timedelta(hours=6)
        plain = TestResult("obs-9", "pcr", "not-detected", "final", sampled, self.at)
        before = {one.id: one for one in self.platforms.results_of.get(citizen.id, ())}
        now = replace(before.get("obs-9", plain), **changed)  # type: ignore[arg-type]
        self.platforms.results_of[citizen.id] = (*before.values(), now)[-1:]

    def ticket(self, **changed: object) -> None:
        """A ticket of the mother's is now like this."""
        plain = Ticket("t-1", "T0001", "dose-missing", MOTHER.id, "in-progress", self.at)
        self.platforms.asked["key"] = replace(plain, **changed)  # type: ignore[arg-type]

    def happens(
        self,
        kind: Kind = "result",
        thing: str = "obs-9",
        version: int | str | None = 1,
        citizen: Citizen | None = MOTHER,
        at: datetime | None = None,
    ) -> bool:
        """A platform says that something has changed; is it news?"""
        named = None if version is None else str(version)
        about = None if citizen is None else citizen.id
        return self.events.take(Event(kind, thing, named, about, at))

    def works(self) -> None:
        """A worker handles all that waits in the inbox."""
        while waiting := self.inbox.claim(10):
            for one in waiting:
                assert one.provider == PROVIDER
                assert self.news.hear(one) == ()
                assert self.inbox.answered(one, None)

    def letters(self) -> list[Letter]:
        """Everything written so far, oldest first."""
        with self.database.begin() as connection:
            rows = connection.execute(select(outgoing).order_by(outgoing.c.seq)).all()
        return [
            Letter(
                row.key,
                Address(row.network, self.vault.open(row.address, f"outgoing.address:{row.id}")),
                Page.from_json(self.vault.open_json(row.body, f"outgoing.body:{row.id}")).text,
                Purpose(row.purpose),
                row.not_before,
            )
            for row in rows
        ]

    def texts(self) -> list[str]:
        return [letter.text for letter in self.letters()]


@pytest.fixture
def town(fresh_database_url: str, clean_redis: str) -> Iterator[Town]:
    database, redis = Database(fresh_database_url), Redis.from_url(clean_redis)
    yield Town(database, redis)
    database.close()
    redis.close()
