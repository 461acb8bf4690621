"""Calls that outlasted their patience: kept sealed, finished later by a job that knows only an id."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import Connection, Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.store.database import Database
from core.store.tables import deferred as table
from core.store.vault import Unopenable, Vault

TASK = "finish_deferred"
"""The job's name; its one argument is the id."""

QUEUE = "deferred"
LEASE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Kept:
    """A call in a worker's hands until the lease ends. `attempt` counts from 1."""

    id: str
    key: str
    call: Mapping[str, Any] = field(repr=False, compare=False)
    attempt: int
    kept_at: datetime


class Deferred:
    """Implements `core.turn.Later`. `patience` is for how long a kept call is tried again."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        lease: timedelta = LEASE,
        patience: timedelta = timedelta(days=3),
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lease = lease
        self._patience = patience
        self._new_id = new_id
        # Never opened: its jobs are written on our own connections, in our own transactions.
        self._jobs = App(connector=SyncPsycopgConnector())

    def keep(self, key: str, call: Mapping[str, Any]) -> None:
        """Stores the call and its job together; the same key again changes nothing."""
        row = self._new_id()
        with self._database.begin() as connection:
            made = connection.execute(
                insert(table)
                .values(
                    id=row,
                    key=key,
                    body=self._vault.seal_json(call, f"deferred.body:{row}"),
                    state="new",
                    # Until then it is the job's; after that the sweep finds a job for it again.
                    lease_until=self._clock(),
                    attempts=0,
                    created_at=self._clock(),
                )
                .on_conflict_do_nothing(index_elements=["key"])
                .returning(table.c.id)
            ).scalar()
            if made is not None:
                self._put_job(connection, row, None)

    def claim(self, row: str) -> Kept | None:
        """The call of a job; None when it is done, given up, or in somebody else's hands."""
        now = self._clock()
        with self._database.begin() as connection:
            taken = connection.execute(
                update(table)
                .where(
                    table.c.id == uuid.UUID(row),
                    table.c.state == "new",
                    or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
                )
                .values(lease_until=now + self._lease, attempts=table.c.attempts + 1)
                .returning(*table.c)
            ).one_or_none()
            if taken is None:
                return None
            return self._read(connection, taken)

    def _read(self, connection: Connection, row: Row[Any]) -> Kept | None:
        try:
            call = self._vault.open_json(row.body, f"deferred.body:{row.id}")
        except Unopenable:
            self._end(connection, row.id, "failed")
            return None
        return Kept(str(row.id), row.key, call, row.attempts, row.created_at)

    def finish(self, connection: Connection, kept: Kept) -> bool:
        """Done, in the transaction of what came of it; False when somebody else has it by now."""
        ended = connection.execute(
            update(table)
            .where(*_ours(kept))
            .values(state="done", done_at=self._clock(), lease_until=None)
        )
        return ended.rowcount > 0

    def again(self, kept: Kept, *, after: timedelta) -> bool:
        """It did not work out yet: another job in `after`; False when it has been given up."""
        now = self._clock()
        with self._database.begin() as connection:
            if now + after > kept.kept_at + self._patience:
                self._end(connection, uuid.UUID(kept.id), "failed")
                return False
            connection.execute(update(table).where(*_ours(kept)).values(lease_until=now + after))
            self._put_job(connection, uuid.UUID(kept.id), now + after)
            return True

    def give_up(self, kept: Kept) -> None:
        """It will never work out."""
        with self._database.begin() as connection:
            self._end(connection, uuid.UUID(kept.id), "failed")

    def sweep(self, *, overdue: timedelta = timedelta(minutes=2), limit: int = 1000) -> int:
        """Gives a new job to each call whose job was lost with its worker; how many there were."""
        now = self._clock()
        with self._database.begin() as connection:
            lost = connection.scalars(
                select(table.c.id)
                .where(table.c.state == "new", table.c.lease_until <= now - overdue)
                .order_by(table.c.lease_until)
                .limit(limit)
                .with_for_update(skip_locked=True)
            ).all()
            for row in lost:
                self._put_job(connection, row, None)
            if lost:
                connection.execute(
                    update(table).where(table.c.id.in_(lost)).values(lease_until=now)
                )
        return len(lost)

    def _put_job(self, connection: Connection, row: uuid.UUID, at: datetime | None) -> None:
        job = self._jobs.configure_task(
            TASK,
            queue=QUEUE,
            schedule_at=at,
            connection=connection.connection.driver_connection,
        )
        job.defer(row=str(row))

    def _end(self, connection: Connection, row: uuid.UUID, state: str) -> None:
        connection.execute(
            update(table)
            .where(table.c.id == row, table.c.state == "new")
            .values(state=state, done_at=self._clock(), lease_until=None)
        )


def _ours(kept: Kept) -> tuple[Any, ...]:
    return (
        table.c.id == uuid.UUID(kept.id),
        table.c.state == "new",
        table.c.attempts == kept.attempt,
    )
