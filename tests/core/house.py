"""A small house for dialogue tests: a real engine, with everything around it in memory."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from core.around import REMINDER, Around
from core.clock import VIETNAM
from core.dialogues import BY_NAME, WORDS
from core.engine import Engine
from core.errors import Busy, Down
from core.message import Address, Button, Channel, Inbound, Page, Screen
from core.people.accounts import LIMIT, LOCK, Linked, Person, Tries
from core.people.chats import Chat
from core.people.check_ins import Episode, Feeling, NobodyAsked
from core.people.consent import Consent
from core.people.proofs import TRIES, TooMany
from core.people.talks import NobodyAnswers, Talks
from core.people.wishes import Topic
from core.platform.forms import Form
from core.platform.ports import Citizen
from core.scans import NoScans, Scans
from core.session import Held, Session
from core.text import Text, plain
from tests.fakes import PHONE, FakePlatforms

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=VIETNAM)


@dataclass
class MemorySessions:
    """`core.session.Sessions` in memory, through the JSON form so that it is exercised."""

    stored: dict[str, bytes] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    seconds: float = 1e6
    """For how long it has remembered."""

    def age(self) -> float:
        return self.seconds

    def loses_all(self) -> None:
        """As when the server comes back empty."""
        self.stored.clear()
        self.seconds = 1.0

    def hold(self, address: Address) -> Held:
        key = f"{address.network}:{address.value}"
        key = self.aliases.get(key, key)
        if key in self.locked:
            raise Busy("held")
        self.locked.add(key)
        stored = self.stored.get(key)
        return Held(key, "token", Session.from_bytes(stored) if stored else None)

    def keep(self, held: Held, session: Session) -> None:
        self.stored[held.key] = session.to_bytes()
        self.locked.discard(held.key)

    def let_go(self, held: Held) -> None:
        self.locked.discard(held.key)

    def same_person(self, address: Address, phone: str) -> None:
        self.aliases[f"{address.network}:{address.value}"] = f"phone:{phone}"

    def apart(self, address: Address) -> None:
        key = f"{address.network}:{address.value}"
        self.aliases.pop(key, None)
        self.stored.pop(key, None)


@dataclass
class MemoryPeople:
    """`core.people.accounts.People` in memory."""

    known: dict[Address, Person] = field(default_factory=dict)
    consents: list[tuple[str, Consent]] = field(default_factory=list)
    against: dict[tuple[str, str], Tries] = field(default_factory=dict)
    refused: set[tuple[str, Topic]] = field(default_factory=set)
    discreet: set[str] = field(default_factory=set)
    now: datetime = NOW
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def find(self, address: Address) -> Person:
        if address not in self.known:
            phone = address.phone
            owner = Address("phone", phone) if phone else address
            if owner not in self.known:
                self.known[owner] = Person(f"person-{next(self.ids)}", "vi", phone=phone)
            self.known[address] = self.known[owner]
        return self.known[address]

    def prove(self, address: Address, phone: str) -> Person:
        here, owner = self.find(address), Address("phone", phone)
        if owner not in self.known:
            self.known[owner] = replace(self.find(owner), language=here.language)
        self.known[address] = self.known[owner]
        return self.known[address]

    def link(self, person_id: str, linked: Linked, consent: Consent) -> None:
        self._change(person_id, linked=linked)
        self.consents.append((person_id, consent))

    def known_better(self, person_id: str, linked: Linked) -> None:
        self._change(person_id, linked=linked)

    def agree(self, person_id: str, consent: Consent) -> None:
        self.consents.append((person_id, consent))

    def unlink(self, person_id: str) -> None:
        self._change(person_id, linked=None)

    def speak(self, person_id: str, language: str, accents: bool | None) -> None:
        self._change(person_id, language=language, accents=accents)

    def _change(self, person_id: str, **changes: Any) -> None:
        for address, person in self.known.items():
            if person.id == person_id:
                self.known[address] = replace(person, **changes)

    def wish(self, person_id: str, *, discreet: bool) -> None:
        (self.discreet.add if discreet else self.discreet.discard)(person_id)

    def tries(self, kind: str, subject: str) -> Tries:
        return self.against.get((kind, subject), Tries())

    def wrong(self, kind: str, subject: str, limit: int = LIMIT, lock: timedelta = LOCK) -> Tries:
        count = self.tries(kind, subject).count + 1
        tries = Tries(0, self.now + lock) if count >= limit else Tries(count)
        self.against[(kind, subject)] = tries
        return tries

    def right(self, kind: str, subject: str) -> None:
        self.against.pop((kind, subject), None)

    def block(self, address: Address) -> None:
        self.known.pop(address, None)

    def refuse(self, person_id: str, topic: Topic = Topic.ALL, source: str = "") -> None:
        self.refused.add((person_id, topic))

    def welcome(self, person_id: str, topic: Topic = Topic.ALL, source: str = "") -> None:
        self.refused -= {
            one for one in self.refused if one[0] == person_id and topic in (Topic.ALL, one[1])
        }


class MemoryCodes:
    """Short codes that never run out: the same one for the same QID."""

    def code_for(self, citizen_id: str, qid: str, payload: str) -> tuple[str, datetime]:
        return f"12345678{int(qid) % 10000:04d}", NOW + timedelta(hours=24)


@dataclass
class MemoryProofs:
    """Codes that are easy to remember: 000001, 000002 … `sent` holds (phone, text)."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    codes: dict[tuple[Address, str], str] = field(default_factory=dict)
    tries: int = 0
    full_until: datetime | None = None

    def send(self, address: Address, phone: str, *, words: Text, to: Person) -> TooMany | None:
        if self.full_until is not None:
            return TooMany(self.full_until)
        code = f"{len(self.sent) + 1:06d}"
        self.sent.append((phone, words.with_(code=plain(code)).to(to.language)))
        self.codes[(address, phone)] = code
        self.tries = 0
        return None

    def check(self, address: Address, phone: str, code: str) -> Literal["right", "wrong", "over"]:
        if (address, phone) not in self.codes:
            return "over"
        if self.codes[(address, phone)] == code:
            del self.codes[(address, phone)]
            return "right"
        self.tries += 1
        if self.tries < TRIES:
            return "wrong"
        del self.codes[(address, phone)]
        return "over"


