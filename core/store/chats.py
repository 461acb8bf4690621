"""Implements `core.people.chats.Chats`: which chats are whose, and forgetting what was said there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, select, update

from core.clock import Clock
from core.message import Address, Network
from core.outbox.outgoing import FINAL, Status
from core.people.chats import Chat
from core.session import Sessions
from core.store.database import Database
from core.store.tables import address as addresses
from core.store.tables import consent as consents
from core.store.tables import inbox, outgoing
from core.store.tables import person as people
from core.store.tables import talk as talks
from core.store.vault import Vault

_NETWORKS: dict[str, Network] = {name: name for name in get_args(Network)}


@dataclass(frozen=True, slots=True)
class StoredChats:
    """The address table, with the sessions of the chats that stand there."""

    database: Database
    vault: Vault
    clock: Clock
    sessions: Sessions

    def of(self, person_id: str, here: Address) -> tuple[Chat, ...]:
        with self.database.begin() as connection:
            rows = self._chats(connection, person_id)
        mine = self._index(here)
        return tuple(
            Chat(
                id=_name(row.value_index),
                network=_NETWORKS[row.network],
                since=row.proven_at or row.heard_at,
                here=row.network == here.network and row.value_index == mine,
            )
            for row in rows
        )

    def remove(self, person_id: str, chat_id: str) -> None:
        with self.database.begin() as connection:
            gone = [
                row
                for row in self._chats(connection, person_id)
                if _name(row.value_index) == chat_id
            ]
            self._delete(connection, gone)
        self._part(gone)

    def remove_others(self, person_id: str, here: Address) -> None:
        mine = self._index(here)
        with self.database.begin() as connection:
            gone = [
                row
                for row in self._chats(connection, person_id)
                if (row.network, row.value_index) != (here.network, mine)
            ]
            self._delete(connection, gone)
        self._part(gone)

    def phone_of(self, address: Address) -> str | None:
        """The proven number of whoever is behind this chat. Nobody is written down for asking."""
        with self.database.begin() as connection:
            row = connection.execute(
                select(people.c.id, people.c.phone)
                .join(addresses, addresses.c.person_id == people.c.id)
                .where(*self._at(address))
            ).one_or_none()
        if row is None or row.phone is None:
            return None
        return self.vault.open(row.phone, f"person.phone:{row.id}")

    def forget(self, address: Address) -> None:
        with self.database.begin() as connection:
            self._unsay(connection, address)
            person_id = connection.execute(
                delete(addresses).where(*self._at(address)).returning(addresses.c.person_id)
            ).scalar()
            if person_id is not None:
                self._unlink(connection, person_id)

    def _unsay(self, connection: Connection, address: Address) -> None:
        """Empties what was said here and written here; what is still to be written is stopped."""
        key = self.vault.blind("inbox.person", f"{address.network}:{address.value}")
        connection.execute(
            update(inbox)
            .where(inbox.c.person_key == key, inbox.c.state != "new")
            .values(body=None, reply=None)
        )
        connection.execute(
            delete(talks).where(
                talks.c.network == address.network,
                talks.c.address_index == self._index(address),
            )
        )
        here = outgoing.c.address_index == self._index(address)
        now = self.clock()
        connection.execute(
            update(outgoing)
            .where(here, outgoing.c.status == Status.QUEUED)
            .values(status=Status.STOPPED, settled_at=now, words="asked to be forgotten")
        )
        connection.execute(
            update(outgoing)
            .where(here, outgoing.c.status.in_((Status.SENT, *FINAL)))
            .values(body=None, address=None)
        )

    def _unlink(self, connection: Connection, person_id: uuid.UUID) -> None:
        """Nobody is behind this person any more; with no phone and no chat left, they are gone."""
        connection.execute(
            update(people)
            .where(people.c.id == person_id)
            .values(citizen=None, citizen_index=None, linked_at=None)
        )
        connection.execute(
            update(consents)
            .where(consents.c.person_id == person_id, consents.c.withdrawn_at.is_(None))
            .values(withdrawn_at=self.clock())
        )
        still = exists().where(addresses.c.person_id == person_id)
        connection.execute(
            delete(people).where(people.c.id == person_id, people.c.phone_index.is_(None), ~still)
        )

    def _chats(self, connection: Connection, person_id: str) -> Iterable[Row[Any]]:
        since = func.coalesce(addresses.c.proven_at, addresses.c.heard_at)
        return connection.execute(
            select(addresses)
            .where(addresses.c.person_id == uuid.UUID(person_id), addresses.c.network != "phone")
            .order_by(since, addresses.c.value_index)
        ).all()

    def _delete(self, connection: Connection, rows: Iterable[Row[Any]]) -> None:
        for row in rows:
            connection.execute(
                delete(addresses).where(
                    addresses.c.network == row.network,
                    addresses.c.value_index == row.value_index,
                    addresses.c.person_id == row.person_id,
                )
            )

    def _part(self, rows: Iterable[Row[Any]]) -> None:
        """Whatever such a chat says next is said by somebody whom we do not know."""
        for row in rows:
            value = self.vault.open(row.value, f"address.value:{row.value_index.hex()}")
            self.sessions.apart(Address(_NETWORKS[row.network], value))

    def _index(self, address: Address) -> bytes:
        return self.vault.blind(f"address.{address.network}", address.value)

    def _at(self, address: Address) -> tuple[ColumnElement[bool], ...]:
        return (
            addresses.c.network == address.network,
            addresses.c.value_index == self._index(address),
        )


def _name(index: bytes) -> str:
    return index.hex()[:12]
