"""Implements `core.people.accounts.People` on PostgreSQL: names and numbers sealed, found blindly."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.message import Address
from core.outbox.numbers import SILENT
from core.people.accounts import Linked, Person
from core.people.consent import Consent
from core.people.wishes import Topic
from core.store import numbers, wishes
from core.store.readers import CITIZEN
from core.store.tables import address as addresses
from core.store.tables import consent as consents
from core.store.tables import person as people
from core.store.tries import StoredTries
from core.text import DEFAULT_LANGUAGE

_log = structlog.get_logger("people")


# Who writes in a chat has let us in again; an SMS opt-out ends only by asking. What every message
# passes is written out: to put it together anew would take longer than to carry it out.
_HEARD = text(f"""
WITH address AS (
  UPDATE address SET heard_at = :now, doubted_at = {numbers.DOUBTED_FROM_NOW},
    blocked_at = CASE WHEN network = 'phone' THEN blocked_at END
  WHERE network = :network AND value_index = :index RETURNING person_id, doubted_at)
UPDATE person SET heard_at = :now FROM address WHERE person.id = address.person_id
RETURNING person.*, address.doubted_at
""")

_PERSON = text("UPDATE person SET heard_at = :now WHERE id = :id RETURNING *")
_MEET = text("""
INSERT INTO person (id, phone_index, phone, language, created_at, heard_at)
VALUES (:id, :index, :phone, :language, :now, :now)
ON CONFLICT (phone_index) DO NOTHING RETURNING id
""")
_OF_PHONE = text("SELECT id FROM person WHERE phone_index = :index")
_AT = """
INSERT INTO address (network, value_index, value, person_id, proven_at, heard_at)
VALUES (:network, :index, :value, :person, :proven, :now)
ON CONFLICT (network, value_index) DO UPDATE SET {move} RETURNING person_id
"""
_SETTLE = text(_AT.format(move="heard_at = :now"))
_OVERRULE = text(_AT.format(move="person_id = :person, proven_at = :now"))


@dataclass(frozen=True, slots=True)
class StoredPeople(StoredTries):
    """The people table and what hangs on it. Any number of processes may work on it at once.

    A number that was `silent` for so long is in doubt: whoever has it now proves again who they are.
    """

    new_id: Callable[[], uuid.UUID] = uuid.uuid4
    silent: timedelta = SILENT
    linked: Callable[[str], object] = lambda _citizen_id: None
    """Told of each citizen whom somebody has proved to be."""

    def find(self, address: Address) -> Person:
        with self.database.begin() as connection:
            known = self._behind(connection, address)
            if known is not None:
                return known
            if address.phone is not None:
                person_id, is_new = self._of_phone(connection, address.phone)
                if not is_new:
                    self._doubt(connection, person_id, address.phone)
            else:
                person_id = self._new_person(connection)
            return self._settle_at(connection, address, person_id, overrule=False)

    def prove(self, address: Address, phone: str) -> Person:
        with self.database.begin() as connection:
            before = self._behind(connection, address)
            person_id, is_new = self._of_phone(connection, phone)
            if not is_new:
                self._doubt(connection, person_id, phone)
            if before is not None and is_new:
                self._speak(connection, person_id, before.language, before.accents)
            person = self._settle_at(connection, address, person_id, overrule=True)
            if before is not None and before.id != person.id:
                _let_go(connection, uuid.UUID(before.id), person_id)
            return person

    def link(self, person_id: str, linked: Linked, consent: Consent) -> None:
        row, now = uuid.UUID(person_id), self.clock()
        index = self.vault.blind(CITIZEN, linked.citizen_id)
        with self.database.begin() as connection:
            connection.execute(
                update(people)
                .where(people.c.id == row)
                .values(citizen=self._sealed(row, linked), citizen_index=index, linked_at=now)
            )
            _write_down(connection, row, consent, now)
            numbers.settle(connection, row, now)
        try:
            self.linked(linked.citizen_id)
        except Exception as error:  # noqa: BLE001  (they are linked, whatever comes of it)
            _log.warning("link_not_noted", error=type(error).__name__)

    def known_better(self, person_id: str, linked: Linked) -> None:
        row = uuid.UUID(person_id)
        same = people.c.citizen_index == self.vault.blind(CITIZEN, linked.citizen_id)
        with self.database.begin() as connection:
            connection.execute(
                update(people)
                .where(people.c.id == row, same)
                .values(citizen=self._sealed(row, linked))
            )

    def _sealed(self, row: uuid.UUID, linked: Linked) -> bytes:
        return self.vault.seal_json(linked.to_json(), f"person.citizen:{row}")

    def agree(self, person_id: str, consent: Consent) -> None:
        with self.database.begin() as connection:
            _write_down(connection, uuid.UUID(person_id), consent, self.clock())

    def unlink(self, person_id: str) -> None:
        row = uuid.UUID(person_id)
        with self.database.begin() as connection:
            connection.execute(
                update(people)
                .where(people.c.id == row)
                .values(citizen=None, citizen_index=None, linked_at=None)
            )
            numbers.withdraw(connection, row, self.clock())

    def speak(self, person_id: str, language: str, accents: bool | None) -> None:
        with self.database.begin() as connection:
            self._speak(connection, uuid.UUID(person_id), language, accents)

    def wish(self, person_id: str, *, discreet: bool) -> None:
        with self.database.begin() as connection:
            connection.execute(
                update(people)
                .where(people.c.id == uuid.UUID(person_id))
                .values(discreet=discreet or None)
            )

    def refuse(self, person_id: str, topic: Topic = Topic.ALL, source: str = "") -> None:
        with self.database.begin() as connection:
            wishes.refuse(connection, uuid.UUID(person_id), topic, source, self.clock())

    def welcome(self, person_id: str, topic: Topic = Topic.ALL, source: str = "") -> None:
        with self.database.begin() as connection:
            wishes.welcome(connection, uuid.UUID(person_id), topic, source, self.clock())

    def refuse_at(self, address: Address, source: str) -> None:
        """Whoever is behind this address refused us elsewhere, where we did not hear them."""
        with self.database.begin() as connection:
            at = select(addresses.c.person_id).where(*self._at(address))
            person_id = connection.execute(at).scalar()
            if person_id is None and address.phone is not None:
                person_id, _ = self._of_phone(connection, address.phone)
            if person_id is not None:
                wishes.refuse(connection, person_id, Topic.ALL, source, self.clock())

    def doubt(self, outgoing_id: str) -> None:
        """The number that this message went to is nobody's by now, or somebody else's."""
        with self.database.begin() as connection:
            numbers.doubt(connection, uuid.UUID(outgoing_id), self.clock())

    def block(self, address: Address) -> None:
        with self.database.begin() as connection:
            connection.execute(
                update(addresses).where(*self._at(address)).values(blocked_at=self.clock())
            )

    def _behind(self, connection: Connection, address: Address) -> Person | None:
        """The person at this address, who has just been heard from."""
        now = self.clock()
        index = self.vault.blind(f"address.{address.network}", address.value)
        where = {"network": address.network, "index": index}
        row = connection.execute(
            _HEARD, {**where, "now": now, "heard_since": now - self.silent}
        ).one_or_none()
        if row is None:
            return None
        if row.doubted_at is not None:
            numbers.forget(connection, row.id, now)
            return self._person(connection, row.id)
        return self._read(row)

    def _doubt(self, connection: Connection, person_id: uuid.UUID, phone: str) -> None:
        """Forgets who the person of this phone was, if it may be another's phone by now."""
        now = self.clock()
        index = self.vault.blind("address.phone", phone)
        if numbers.may_be_anothers(connection, person_id, index, now - self.silent):
            numbers.forget(connection, person_id, now)

    def _settle_at(
        self, connection: Connection, address: Address, person_id: uuid.UUID, *, overrule: bool
    ) -> Person:
        """Puts the person at the address; without `overrule`, whoever got there first stays."""
        now = self.clock()
        proven = now if overrule or address.phone is not None else None
        index = self.vault.blind(f"address.{address.network}", address.value)
        settled = connection.execute(
            _OVERRULE if overrule else _SETTLE,
            {
                "network": address.network,
                "index": index,
                "value": self.vault.seal(address.value, f"address.value:{index.hex()}"),
                "person": person_id,
                "proven": proven,
                "now": now,
            },
        ).scalar_one()
        if settled != person_id:
            _let_go(connection, person_id, settled)
        return self._person(connection, settled)

    def _of_phone(self, connection: Connection, phone: str) -> tuple[uuid.UUID, bool]:
        """The person of this phone, and whether we have just met them."""
        index = self.vault.blind("phone", phone)
        person_id = self.new_id()
        now = self.clock()
        made = connection.execute(
            _MEET,
            {
                "id": person_id,
                "index": index,
                "phone": self.vault.seal(phone, f"person.phone:{person_id}"),
                "language": DEFAULT_LANGUAGE,
                "now": now,
            },
        ).scalar()
        if made is not None:
            return made, True
        return connection.execute(_OF_PHONE, {"index": index}).scalar_one(), False

    def _new_person(self, connection: Connection) -> uuid.UUID:
        now = self.clock()
        person_id = self.new_id()
        connection.execute(
            insert(people).values(
                id=person_id, language=DEFAULT_LANGUAGE, created_at=now, heard_at=now
            )
        )
        return person_id

    def _speak(
        self, connection: Connection, person_id: uuid.UUID, language: str, accents: bool | None
    ) -> None:
        connection.execute(
            update(people)
            .where(people.c.id == person_id)
            .values(language=language, accents=accents)
        )

    def _person(self, connection: Connection, person_id: uuid.UUID) -> Person:
        row = connection.execute(_PERSON, {"id": person_id, "now": self.clock()}).one()
        return self._read(row)

    def _read(self, row: Row[Any]) -> Person:
        citizen = (
            self.vault.open_json(row.citizen, f"person.citizen:{row.id}") if row.citizen else None
        )
        return Person(
            id=str(row.id),
            language=row.language,
            accents=row.accents,
            phone=self.vault.open(row.phone, f"person.phone:{row.id}") if row.phone else None,
            linked=Linked.from_json(citizen) if citizen else None,
        )

    def _at(self, address: Address) -> tuple[Any, ...]:
        index = self.vault.blind(f"address.{address.network}", address.value)
        return (addresses.c.network == address.network, addresses.c.value_index == index)


def _write_down(
    connection: Connection, person_id: uuid.UUID, consent: Consent, at: datetime
) -> None:
    connection.execute(
        insert(consents).values(
            person_id=person_id,
            purpose=consent.purpose,
            wording=consent.wording,
            language=consent.language,
            channel=consent.channel,
            given_at=at,
        )
    )


def _let_go(connection: Connection, person_id: uuid.UUID, heir: uuid.UUID) -> None:
    """Removes somebody without a phone who is at no address any longer.

    What they agreed to passes to the person they turned out to be: it is the proof of a consent.
    So does what they refused.
    """
    still = or_(
        people.c.phone_index.is_not(None), exists().where(addresses.c.person_id == person_id)
    )
    kept = connection.execute(
        select(func.count()).select_from(people).where(people.c.id == person_id, still)
    ).scalar_one()
    if not kept:
        connection.execute(
            update(consents).where(consents.c.person_id == person_id).values(person_id=heir)
        )
        wishes.pass_on(connection, person_id, heir)
        connection.execute(delete(people).where(people.c.id == person_id))
