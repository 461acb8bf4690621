"""Calls that outlasted their patience: kept sealed, and finished later in each person's order.

The rows are the queue. A call is claimed with a lease; one that changes something waits until every
earlier one of the same person has ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.store.database import Database, notify, one_at_a_time
from core.store.tables import deferred as table
from core.store.vault import Unopenable, Vault

CHANNEL = "motcua_deferred"
"""PostgreSQL tells whoever listens here that a call may be finished now."""

LEASE = timedelta(seconds=20)
PATIENCE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Kept:
    """A call in a worker's hands until the lease ends. `attempt` counts from 1, real tries only.

    `over`: it has been tried for as long as it may; nothing remains but to tell the person.
    """

    id: str
    key: str
    call: Mapping[str, Any] = field(repr=False, compare=False)
    attempt: int
    kept_at: datetime
    platform: str
    claim: int
    over: bool = False


class Deferred:
    """Implements `core.around.Later`. `patience` is for how long a kept call is tried again."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        lease: timedelta = LEASE,
        patience: timedelta = PATIENCE,
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self.lease = lease
        self._patience = patience
        self._new_id = new_id

    def keep(self, key: str, call: Mapping[str, Any], *, after: timedelta = timedelta()) -> None:
        """Stores the call, to be claimed `after` so long; the same key again changes nothing.

        It goes to `call["platform"]`. One with a `person` changes something, and waits for those
        of the same person that were kept before it.
        """
        row, now = self._new_id(), self._clock()
        person_key = self._person_key(call.get("person"))
        with self._database.begin() as connection:
            if person_key is not None:
                # Numbers are given in the order of committing, or a later one could overtake.
                one_at_a_time(connection, person_key)
            connection.execute(
                insert(table)
                .values(
                    id=row,
                    key=key,
                    platform=call.get("platform", ""),
                    person_key=person_key,
                    body=self._vault.seal_json(call, f"deferred.body:{row}"),
                    state="new",
                    lease_until=now + after,
                    attempts=0,
                    claims=0,
                    created_at=now,
                )
                .on_conflict_do_nothing(index_elements=["key"])
            )
            notify(connection, CHANNEL)

    def waits(self, person: str) -> str | None:
        """The platform that a call of this person still waits for, which another must not overtake."""
        with self._database.begin() as connection:
            return connection.scalars(
                select(table.c.platform)
                .where(table.c.person_key == self._person_key(person), table.c.state == "new")
                .order_by(table.c.seq)
                .limit(1)
            ).one_or_none()

    def due(self) -> Sequence[str]:
        """The platforms for which there is a call that might be tried now."""
        with self._database.begin() as connection:
            return connection.scalars(select(table.c.platform).where(self._free()).distinct()).all()

    def claim(self, platform: str, limit: int) -> Sequence[Kept]:
        """Up to `limit` calls to this platform, those that have waited longest first."""
        earlier = table.alias("earlier")
        first = ~exists().where(
            earlier.c.person_key == table.c.person_key,
            earlier.c.state == "new",
            earlier.c.seq < table.c.seq,
        )
        return self._claim(and_(table.c.platform == platform, first), limit, tries=1)

    def claim_over(self, limit: int) -> Sequence[Kept]:
        """Up to `limit` calls that have been tried for long enough, whatever their platform does."""
        return self._claim(table.c.created_at <= self._clock() - self._patience, limit, tries=0)

    def _claim(self, wanted: ColumnElement[bool], limit: int, *, tries: int) -> Sequence[Kept]:
        now = self._clock()
        chosen = (
            select(table.c.id)
            .where(self._free(), wanted)
            .order_by(table.c.lease_until, table.c.seq)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        with self._database.begin() as connection:
            taken = connection.execute(
                update(table)
                .where(table.c.id == chosen.c.id)
                .values(
                    lease_until=now + self.lease,
                    attempts=table.c.attempts + tries,
                    claims=table.c.claims + 1,
                )
                .returning(*table.c)
            ).all()
            read = (self._read(connection, row) for row in sorted(taken, key=lambda one: one.seq))
            return [kept for kept in read if kept is not None]

    def _read(self, connection: Connection, row: Row[Any]) -> Kept | None:
        try:
            call = self._vault.open_json(row.body, f"deferred.body:{row.id}")
        except Unopenable:
            self._end(connection, table.c.id == row.id, "failed")
            return None
        over = row.created_at <= self._clock() - self._patience
        return Kept(
            str(row.id), row.key, call, row.attempts, row.created_at, row.platform, row.claims, over
        )

    def renew(self, kept: Collection[Kept]) -> Collection[Kept]:
        """Starts the leases anew; those that are still ours."""
        held = {one.id: one for one in kept}
        if not held:
            return ()
        with self._database.begin() as connection:
            renewed = connection.scalars(
                update(table)
                .where(or_(*(and_(*_ours(one)) for one in kept)))
                .values(lease_until=self._clock() + self.lease)
                .returning(table.c.id)
            )
            return [held[str(row)] for row in renewed]

    def finish(self, connection: Connection, kept: Kept) -> bool:
        """Done, in the transaction of what came of it; False when somebody else has it by now."""
        return self._end(connection, and_(*_ours(kept)), "done")

    def give_up(self, connection: Connection, kept: Kept) -> bool:
        """It will never work out; in the transaction of what the person is told."""
        return self._end(connection, and_(*_ours(kept)), "failed")

    def again(self, kept: Kept, *, after: timedelta, platform: str, tried: bool = True) -> None:
        """To be tried again `after` this long. Not `tried`: the platform was not even asked."""
        with self._database.begin() as connection:
            connection.execute(
                update(table)
                .where(*_ours(kept))
                .values(
                    lease_until=self._clock() + after,
                    platform=platform,
                    attempts=kept.attempt if tried else kept.attempt - 1,
                )
            )

    def _free(self) -> ColumnElement[bool]:
        return and_(table.c.state == "new", table.c.lease_until <= self._clock())

    def _end(self, connection: Connection, which: ColumnElement[bool], state: str) -> bool:
        ended = connection.execute(
            update(table)
            .where(which, table.c.state == "new")
            .values(state=state, done_at=self._clock(), lease_until=None)
        )
        if ended.rowcount:
            # The next one of this person may have been waiting for this.
            notify(connection, CHANNEL)
        return ended.rowcount > 0

    def _person_key(self, person: str | None) -> bytes | None:
        return None if person is None else self._vault.blind("deferred.person", person)


def _ours(kept: Kept) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.id == uuid.UUID(kept.id),
        table.c.state == "new",
        table.c.claims == kept.claim,
    )
