"""How far we have asked a platform for what has changed: a moment for each kind of thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.store.database import Database
from core.store.tables import cursor as table


@dataclass(frozen=True, slots=True)
class Cursors:
    """Any number of workers may ask: each time is given to one of them."""

    database: Database
    clock: Clock

    def turn(self, kind: str, *, every: timedelta, overlap: timedelta) -> datetime | None:
        """It is time to ask again, for what changed since this moment; None: not yet.

        That is `overlap` before what was last taken in, but never before we began: what was
        then is nobody's news.
        """
        now = self.clock()
        with self.database.begin() as connection:
            connection.execute(
                insert(table)
                .values(kind=kind, began_at=now, since=now, asked_at=now)
                .on_conflict_do_nothing()
            )
            return connection.execute(
                update(table)
                .where(
                    table.c.kind == kind,
                    # Asked in times to come: the clock has been set back since.
                    or_(table.c.asked_at <= now - every, table.c.asked_at > now + every),
                )
                .values(asked_at=now)
                .returning(func.greatest(table.c.since - overlap, table.c.began_at))
            ).scalar()

    def move(self, kind: str, since: datetime) -> None:
        """Everything up to this moment has been taken in; it never goes back."""
        with self.database.begin() as connection:
            connection.execute(
                update(table)
                .where(table.c.kind == kind)
                .values(since=func.greatest(table.c.since, since))
            )
