"""Who looked whom up, when and where: written for every look-up, also for those that found nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

from core.clock import Clock
from core.store.database import Database
from core.store.tables import look_up
from core.store.vault import Vault


@dataclass(frozen=True, slots=True)
class LookUps:
    """The audit table of look-ups."""

    database: Database
    vault: Vault
    clock: Clock

    def record(
        self,
        *,
        key_id: str,
        kind: str,
        outcome: str,
        subject: str | None = None,
        place: str | None = None,
    ) -> None:
        """Writes one look-up down.

        `key_id` is the API key's or the officer's id; `kind` what was shown ("payload", "code");
        `subject` the QID, kept as a blind index only; `outcome` a word ("found", "expired" …);
        `place` the checkpoint as the caller named it, never a person's address.
        """
        index = None if subject is None else self.vault.blind("look_up.subject", subject)
        with self.database.begin() as connection:
            connection.execute(
                insert(look_up).values(
                    at=self.clock(),
                    key_id=key_id,
                    place=place,
                    kind=kind,
                    subject_index=index,
                    outcome=outcome,
                )
            )
