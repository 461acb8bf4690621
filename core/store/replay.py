"""Messages that failed: found, and sent again under the same id when somebody says so."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, select, text

from core.clock import Clock
from core.outbox.outgoing import Purpose, Status
from core.outbox.story import NotAgain
from core.store.database import Database, notify
from core.store.outbox import CHANNEL
from core.store.tables import outgoing, replay

# What a provider said of the try before must not be taken for its word on the next one.
_PUT_ASIDE = text("""
UPDATE receipt SET provider_ref = receipt.provider_ref || ' before ' || replay.id
FROM replay WHERE replay.id = ANY(CAST(:replays AS bigint[]))
AND receipt.outgoing_id = replay.outgoing_id
""")
_QUEUE = text("""
UPDATE outgoing SET status = 'queued', attempts = 0, lease_until = NULL, settled_at = NULL,
  provider = NULL, provider_ref = NULL, told = NULL, words = '',
  not_before = asked.start, due_at = asked.start
FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS timestamptz[])) AS asked (id, start)
WHERE outgoing.id = asked.id
""")


@dataclass(frozen=True, slots=True)
class Which:
    """Which failed messages are meant; None: any. `since`: that failed after it."""

    provider: str | None = None
    purpose: Purpose | None = None
    since: datetime | None = None
    owner: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As the database is asked."""
        columns = (
            (outgoing.c.provider, self.provider),
            (outgoing.c.purpose, self.purpose),
            (outgoing.c.owner, self.owner),
        )
        found = [column == value for column, value in columns if value is not None]
        if self.since is not None:
            found.append(outgoing.c.settled_at >= self.since)
        return [outgoing.c.status == Status.FAILED, *found]


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """`decent` gives the first moment at which a message of that purpose may be sent."""

    database: Database
    clock: Clock
    decent: Callable[[Purpose, datetime], datetime]

    def count(self, which: Which) -> int:
        """How many there are."""
        with self.database.begin() as connection:
            query = select(func.count()).select_from(outgoing).where(*which.conditions())
            return connection.execute(query).scalar_one()

    def some(self, which: Which, *, after: int, most: int) -> Sequence[tuple[int, str]]:
        """`seq` and id of the next ones after this `seq`, the oldest first."""
        query = (
            select(outgoing.c.seq, outgoing.c.id)
            .where(*which.conditions(), outgoing.c.seq > after)
            .order_by(outgoing.c.seq)
            .limit(most)
        )
        with self.database.begin() as connection:
            return [(row.seq, str(row.id)) for row in connection.execute(query)]

    def send_again(
        self, ids: Sequence[str], by: str, *, owner: str | None = None
    ) -> Mapping[str, NotAgain | None]:
        """Queues them anew, in one transaction; for each, why that cannot be (None: it is done).

        `by` is the id of an API key, or how else it was asked for; with `owner`, only messages
        that this key has put in. Their ids stay: a provider that drops repeats by id, and still
        remembers, will drop this one too.
        """
        asked = {one: _uuid(one) for one in ids}
        known = [one for one in asked.values() if one is not None]
        now = self.clock()
        with self.database.begin() as connection:
            rows = {row.id: row for row in _locked(connection, known)}
            told: dict[str, NotAgain | None] = {
                name: _not_again(rows.get(one) if one else None, owner, now)
                for name, one in asked.items()
            }
            going = [rows[one] for name, one in asked.items() if one and told[name] is None]
            if going:
                self._queue(connection, going, by, now)
        return told

    def _queue(
        self, connection: Connection, rows: Sequence[Row[Any]], by: str, now: datetime
    ) -> None:
        replays = connection.scalars(
            insert(replay).returning(replay.c.id),
            [{"outgoing_id": row.id, "at": now, "by": by, "words": row.words} for row in rows],
        ).all()
        connection.execute(_PUT_ASIDE, {"replays": list(replays)})
        starts = [self.decent(Purpose(row.purpose), now) for row in rows]
        connection.execute(_QUEUE, {"ids": [row.id for row in rows], "starts": starts})
        notify(connection, CHANNEL)


def _locked(connection: Connection, ids: Sequence[uuid.UUID]) -> Sequence[Row[Any]]:
    newer = outgoing.alias("newer")
    overtaken = and_(
        outgoing.c.about_index.is_not(None),
        exists().where(newer.c.about_index == outgoing.c.about_index, newer.c.seq > outgoing.c.seq),
    )
    columns = (
        *(outgoing.c.id, outgoing.c.owner, outgoing.c.status, outgoing.c.purpose),
        *(outgoing.c.words, outgoing.c.useless_after),
        outgoing.c.body.is_(None).label("forgotten"),
        overtaken.label("overtaken"),
    )
    query = select(*columns).where(outgoing.c.id.in_(ids)).order_by(outgoing.c.seq)
    return connection.execute(query.with_for_update(of=outgoing)).all()


def _not_again(row: Row[Any] | None, owner: str | None, now: datetime) -> NotAgain | None:
    if row is None or owner not in (None, row.owner):
        return "unknown"
    if row.status != Status.FAILED:
        return "not-failed"
    if row.forgotten:
        return "forgotten"
    if row.overtaken:
        return "overtaken"
    if row.useless_after is not None and row.useless_after <= now:
        return "too-late"
    return None


def _uuid(written: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(written)
    except ValueError:
        return None