@dataclass
class MemoryChats:
    """The chats among the known addresses."""

    people: MemoryPeople
    sessions: MemorySessions

    def of(self, person_id: str, here: Address) -> tuple[Chat, ...]:
        return tuple(
            Chat(address.value, address.network, NOW, address == here)
            for address in self._chats(person_id)
        )

    def remove(self, person_id: str, chat_id: str) -> None:
        for address in self._chats(person_id):
            if address.value == chat_id:
                self._part(address)

    def remove_others(self, person_id: str, here: Address) -> None:
        for address in self._chats(person_id):
            if address != here:
                self._part(address)

    def forget(self, address: Address) -> None:
        person = self.people.known.pop(address, None)
        if person is not None:
            self.people.unlink(person.id)

    def _chats(self, person_id: str) -> list[Address]:
        return [
            address
            for address, person in self.people.known.items()
            if person.id == person_id and address.network != "phone"
        ]

    def _part(self, address: Address) -> None:
        del self.people.known[address]
        self.sessions.apart(address)


@dataclass
class MemoryLater:
    kept: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    reminders: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """To be looked at again after a while: was it finished?"""

    def keep(self, key: str, call: Mapping[str, Any], *, after: timedelta = timedelta()) -> None:
        if call["platform"] == REMINDER:
            self.reminders.setdefault(key, call)
        else:
            self.kept.setdefault(key, call)

    def waits(self, person: str) -> str | None:
        waiting = (call for call in self.kept.values() if call["person"] == person)
        return next((call["platform"] for call in waiting), None)


@dataclass
class MemoryCheckIns(NobodyAsked):
    """Who was asked, about whom, when; `answers` holds (citizen, feeling, author, key)."""

    asked_about: dict[str, list[Episode]] = field(default_factory=dict)
    waiting: dict[str, datetime] = field(default_factory=dict)
    answers: list[tuple[str, Feeling, str | None, str]] = field(default_factory=list)
    station: bool = True
    searched: int = 0

    def asks(self, person_id: str, citizen: Citizen, at: datetime) -> str:
        """A worker asks this person about this citizen; gives the episode's name."""
        known = self.asked_about.setdefault(person_id, [])
        episode = next((one for one in known if one.citizen_id == citizen.id), None)
        if episode is None:
            episode = Episode(f"{len(known):014x}", citizen.id, citizen.name)
            known.append(episode)
        self.waiting[person_id] = at
        return episode.id

    def of(self, person_id: str) -> tuple[Episode, ...]:
        self.searched += 1
        return tuple(self.asked_about.get(person_id, ()))

    def asked_at(self, person_id: str) -> datetime | None:
        return self.waiting.get(person_id)

    def answer(
        self,
        person_id: str,
        episode: str,
        feeling: Feeling,
        *,
        author: str | None,
        key: str,
        at: datetime,
    ) -> bool:
        named = next(one for one in self.of(person_id) if one.id == episode)
        self.answers.append((named.citizen_id, feeling, author, key))
        self.waiting.pop(person_id, None)
        return self.station and feeling == "severe"


