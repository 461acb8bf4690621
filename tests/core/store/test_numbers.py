"""Numbers that change hands: silent for a year, or gone as a provider says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.message import Address, Channel
from core.outbox.numbers import RELINK, SENSITIVE
from core.outbox.outgoing import Purpose, Receipt, Status
from core.people.accounts import Linked, Person
from core.people.consent import Consent
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.readers import StoredReaders
from core.store.tables import address, consent, outgoing
from core.store.vault import Vault
from tests.core.outbox.provider import Clock, Provider, dispatch, dispatcher
from tests.core.store.messages import LAN, MAI, message, put, sent

CHAT = Address("zalo", "246845883529197922")
LINKED = Linked("pat-mai", "162979388586171101", "Ngô Thị Ánh Tuyết", 1990)
YES = Consent("look-up", "Được tra hồ sơ sức khỏe?", "vi", Channel.SMS)
YEAR = timedelta(days=366)


@dataclass
class Books:
    """Everything that has to do with numbers."""

    database: Database
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.clock.at = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # no holiday, nor a year later
        vault = Vault([("k1", b"1" * 32)], b"s" * 32)
        self.people = StoredPeople(self.database, vault, self.clock)
        self.outbox = Outbox(self.database, vault, self.clock)
        self.readers = StoredReaders(self.database, vault, self.clock)

    def links(self, where: Address = MAI) -> Person:
        self.people.link(self.people.find(where).id, LINKED, YES)
        return self.people.find(where)

    def sends(self, **what: Purpose) -> list[str]:
        kannel = Provider("kannel")
        put(self.database, self.outbox, *(message(k, purpose=p) for k, p in what.items()))
        dispatch(self.outbox, dispatcher(self.outbox, self.clock, kannel))
        return sorted(kannel.keys)


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


def test_who_is_heard_within_the_year_stays_known(books: Books) -> None:
    books.links()
    for _ in range(5):
        books.clock.at += timedelta(days=300)
        assert books.people.find(MAI).linked == LINKED


def test_after_a_year_of_silence_whoever_writes_proves_again_who_they_are(books: Books) -> None:
    books.links()
    books.clock.at += YEAR
    assert books.people.find(MAI).linked is None
    with books.database.begin() as connection:
        assert connection.execute(select(consent.c.withdrawn_at)).scalar() == books.clock.at
    assert books.people.find(MAI).linked is None, "writing again proves nothing"
    assert books.links().linked == LINKED
    assert books.people.find(MAI).linked == LINKED


def test_nothing_sensitive_goes_to_a_silent_number_and_answers_do(books: Books) -> None:
    books.links()
    books.clock.at += YEAR
    everything = {str(purpose): purpose for purpose in Purpose}
    assert books.sends(**everything) == sorted(str(one) for one in set(Purpose) - SENSITIVE)
    with books.database.begin() as connection:
        held = connection.execute(
            select(outgoing.c.status, outgoing.c.words).where(outgoing.c.purpose == "result")
        ).one()
    assert tuple(held) == ("stopped", "the number must be proven again")
    assert books.sends(**{f"{RELINK}x": Purpose.REMINDER}) == [f"{RELINK}x"]


def test_it_is_not_enough_that_the_new_owner_writes(books: Books) -> None:
    books.links()
    books.clock.at += YEAR
    books.people.find(MAI)
    assert books.sends(a=Purpose.RESULT) == []
    books.links()
    assert books.sends(b=Purpose.RESULT) == ["b"]


def test_numbers_that_we_know_nothing_of_are_the_senders_business(books: Books) -> None:
    kannel = Provider("kannel")
    put(books.database, books.outbox, message("a", LAN))
    dispatch(books.outbox, dispatcher(books.outbox, books.clock, kannel))
    assert kannel.keys == ["a"]


def test_a_provider_says_that_the_number_is_gone(books: Books) -> None:
    books.links()
    put(books.database, books.outbox, message("a"))
    (claimed,) = books.outbox.claim(1)
    sent(books.outbox, claimed, "twilio", "SM1")
    failed = Receipt("twilio", "SM1", Status.FAILED, "30005", gone=True)
    for _ in range(2):
        books.outbox.settle(failed)
    with books.database.begin() as connection:
        assert connection.execute(select(address.c.doubted_at)).scalar() == books.clock.at
    assert books.sends(b=Purpose.RESULT) == []
    assert books.people.find(MAI).linked is None
    books.links()
    assert books.sends(c=Purpose.RESULT) == ["c"]


def test_a_provider_refuses_because_the_number_is_gone(books: Books) -> None:
    books.links()
    put(books.database, books.outbox, message("a"))
    books.people.doubt(message("a").id)
    assert books.sends(b=Purpose.RESULT) == []


def test_a_receipt_may_tell_of_an_opt_out(books: Books) -> None:
    books.links()
    put(books.database, books.outbox, message("a"))
    (claimed,) = books.outbox.claim(1)
    sent(books.outbox, claimed, "twilio", "SM1")
    books.outbox.settle(Receipt("twilio", "SM1", Status.FAILED, "21610", opted_out=True))
    assert books.sends(b=Purpose.CAMPAIGN, c=Purpose.REPLY) == ["c"]


def test_who_proves_a_silent_number_in_a_chat_does_not_inherit_its_records(books: Books) -> None:
    books.links()
    books.clock.at += YEAR
    assert books.people.prove(CHAT, MAI.value).linked is None


def test_who_proves_a_number_in_use_finds_what_is_known(books: Books) -> None:
    books.links()
    books.clock.at += timedelta(days=30)
    assert books.people.prove(CHAT, MAI.value).linked == LINKED


def test_a_phone_that_only_proved_a_chat_counts_from_that_proof(books: Books) -> None:
    person = books.people.prove(CHAT, MAI.value)
    books.people.link(person.id, LINKED, YES)
    books.clock.at += timedelta(days=30)
    assert books.people.find(MAI).linked == LINKED
    other = books.people.prove(Address("zalo", "2"), LAN.value)
    books.people.link(other.id, LINKED, YES)
    books.clock.at += YEAR
    assert books.people.find(LAN).linked is None


def test_readers_know_which_numbers_are_in_doubt(books: Books) -> None:
    person = books.links()
    found = books.readers.one(person.id)
    assert found is not None
    assert found.doubted == frozenset()
    books.clock.at += YEAR
    found = books.readers.one(person.id)
    assert found is not None
    assert found.doubted == {MAI}
