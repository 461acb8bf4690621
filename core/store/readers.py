"""Implements `core.notices.ports.Readers`: people found blindly, by the citizen they are linked to."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, true

from core.clock import Clock, now
from core.message import Address
from core.notices.ports import Reader
from core.outbox.numbers import SILENT
from core.people.wishes import Topic
from core.store.database import Database
from core.store.numbers import is_in_doubt
from core.store.tables import address as addresses
from core.store.tables import person as people
from core.store.vault import Vault
from core.store.wishes import refusals

CITIZEN = "person.citizen"
"""The kind of the blind index that names a person's citizen."""


@dataclass(frozen=True, slots=True)
class StoredReaders:
    """Only people who have been in touch with us are known; nobody is made up here."""

    database: Database
    vault: Vault
    clock: Clock = now
    silent: timedelta = SILENT

    def find(
        self,
        citizen_id: str,
        *,
        phones: Collection[str],
        carers: Collection[str],
        told: Collection[str],
    ) -> tuple[Reader, ...]:
        concerned = or_(
            and_(
                people.c.citizen_index == self.vault.blind(CITIZEN, citizen_id),
                people.c.phone_index.in_(self._indices(phones)),
            ),
            people.c.phone_index.in_(self._indices(carers)),
        )
        # A person who is not linked has no index, and the answer to a question about it is not no.
        lapsed = concerned.is_not(true()).label("lapsed")
        asked = or_(concerned, people.c.id.in_([uuid.UUID(person) for person in told]))
        with self.database.begin() as connection:
            rows = connection.execute(
                select(people, lapsed).where(asked).order_by(people.c.id)
            ).all()
            refuses = refusals(connection, [row.id for row in rows])
            rows = [row for row in rows if Topic.ALL not in refuses.get(row.id, ())]
            found = self._addresses(connection, rows)
        return tuple(
            replace(self._reader(row, found[row.id], refuses.get(row.id)), lapsed=row.lapsed)
            for row in rows
        )

    def _indices(self, phones: Collection[str]) -> list[bytes]:
        return [self.vault.blind("phone", phone) for phone in phones]

    def one(self, person_id: str) -> Reader | None:
        """This person; None when they are gone, or refused our messages."""
        known = people.c.id == uuid.UUID(person_id)
        with self.database.begin() as connection:
            rows = connection.execute(select(people).where(known)).all()
            refuses = refusals(connection, [row.id for row in rows])
            rows = [row for row in rows if Topic.ALL not in refuses.get(row.id, ())]
            found = self._addresses(connection, rows)
        return next((self._reader(row, found[row.id], refuses.get(row.id)) for row in rows), None)

    def _addresses(
        self, connection: Connection, rows: Collection[Row[Any]]
    ) -> dict[uuid.UUID, list[Row[Any]]]:
        found: dict[uuid.UUID, list[Row[Any]]] = defaultdict(list)
        for row in connection.execute(
            select(addresses)
            .where(addresses.c.person_id.in_([row.id for row in rows]))
            .order_by(addresses.c.heard_at.desc())
        ):
            found[row.person_id].append(row)
        return found

    def _reader(
        self, row: Row[Any], theirs: list[Row[Any]], refuses: frozenset[Topic] | None
    ) -> Reader:
        open_to = [
            Address(one.network, self._value(one)) for one in theirs if one.blocked_at is None
        ]
        # A phone that was proven in a chat has never texted us, and so has no address of its own.
        if row.phone and not any(one.network == "phone" for one in theirs):
            open_to.append(Address("phone", self.vault.open(row.phone, f"person.phone:{row.id}")))
        since = self.clock() - self.silent
        return Reader(
            person_id=str(row.id),
            language=row.language,
            accents=row.accents,
            addresses=tuple(open_to),
            refuses=refuses or frozenset(),
            doubted=frozenset(
                Address(one.network, self._value(one)) for one in theirs if is_in_doubt(one, since)
            ),
            discreet=bool(row.discreet),
        )

    def _value(self, row: Row[Any]) -> str:
        return self.vault.open(row.value, f"address.value:{row.value_index.hex()}")
