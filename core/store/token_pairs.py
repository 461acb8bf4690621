"""Implements `core.token_pairs.Shelf` on PostgreSQL: sealed, and renewed by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.store.database import Database
from core.store.tables import token_pair as table
from core.store.vault import Vault
from core.token_pairs import Kept, Pair, Renewal


@dataclass(frozen=True, slots=True)
class TokenShelf:
    """The pair of this name. The right to renew it is a lease: whoever dies with it loses it."""

    database: Database
    vault: Vault
    clock: Clock
    name: str

    def read(self) -> Kept | None:
        with self.database.begin() as connection:
            row = connection.execute(select(table).where(self._mine())).one_or_none()
        if row is None:
            return None
        pair = Pair(
            access=self.vault.open(row.access, self._about("access")),
            refresh=self.vault.open(row.refresh, self._about("refresh")),
            made_at=row.made_at,
            access_until=row.access_until,
            refresh_until=row.refresh_until,
        )
        return Kept(pair, row.version, refused=row.refused_at is not None)

    def put(self, pair: Pair) -> None:
        new = self._values(pair)
        with self.database.begin() as connection:
            connection.execute(
                insert(table)
                .values(name=self.name, version=1, **new)
                .on_conflict_do_update(
                    index_elements=["name"], set_={**new, "version": table.c.version + 1}
                )
            )

    def begin(self, version: int, lease: timedelta) -> Renewal | None:
        now = self.clock()
        with self.database.begin() as connection:
            row = connection.execute(
                select(table.c.version, table.c.renewing_until)
                .where(self._mine())
                .with_for_update()
            ).one_or_none()
            if row is None or row.version != version:
                return None
            if row.renewing_until is not None and row.renewing_until > now:
                return None
            connection.execute(update(table).where(self._mine()).values(renewing_until=now + lease))
        return Renewal(version, taken_up=row.renewing_until is not None)

    def finish(self, renewal: Renewal, pair: Pair) -> bool:
        with self.database.begin() as connection:
            done = connection.execute(
                update(table)
                .where(self._mine(), table.c.version == renewal.version)
                .values(version=renewal.version + 1, **self._values(pair))
            )
        return done.rowcount > 0

    def failed(self, renewal: Renewal, again: datetime, *, refused: bool) -> None:
        with self.database.begin() as connection:
            connection.execute(
                update(table)
                .where(self._mine(), table.c.version == renewal.version)
                .values(renewing_until=again, refused_at=self.clock() if refused else None)
            )

    def _values(self, pair: Pair) -> dict[str, Any]:
        return {
            "access": self.vault.seal(pair.access, self._about("access")),
            "refresh": self.vault.seal(pair.refresh, self._about("refresh")),
            "made_at": pair.made_at,
            "access_until": pair.access_until,
            "refresh_until": pair.refresh_until,
            "renewing_until": None,
            "refused_at": None,
        }

    def _mine(self) -> ColumnElement[bool]:
        return table.c.name == self.name

    def _about(self, column: str) -> str:
        return f"token_pair.{column}:{self.name}"