@dataclass
class PlainVoice:
    """A channel without a size: the text, the options a line each, and the ways."""

    channel: Channel = Channel.USSD
    patience: float = 4.0
    keywords: bool = False

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        rows = [screen.say.to(language)]
        rows += [f"{one.number} {one.label.to(language)}" for one in screen.options]
        rows += [f"{one.number} {one.label.to(language)}" for one in screen.ways]
        buttons = tuple(
            Button(one.key, one.label.to(language)) for one in (*screen.options, *screen.ways)
        )
        return (Page("\n".join(rows), buttons, screen.qr, screen.end, screen.wants),)


@dataclass
class House:
    """Everything around the engine, to set and to look at."""

    platforms: FakePlatforms = field(default_factory=FakePlatforms)
    people: MemoryPeople = field(default_factory=MemoryPeople)
    sessions: MemorySessions = field(default_factory=MemorySessions)
    later: MemoryLater = field(default_factory=MemoryLater)
    check_ins: MemoryCheckIns = field(default_factory=MemoryCheckIns)
    proofs: MemoryProofs = field(default_factory=MemoryProofs)
    talks: Talks = field(default_factory=NobodyAnswers)
    scans: Scans = field(default_factory=NoScans)
    now: datetime = NOW
    forms_gone: bool = False
    """No edition of a form is to be had, wherever it is asked for."""

    def __post_init__(self) -> None:
        self.chats = MemoryChats(self.people, self.sessions)
        around = Around(
            dialogues=BY_NAME,
            words=WORDS,
            platforms=self.platforms.platforms,
            people=self.people,
            codes=MemoryCodes(),
            proofs=self.proofs,
            chats=self.chats,
            forms=self._form,
            later=self.later,
            talks=self.talks,
            scans=self.scans,
            check_ins=self.check_ins,
        )
        self.engine = Engine(around, self.sessions, clock=lambda: self.now)

    def _form(self, name: str) -> Form:
        if self.forms_gone:
            raise Down("fhir")
        assert name == self.platforms.current_form.name
        return self.platforms.current_form

    def passes(self, **span: float) -> None:
        """Time goes by."""
        self.now += timedelta(**span)
        self.people.now = self.now


@dataclass
class Phone:
    """A person with one address: `dials`, `says`, `taps`; `sees` what must stand on the screen."""

    house: House
    address: Address = field(default_factory=lambda: Address("phone", PHONE))
    voice: PlainVoice = field(default_factory=PlainVoice)
    wire: str = "wire-0"
    count: int = 0
    page: Page | None = None

    def dials(self, *said: str) -> Self:
        self.count += 1
        self.wire = f"wire-{self.count}"
        return self._turn(event="new", said=said)

    def says(self, *said: str) -> Self:
        for one in said:
            self._turn(said=(one,))
        return self

    def taps(self, option: str, screen: str | None = None) -> Self:
        shown = self.page.name if self.page else ""
        return self._turn(option=option, screen=shown if screen is None else screen)

    def shares(self, phone: str) -> Self:
        return self._turn(proved=phone)

    def fills_in(self, phone: str) -> Self:
        """A form with a phone number, which proves nothing."""
        return self._turn(claimed=phone)

    def _turn(self, **what: Any) -> Self:
        self.count += 1
        hop = what.pop("hop", f"hop-{self.count}")
        inbound = Inbound(self.voice.channel, "test", self.address, self.wire, hop, **what)
        self.page = self.house.engine.turn(inbound, self.voice)
        return self

    @property
    def text(self) -> str:
        return self.page.text if self.page else ""

    def sees(self, *words: str) -> Self:
        for word in words:
            assert word in self.text, f"{word!r} is not on the screen:\n{self.text}"
        return self

    def sees_not(self, *words: str) -> Self:
        for word in words:
            assert word not in self.text, f"{word!r} is on the screen:\n{self.text}"
        return self

    def sees_nothing(self) -> Self:
        assert self.page is None, self.text
        return self

    def links(self) -> Self:
        """The mother links her phone, in English."""
        return self.dials().says("9", "8", "2", "1", "079190012345", "1990")


def chat(house: House, chat_id: str = "4711") -> Phone:
    return Phone(house, Address("telegram", chat_id), PlainVoice(Channel.CHAT, 15.0, True))


def zalo(house: House, user: str = "246845883529197922") -> Phone:
    """A chat on a network that vouches for no number."""
    return Phone(house, Address("zalo", user), PlainVoice(Channel.CHAT, 15.0, True))


def texting(house: House) -> Phone:
    return Phone(house, voice=PlainVoice(Channel.SMS, 30.0, True))
