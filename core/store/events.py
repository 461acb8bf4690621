"""Events as they are kept: of each thing its newest version, who was told of it, and what."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.message import Network
from core.notices.ports import PROVIDER, Event, Kind, Noted, Taken, about_of, key_of
from core.outbox.numbers import asks_to_link
from core.outbox.outgoing import Outgoing
from core.store.database import Database, one_at_a_time
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.tables import event as table
from core.store.tables import event_told as told_table
from core.store.tables import outgoing
from core.store.vault import Unopenable, Vault

LEASE = timedelta(seconds=60)
"""Longer than a notice may wait for its platforms."""

GRACE = timedelta(seconds=30)
"""What the inbox has not had handled by then is looked for here."""

SKEW = timedelta(minutes=10)
"""A platform's clock may be so much ahead of ours; a moment beyond that orders nothing."""


class StoredEvents:
    """Implements `core.notices.ports.Ledger`. Any number of processes may work on it at once."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        inbox: Inbox,
        outbox: Outbox,
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._inbox = inbox
        self._outbox = outbox
        self._lease = lease

    def take(self, event: Event) -> bool:
        """Keeps the event and queues it, together; False when this or a newer version is known."""
        index = self._index(event.kind, event.id)
        now = self._clock()
        if event.version is not None and not event.version.isprintable():
            event = replace(event, version=None)
        at = event.at if event.at is not None and event.at <= now + SKEW else None
        with self._database.begin() as connection:
            one_at_a_time(connection, index)
            known = connection.execute(select(table).where(*_of(event.kind, index))).one_or_none()
            if known is not None and not _newer(event.version, at, known):
                return False
            turn = self._store(connection, event, index, at, known)
            self._inbox.put(
                connection,
                PROVIDER,
                f"{index.hex()}:{turn}",
                f"event:{index.hex()}",
                {"kind": event.kind, "id": event.id},
            )
        return True

    def _store(
        self,
        connection: Connection,
        event: Event,
        index: bytes,
        at: datetime | None,
        known: Row[Any] | None,
    ) -> int:
        now = self._clock()
        body = {"id": event.id, "citizen_id": event.citizen_id}
        fresh = {
            "thing": self._vault.seal_json(body, _about(event.kind, index)),
            "version": event.version,
            "at": at if at is not None or known is None else known.at,
            "turn": 1 if known is None else known.turn + 1,
            "attempts": 0,
            "try_at": now + GRACE,
            "seen_at": now,
        }
        never = {"handled": 0, "claims": 0, "times": 0}
        connection.execute(
            insert(table)
            .values(kind=event.kind, thing_index=index, **fresh, **never)
            .on_conflict_do_update(index_elements=["kind", "thing_index"], set_=fresh)
        )
        return 1 if known is None else int(known.turn) + 1

    def claim(self, kind: Kind, thing: str) -> Taken | None:
        """The newest version of this thing; None when it is handled, or in other hands."""
        which = and_(*_of(kind, self._index(kind, thing)))
        return next(iter(self._claim(which, 1)), None)

    def due(self, limit: int) -> Sequence[Taken]:
        """Events that were left to be tried now, or whose worker died."""
        return self._claim(table.c.try_at <= self._clock(), limit)

    def _claim(self, which: ColumnElement[bool], limit: int) -> Sequence[Taken]:
        now = self._clock()
        free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
        chosen = (
            select(table.c.kind, table.c.thing_index)
            .where(table.c.handled < table.c.turn, free, which)
            .order_by(table.c.try_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        with self._database.begin() as connection:
            rows = connection.execute(
                update(table)
                .where(table.c.kind == chosen.c.kind, table.c.thing_index == chosen.c.thing_index)
                .values(lease_until=now + self._lease, claims=table.c.claims + 1)
                .returning(*table.c)
            ).all()
            read = [self._read(connection, row) for row in rows]
        return [taken for taken in read if taken is not None]

    def _read(self, connection: Connection, row: Row[Any]) -> Taken | None:
        """The event; one that does not open is passed by."""
        which = _of(row.kind, row.thing_index)
        try:
            body = self._vault.open_json(row.thing, _about(row.kind, row.thing_index))
        except Unopenable:
            connection.execute(update(table).where(*which).values(handled=row.turn))
            return None
        told = connection.execute(
            select(told_table.c.person_id, told_table.c.network).where(
                told_table.c.kind == row.kind, told_table.c.thing_index == row.thing_index
            )
        )
        networks: dict[str, Network] = {str(one.person_id): one.network for one in told}
        taken = Taken(
            event=Event(row.kind, body["id"], row.version, body["citizen_id"], row.at),
            name=row.thing_index.hex(),
            turn=row.turn,
            claim=row.claims,
            attempts=row.attempts,
            times=row.times,
            told=networks,
        )
        return replace(taken, told=self._as_it_went(connection, taken)) if networks else taken

    def _as_it_went(self, connection: Connection, taken: Taken) -> dict[str, Network]:
        """On which network each of those who were told has read it last: not always as it set out."""
        keys = {key_of(taken, taken.times, person): person for person in taken.told}
        went = connection.execute(
            select(outgoing.c.key, outgoing.c.network).where(outgoing.c.key.in_(keys))
        )
        return {**taken.told, **{keys[one.key]: one.network for one in went}}

    def already(self, taken: Taken, said: str) -> bool:
        """Is this the very thing that people were told last?"""
        with self._database.begin() as connection:
            last = connection.execute(select(table.c.said_index).where(*_mine(taken))).scalar()
        return last is not None and last == self._said(taken, said)

    def settle(
        self,
        taken: Taken,
        letters: Sequence[Outgoing],
        said: str | None,
        *,
        again: datetime | None = None,
        noted: Noted | None = None,
    ) -> bool:
        """Handled: its letters go out, all in one transaction. False: others have it by now."""
        now = self._clock()
        newest = table.c.turn == taken.turn
        values: dict[str, Any] = {"lease_until": None}
        if again is None:
            # Nothing about anybody is left, unless a newer version waits for its turn.
            values |= {"handled": taken.turn, "thing": case((newest, None), else_=table.c.thing)}
        else:
            values |= {"attempts": 0, "try_at": case((newest, again), else_=table.c.try_at)}
        if said is not None:
            values |= {"said_index": self._said(taken, said), "times": table.c.times + 1}
        with self._database.begin() as connection:
            done = connection.execute(update(table).where(*_mine(taken)).values(**values))
            if not done.rowcount:
                return False
            for letter in letters:
                self._outbox.put(connection, letter)
                if letter.person_id is not None and not asks_to_link(letter.key):
                    self._note_told(connection, taken, letter, now)
            if noted is not None:
                noted(connection)
        return True

    def _note_told(
        self, connection: Connection, taken: Taken, letter: Outgoing, now: datetime
    ) -> None:
        network = {"network": letter.address.network, "at": now}
        connection.execute(
            insert(told_table)
            .values(
                kind=taken.event.kind,
                thing_index=bytes.fromhex(taken.name),
                person_id=uuid.UUID(letter.person_id),
                **network,
            )
            .on_conflict_do_update(
                index_elements=["kind", "thing_index", "person_id"], set_=network
            )
        )

    def later(self, taken: Taken, at: datetime, *, counted: bool) -> None:
        """To be tried again at this moment; `counted` when trying failed."""
        with self._database.begin() as connection:
            connection.execute(
                update(table)
                .where(*_mine(taken))
                .values(
                    lease_until=None,
                    attempts=table.c.attempts + int(counted),
                    # A newer version that came meanwhile does not wait for this one.
                    try_at=case((table.c.turn == taken.turn, at), else_=table.c.try_at),
                )
            )

    def withdraw(self, taken: Taken) -> int:
        """Stops what was written about this thing and still waits to be sent; how many letters."""
        with self._database.begin() as connection:
            abouts = [about_of(taken, person) for person in taken.told]
            stopped = self._outbox.withdraw(connection, abouts, "no longer true")
            if stopped:
                # Should it become true again, somebody has not heard it.
                connection.execute(update(table).where(*_mine(taken)).values(said_index=None))
        return stopped

    def _index(self, kind: Kind, thing: str) -> bytes:
        return self._vault.blind(f"event.{kind}", thing)

    def _said(self, taken: Taken, said: str) -> bytes:
        return self._vault.blind("event.said", f"{taken.name} {said}")


def _of(kind: str, index: bytes) -> tuple[ColumnElement[bool], ...]:
    return (table.c.kind == kind, table.c.thing_index == index)


def _mine(taken: Taken) -> tuple[ColumnElement[bool], ...]:
    return (
        *_of(taken.event.kind, bytes.fromhex(taken.name)),
        table.c.claims == taken.claim,
        table.c.handled < taken.turn,
    )


def _about(kind: str, index: bytes) -> str:
    return f"event.thing:{kind}:{index.hex()}"


def _newer(version: str | None, at: datetime | None, known: Row[Any]) -> bool:
    """By the moment of the change, which outlives a restored server; by counted versions else.

    What can be compared by neither may be newer: to look once more does no harm.
    """
    if at is not None and known.at is not None and at != known.at:
        return bool(at > known.at)
    if version is None or known.version is None:
        return at is None or known.at is None
    if _counted(version) and _counted(known.version):
        return int(version) > int(known.version)
    return bool(version != known.version)


def _counted(version: str) -> bool:
    return version.isascii() and version.isdecimal()
