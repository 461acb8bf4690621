"""Links from before a person's row told whose it is: told since, so that news finds them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from core.people.accounts import Linked
from core.store.database import Database
from core.store.readers import CITIZEN
from core.store.tables import person
from core.store.vault import Unopenable, Vault

MOST = 1000


@dataclass(frozen=True, slots=True)
class OldLinks:
    """A migration cannot do this: it has no keys. Safe to run anywhere, also twice at once."""

    database: Database
    vault: Vault

    def name(self) -> int:
        """Gives some of those links the name of their citizen; how many got one.

        A link that no key opens any more stays as it is.
        """
        nameless = (person.c.citizen.is_not(None), person.c.citizen_index.is_(None))
        with self.database.begin() as connection:
            rows = connection.execute(
                select(person.c.id, person.c.citizen).where(*nameless).limit(MOST)
            ).all()
            named = 0
            for row in rows:
                try:
                    opened = self.vault.open_json(row.citizen, f"person.citizen:{row.id}")
                except Unopenable:
                    continue
                index = self.vault.blind(CITIZEN, Linked.from_json(opened).citizen_id)
                # Whoever has unlinked meanwhile stays so.
                named += connection.execute(
                    update(person)
                    .where(person.c.id == row.id, *nameless)
                    .values(citizen_index=index)
                ).rowcount
        return named
