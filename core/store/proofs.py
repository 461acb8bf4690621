"""Implements `core.people.proofs.Proofs` on PostgreSQL: codes as blind indexes, texts by the outbox."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from prometheus_client import Counter
from sqlalchemy import ColumnElement, Connection, and_, case, insert, select, update

from core.clock import Clock
from core.message import Address, Channel, Page, Screen
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.people.accounts import Person
from core.people.proofs import (
    DIGITS,
    FROM_A_CHAT,
    HOLDS,
    PAUSE,
    TO_A_NUMBER,
    TRIES,
    TooMany,
)
from core.store.database import Database, one_at_a_time
from core.store.outbox import Outbox
from core.store.tables import proof
from core.store.vault import Vault
from core.text import Text, plain

_codes = Counter("motcua_proof_codes", "Codes by SMS, by what became of the wish for one", ["what"])


class Speaker(Protocol):
    """How we speak by SMS."""

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]: ...


@dataclass(frozen=True, slots=True)
class StoredProofs:
    """Any number of processes may send and check at once. `randbelow` draws the digits."""

    database: Database
    vault: Vault
    clock: Clock
    outbox: Outbox
    texting: Speaker
    randbelow: Callable[[int], int] = secrets.randbelow

    def send(self, address: Address, phone: str, *, words: Text, to: Person) -> TooMany | None:
        now = self.clock()
        chat, number = self._chat(address), self._number(phone)
        with self.database.begin() as connection:
            # Two wishes at the same moment must not both find room.
            one_at_a_time(connection, number)
            last = self._open(connection, chat, number, now)
            if last is not None and last > now - PAUSE:
                _codes.labels("still on its way").inc()
                return None
            until = max(
                _full_until(connection, now, proof.c.phone_index == number, TO_A_NUMBER),
                _full_until(connection, now, proof.c.address_index == chat, FROM_A_CHAT),
            )
            if until > now:
                _codes.labels("too many").inc()
                return TooMany(until)
            self._send(connection, chat, phone, now, words, to)
        _codes.labels("sent").inc()
        return None

    def check(self, address: Address, phone: str, code: str) -> Literal["right", "wrong", "over"]:
        now = self.clock()
        chat, number = self._chat(address), self._number(phone)
        asked = self._code(chat, phone, code)
        right = proof.c.code_index == asked
        # One statement, so that tries made at the same moment are all counted.
        tried = (
            update(proof)
            .where(self._holds(chat, number, now))
            .values(
                wrong=case((right, proof.c.wrong), else_=proof.c.wrong + 1),
                ended_at=case((right, now), (proof.c.wrong + 1 >= TRIES, now), else_=None),
            )
            .returning(proof.c.code_index, proof.c.ended_at)
        )
        with self.database.begin() as connection:
            row = connection.execute(tried).one_or_none()
        found: Literal["right", "wrong", "over"] = "over"
        if row is not None and secrets.compare_digest(row.code_index, asked):
            found = "right"
        elif row is not None and row.ended_at is None:
            found = "wrong"
        _codes.labels(found).inc()
        return found

    def _send(
        self,
        connection: Connection,
        chat: bytes,
        phone: str,
        now: datetime,
        words: Text,
        to: Person,
    ) -> None:
        row = uuid.uuid4()
        code = f"{self.randbelow(10**DIGITS):0{DIGITS}d}"
        number = self._number(phone)
        # Only the newest code of a chat holds.
        connection.execute(
            update(proof)
            .where(proof.c.address_index == chat, proof.c.ended_at.is_(None))
            .values(ended_at=now)
        )
        connection.execute(
            insert(proof).values(
                id=row,
                address_index=chat,
                phone_index=number,
                code_index=self._code(chat, phone, code),
                sent_at=now,
                expires_at=now + HOLDS,
                wrong=0,
            )
        )
        screen = Screen(words.with_(code=plain(code)))
        page = self.texting.pages(screen, language=to.language, accents=to.accents)[0]
        self.outbox.put(
            connection,
            Outgoing(
                key=f"code:{row}",
                address=Address("phone", phone),
                channel=Channel.SMS,
                page=page,
                purpose=Purpose.CODE,
                lane=Lane.URGENT,
                useless_after=now + HOLDS,
            ),
        )

    def _open(
        self, connection: Connection, chat: bytes, number: bytes, now: datetime
    ) -> datetime | None:
        """When the code that holds was sent."""
        return connection.execute(
            select(proof.c.sent_at).where(self._holds(chat, number, now))
        ).scalar()

    def _holds(self, chat: bytes, number: bytes, now: datetime) -> ColumnElement[bool]:
        return and_(
            proof.c.address_index == chat,
            proof.c.phone_index == number,
            proof.c.ended_at.is_(None),
            proof.c.expires_at > now,
        )

    def _chat(self, address: Address) -> bytes:
        return self.vault.blind("proof.chat", f"{address.network}:{address.value}")

    def _number(self, phone: str) -> bytes:
        return self.vault.blind("proof.phone", phone)

    def _code(self, chat: bytes, phone: str, code: str) -> bytes:
        return self.vault.blind("proof.code", f"{chat.hex()}:{phone}:{code}")


def _full_until(
    connection: Connection,
    now: datetime,
    whose: ColumnElement[bool],
    limits: Iterable[tuple[int, timedelta]],
) -> datetime:
    """When there is room for one more code; `now` when there is room at once."""
    until = now
    for most, span in limits:
        sent = connection.scalars(
            select(proof.c.sent_at)
            .where(whose, proof.c.sent_at > now - span)
            .order_by(proof.c.sent_at.desc())
            .limit(most)
        ).all()
        if len(sent) == most:
            until = max(until, sent[-1] + span)
    return until
