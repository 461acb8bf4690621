"""Whom we know: found by address, proven by phone, linked to a citizen, locked out after wrong tries."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.message import Address, Channel
from core.people.accounts import Linked, Person
from core.people.consent import Consent
from core.store.database import Database
from core.store.old_links import OldLinks
from core.store.people import StoredPeople
from core.store.readers import StoredReaders
from core.store.tables import address, consent, person
from core.store.vault import Vault

PHONE = "+84912345678"
ON_PHONE = Address("phone", PHONE)
CHAT = Address("telegram", "700123")
LINKED = Linked("pat-mother", "162979388586171101", "Ngô Thị Ánh Tuyết", 1990)
YES = Consent("link", "Tôi đồng ý cho Một Cửa xem dữ liệu sức khoẻ của tôi.", "vi", Channel.USSD)


class Clock:
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(database: Database, clock: Clock) -> StoredPeople:
    return StoredPeople(database, Vault([("k1", b"1" * 32)], b"s" * 32), clock)


def test_somebody_new_is_met_once(people: StoredPeople) -> None:
    met = people.find(ON_PHONE)
    assert (met.phone, met.language, met.accents, met.linked) == (PHONE, "vi", None, None)
    assert people.find(ON_PHONE) == met
    assert people.find(CHAT).id != met.id
    assert people.find(CHAT).phone is None


def test_the_same_number_on_another_network_is_another_address(people: StoredPeople) -> None:
    assert people.find(Address("zalo", "700123")).id != people.find(CHAT).id


def test_two_first_calls_at_the_same_moment_meet_one_person(
    people: StoredPeople, database: Database
) -> None:
    met: list[str] = []
    ready = threading.Barrier(8)

    def call(where: Address) -> None:
        ready.wait()
        met.append(people.find(where).id)

    threads = [threading.Thread(target=call, args=(one,)) for one in [CHAT, ON_PHONE] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(met) == 8
    assert len(set(met)) == 2
    with database.begin() as connection:
        assert len(connection.execute(select(person)).all()) == 2


def test_a_proven_chat_is_the_person_of_its_phone(people: StoredPeople) -> None:
    known = people.find(ON_PHONE)
    people.link(known.id, LINKED, YES)
    people.find(CHAT)
    proven = people.prove(CHAT, PHONE)
    assert proven.id == known.id
    assert proven.linked == LINKED
    assert people.find(CHAT) == proven


def test_somebody_on_whatsapp_is_the_person_of_that_number(people: StoredPeople) -> None:
    known = people.find(ON_PHONE)
    assert people.find(Address("whatsapp", PHONE)) == known
    newcomer = people.find(Address("whatsapp", "+84987654321"))
    assert newcomer.phone == "+84987654321"
    assert people.find(Address("phone", "+84987654321")).id == newcomer.id
    assert people.find(Address("whatsapp", "VN.1234567890")).phone is None


def test_the_chats_language_goes_along_to_a_new_phone_only(people: StoredPeople) -> None:
    people.speak(people.find(CHAT).id, "en", True)
    proven = people.prove(CHAT, PHONE)
    assert (proven.language, proven.accents, proven.phone) == ("en", True, PHONE)
    other = Address("zalo", "z-1")
    people.speak(people.find(other).id, "vi", False)
    assert people.prove(other, PHONE).language == "en", "the phone's person had chosen before"


def test_nothing_is_left_of_who_the_chat_was_but_the_consent(
    people: StoredPeople, database: Database
) -> None:
    before = people.find(CHAT)
    people.link(before.id, LINKED, YES)
    after = people.prove(CHAT, PHONE)
    with database.begin() as connection:
        ids = {str(row.id) for row in connection.execute(select(person))}
        given = connection.execute(select(consent)).one()
    assert ids == {after.id}
    assert str(given.person_id) == after.id
    assert after.linked is None, "another proof, another link"


def test_a_chat_never_met_can_be_proven(people: StoredPeople) -> None:
    proven = people.prove(CHAT, PHONE)
    assert proven.phone == PHONE
    assert people.find(CHAT) == proven
    assert people.prove(CHAT, PHONE) == proven


def test_a_chat_whose_phone_changed_moves_and_the_old_person_stays(people: StoredPeople) -> None:
    old = people.prove(CHAT, PHONE)
    new = people.prove(CHAT, "+84987654321")
    assert new.id != old.id
    assert people.find(CHAT).id == new.id
    assert people.find(ON_PHONE).id == old.id


def test_a_link_and_its_wording_are_kept_and_can_be_undone(
    people: StoredPeople, database: Database, clock: Clock
) -> None:
    met = people.find(ON_PHONE)
    people.link(met.id, LINKED, YES)
    assert people.find(ON_PHONE).linked == LINKED
    with database.begin() as connection:
        given = connection.execute(select(consent)).one()
    assert (given.wording, given.purpose) == (YES.wording, "link")
    assert (given.channel, given.given_at, given.withdrawn_at) == ("ussd", clock.at, None)
    people.unlink(met.id)
    assert people.find(ON_PHONE).linked is None
    with database.begin() as connection:
        assert connection.execute(select(consent)).one().withdrawn_at == clock.at


def test_the_third_wrong_try_locks_for_a_quarter_of_an_hour(
    people: StoredPeople, clock: Clock
) -> None:
    assert people.wrong("link", PHONE).locked(clock()) is False
    assert people.wrong("link", PHONE).count == 2
    locked = people.wrong("link", PHONE)
    assert locked.locked(clock())
    assert locked.locked_until == clock() + timedelta(minutes=15)
    assert people.tries("link", PHONE) == locked
    assert people.tries("link", "+84987654321").count == 0
    assert people.tries("code", PHONE).count == 0


def test_trying_on_while_locked_neither_helps_nor_makes_it_longer(
    people: StoredPeople, clock: Clock
) -> None:
    for _ in range(3):
        locked = people.wrong("link", PHONE)
    clock.at += timedelta(minutes=10)
    assert people.wrong("link", PHONE).locked_until == locked.locked_until
    clock.at += timedelta(minutes=5)
    assert not people.tries("link", PHONE).locked(clock())
    assert people.wrong("link", PHONE).count == 1


def test_a_right_answer_wipes_the_slate(people: StoredPeople) -> None:
    people.wrong("link", PHONE)
    people.wrong("link", PHONE)
    people.right("link", PHONE)
    assert people.tries("link", PHONE).count == 0
    assert people.wrong("link", PHONE).count == 1


def test_tries_made_at_the_same_moment_are_all_counted(people: StoredPeople) -> None:
    threads = [threading.Thread(target=people.wrong, args=("link", PHONE, 99)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert people.tries("link", PHONE).count == 10


def test_one_wrong_try_can_be_enough(people: StoredPeople, clock: Clock) -> None:
    assert people.wrong("link", PHONE, limit=1).locked(clock())


def test_a_blocked_chat_is_let_in_again_when_it_writes_but_a_phone_is_not(
    people: StoredPeople, database: Database
) -> None:
    for where in (CHAT, ON_PHONE):
        people.find(where)
        people.block(where)
        people.find(where)
    with database.begin() as connection:
        blocked = {row.network: row.blocked_at for row in connection.execute(select(address))}
    assert blocked["telegram"] is None
    assert blocked["phone"] is not None


def test_a_person_goes_into_the_session_and_comes_back(people: StoredPeople) -> None:
    people.link(people.find(ON_PHONE).id, LINKED, YES)
    met = people.find(ON_PHONE)
    assert Person.from_json(met.to_json()) == met
    assert Person.from_json(Person("1", "en").to_json()) == Person("1", "en")


def test_a_person_in_a_log_line_shows_neither_name_nor_number(people: StoredPeople) -> None:
    people.link(people.find(ON_PHONE).id, LINKED, YES)
    shown = repr(people.find(ON_PHONE))
    for secret in (PHONE, "Tuyết", LINKED.qid or "", "1990"):
        assert secret not in shown


def test_a_link_that_an_older_version_made_is_found_by_news(
    people: StoredPeople, database: Database
) -> None:
    met = people.find(ON_PHONE)
    people.link(met.id, LINKED, YES)
    with database.begin() as connection:
        connection.execute(update(person).values(citizen_index=None))
    readers = StoredReaders(database, people.vault)
    assert readers.find(LINKED.citizen_id, phones=(PHONE,), carers=(), told=()) == ()
    old = OldLinks(database, people.vault)
    assert (old.name(), old.name()) == (1, 0)
    (reader,) = readers.find(LINKED.citizen_id, phones=(PHONE,), carers=(), told=())
    assert reader.person_id == met.id
    strangers = Vault([("k2", b"2" * 32)], b"s" * 32)
    with database.begin() as connection:
        connection.execute(update(person).values(citizen_index=None))
    assert OldLinks(database, strangers).name() == 0


def test_who_has_a_qid_by_now_is_known_by_it_and_nobody_else_is_touched(
    people: StoredPeople,
) -> None:
    met = people.find(ON_PHONE)
    before = Linked("pat-mother", None, "Ngô Thị Ánh Tuyết", 1990)
    people.link(met.id, before, YES)
    people.known_better(met.id, LINKED)
    assert people.find(ON_PHONE).linked == LINKED
    people.known_better(met.id, Linked("pat-other", "1", "Somebody else", 1970))
    assert people.find(ON_PHONE).linked == LINKED
