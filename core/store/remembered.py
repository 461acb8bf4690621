"""What the platforms said last, sealed, each answer found only by what was asked about whom."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.store.database import Database
from core.store.tables import remembered as table
from core.store.vault import Vault

DAYS = 14
AGE_THAT_MATTERS = timedelta(minutes=5)
"""The same answer is written again only when the one on file is older than this."""


class Memories:
    """Implements `core.platform.remembered.Memory`. `days`: nothing older is told any more."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        days: int = DAYS,
        age_that_matters: timedelta = AGE_THAT_MATTERS,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._longest = timedelta(days=days)
        self._age_that_matters = age_that_matters

    def recall(self, what: str, about: str) -> tuple[str, datetime] | None:
        """What was said and when, if it is known and not too old.

        Raises Unopenable when the row was not written for this very question.
        """
        with self._database.begin() as connection:
            row = connection.execute(
                select(table.c.value, table.c.as_of).where(
                    table.c.subject_index == self._subject(what, about),
                    table.c.as_of >= self._clock() - self._longest,
                )
            ).one_or_none()
        if row is None:
            return None
        return self._vault.open(row.value, _place(what, about)), row.as_of

    def keep(self, what: str, about: str, said: str, as_of: datetime) -> None:
        """Keeps an answer. Most often it is the one on file, and nothing is written."""
        subject = self._subject(what, about)
        name = self._vault.blind("remembered.value", f"{what}\x1f{about}\x1f{said}")
        with self._database.begin() as connection:
            on_file = connection.execute(
                select(table.c.value_index, table.c.as_of).where(table.c.subject_index == subject)
            ).one_or_none()
            if on_file is not None:
                same = bytes(on_file.value_index) == name
                since = as_of - on_file.as_of
                if since < timedelta(0) or (same and since < self._age_that_matters):
                    return
            # Nobody is hurt when a crash takes the last of these: do not wait for the disk.
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            sealed = self._vault.seal(said, _place(what, about))
            new = insert(table).values(
                subject_index=subject, value=sealed, value_index=name, as_of=as_of
            )
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=["subject_index"],
                    set_={"value": sealed, "value_index": name, "as_of": as_of},
                    # Somebody else may have kept a newer one meanwhile.
                    where=table.c.as_of <= as_of,
                )
            )

    def forget(self, what: str, about: str) -> None:
        """The platform has no such thing any more."""
        with self._database.begin() as connection:
            connection.execute(
                delete(table).where(table.c.subject_index == self._subject(what, about))
            )

    def _subject(self, what: str, about: str) -> bytes:
        return self._vault.blind("remembered", f"{what}\x1f{about}")


def _place(what: str, about: str) -> str:
    """What a sealed answer is bound to: moved to another person's row it does not open."""
    return f"remembered.value:{what}\x1f{about}"
