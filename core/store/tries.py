"""How often somebody got it wrong, counted in PostgreSQL under blind names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.people.accounts import LIMIT, LOCK, Tries
from core.store.database import Database
from core.store.tables import tries
from core.store.vault import Vault


@dataclass(frozen=True, slots=True)
class StoredTries:
    """The part of `core.people.accounts.People` that counts wrong tries."""

    database: Database
    vault: Vault
    clock: Clock

    def tries(self, kind: str, subject: str) -> Tries:
        mine = (tries.c.kind == kind, tries.c.subject_index == self._subject(kind, subject))
        with self.database.begin() as connection:
            row = connection.execute(
                select(tries.c.count, tries.c.locked_until).where(*mine)
            ).one_or_none()
        found = Tries(*row) if row is not None else Tries()
        over = found.locked_until is not None and found.locked_until <= self.clock()
        return Tries() if over else found

    def wrong(self, kind: str, subject: str, limit: int = LIMIT, lock: timedelta = LOCK) -> Tries:
        now = self.clock()
        # One statement, so that tries made at the same moment are all counted.
        over = tries.c.locked_until <= now
        count = case((over, 1), else_=tries.c.count + 1)
        first = insert(tries).values(
            subject_index=self._subject(kind, subject),
            kind=kind,
            count=1,
            locked_until=now + lock if limit <= 1 else None,
            tried_at=now,
        )
        again = first.on_conflict_do_update(
            index_elements=["subject_index", "kind"],
            set_={
                "count": count,
                "locked_until": case(
                    (tries.c.locked_until > now, tries.c.locked_until),
                    (count >= limit, now + lock),
                    else_=None,
                ),
                "tried_at": now,
            },
        ).returning(tries.c.count, tries.c.locked_until)
        with self.database.begin() as connection:
            return Tries(*connection.execute(again).one())

    def right(self, kind: str, subject: str) -> None:
        index = self._subject(kind, subject)
        with self.database.begin() as connection:
            connection.execute(
                delete(tries).where(tries.c.kind == kind, tries.c.subject_index == index)
            )

    def _subject(self, kind: str, subject: str) -> bytes:
        return self.vault.blind(f"tries.{kind}", subject)
