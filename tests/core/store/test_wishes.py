"""Who refused what: topic by topic, lifted again, and asked in one place."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import create_engine, select, text

from core.message import Address
from core.outbox.outgoing import ASKED_FOR, Purpose
from core.outbox.topics import TOPIC_OF, topics_against
from core.people.wishes import Topic
from core.store import wishes
from core.store.database import Database
from core.store.migrate import alembic_config, upgrade
from core.store.people import StoredPeople
from core.store.readers import StoredReaders
from core.store.tables import refusal
from core.store.vault import Vault

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
MAI = Address("phone", "+84912345678")
CHAT = Address("telegram", "7")
VAULT = Vault([("k1", b"1" * 32)], b"s" * 32)
OURS = (Purpose.RESULT, Purpose.TICKET, Purpose.REMINDER, Purpose.CHECKIN, Purpose.CAMPAIGN)


@pytest.fixture
def people(database: Database) -> StoredPeople:
    return StoredPeople(database, VAULT, lambda: NOW)


def refused(database: Database, person_id: str) -> set[Purpose]:
    with database.begin() as connection:
        row = uuid.UUID(person_id)
        return {one for one in Purpose if wishes.refused(connection, row, one)}


def test_every_purpose_is_asked_for_or_has_a_topic() -> None:
    assert set(TOPIC_OF) | ASKED_FOR == set(Purpose)
    assert not set(TOPIC_OF) & ASKED_FOR
    assert all(topics_against(one) == () for one in ASKED_FOR)


def test_stop_is_for_everything_of_our_own(database: Database, people: StoredPeople) -> None:
    mai = people.find(MAI)
    assert refused(database, mai.id) == set()
    people.refuse(mai.id, source="sms")
    people.refuse(mai.id, source="chat")
    assert refused(database, mai.id) == set(OURS)
    with database.begin() as connection:
        (row,) = connection.execute(select(refusal))
    assert (row.topic, row.source, row.created_at, row.lifted_at) == ("all", "sms", NOW, None)
    people.welcome(mai.id)
    assert refused(database, mai.id) == set()


@pytest.mark.parametrize(
    ("topic", "purposes"),
    [
        (Topic.REMINDER, {Purpose.REMINDER, Purpose.CHECKIN}),
        (Topic.CAMPAIGN, {Purpose.CAMPAIGN}),
        (Topic.RESULT, {Purpose.RESULT, Purpose.TICKET}),
    ],
)
def test_a_topic_by_itself(
    database: Database, people: StoredPeople, topic: Topic, purposes: set[Purpose]
) -> None:
    mai = people.find(MAI)
    people.refuse(mai.id, topic)
    assert refused(database, mai.id) == purposes
    people.welcome(mai.id, topic)
    assert refused(database, mai.id) == set()


def test_who_refused_everything_and_wants_one_topic_gets_one(
    database: Database, people: StoredPeople
) -> None:
    mai = people.find(MAI)
    people.refuse(mai.id)
    people.welcome(mai.id, Topic.REMINDER, "sms")
    assert refused(database, mai.id) == set(OURS) - {Purpose.REMINDER, Purpose.CHECKIN}
    people.welcome(mai.id)
    assert refused(database, mai.id) == set()


def test_lifting_what_was_never_refused_changes_nothing(
    database: Database, people: StoredPeople
) -> None:
    mai = people.find(MAI)
    people.refuse(mai.id, Topic.CAMPAIGN)
    people.welcome(mai.id, Topic.REMINDER)
    assert refused(database, mai.id) == {Purpose.CAMPAIGN}


def test_each_is_one_persons_own(database: Database, people: StoredPeople) -> None:
    people.refuse(people.find(MAI).id)
    assert refused(database, people.find(Address("phone", "+84987654321")).id) == set()


def test_what_a_chat_refused_holds_for_the_phone_that_it_proves(
    database: Database, people: StoredPeople
) -> None:
    mai = people.find(MAI)
    people.refuse(mai.id, Topic.REMINDER)
    stranger = people.find(CHAT)
    people.refuse(stranger.id, Topic.REMINDER)
    people.refuse(stranger.id, Topic.CAMPAIGN)
    assert people.prove(CHAT, MAI.value).id == mai.id
    assert refused(database, mai.id) == {Purpose.REMINDER, Purpose.CHECKIN, Purpose.CAMPAIGN}


def test_a_refusal_at_a_provider_counts_here_and_is_not_taken_for_hearing_from_them(
    database: Database, people: StoredPeople
) -> None:
    unknown = Address("phone", "+84912345699")
    people.refuse_at(unknown, "provider")
    people.refuse_at(unknown, "provider")
    with database.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM address")).scalar() == 0
    assert refused(database, people.find(unknown).id) == set(OURS)
    people.refuse_at(Address("telegram", "nobody"), "provider")


def test_readers_know_what_somebody_refuses(database: Database, people: StoredPeople) -> None:
    readers = StoredReaders(database, VAULT)
    mai = people.find(MAI)
    people.refuse(mai.id, Topic.REMINDER)
    found = readers.one(mai.id)
    assert found is not None
    assert found.refuses == {Topic.REMINDER}
    people.refuse(mai.id)
    assert readers.one(mai.id) is None


def test_refusals_from_before_are_kept(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0006")
    mai, lan = uuid.uuid4(), uuid.uuid4()
    person = "INSERT INTO person (id, language, created_at, heard_at, refused_at) VALUES"
    with engine.begin() as connection:
        connection.execute(text(f"{person} ('{mai}', 'vi', now(), now(), '{NOW}')"))
        connection.execute(text(f"{person} ('{lan}', 'vi', now(), now(), NULL)"))
    upgrade(empty_database_url)
    with engine.begin() as connection:
        (row,) = connection.execute(select(refusal))
        assert (row.person_id, row.topic, row.created_at) == (mai, "all", NOW)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0006")
        kept = connection.execute(text("SELECT id, refused_at FROM person")).all()
    assert {row.id: row.refused_at for row in kept} == {mai: NOW, lan: None}
    engine.dispose()
