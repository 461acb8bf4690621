"""All the people who are linked to a citizen and can be texted, one batch after the other."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from sqlalchemy import select

from core.campaigns.known import Known
from core.people.accounts import Linked
from core.store.database import Database
from core.store.tables import person
from core.store.vault import Vault

BATCH = 500


def linked_people(database: Database, vault: Vault) -> Iterator[Known]:
    """In no particular order; no transaction is held while the caller works on a batch."""
    after = uuid.UUID(int=0)
    query = (
        select(person.c.id, person.c.phone, person.c.citizen, person.c.language)
        .where(person.c.phone.is_not(None), person.c.citizen.is_not(None))
        .order_by(person.c.id)
        .limit(BATCH)
    )
    while True:
        with database.begin() as connection:
            batch = connection.execute(query.where(person.c.id > after)).all()
        for row in batch:
            yield Known(
                vault.open(row.phone, f"person.phone:{row.id}"),
                Linked.from_json(vault.open_json(row.citizen, f"person.citizen:{row.id}")),
                row.language,
            )
        if len(batch) < BATCH:
            return
        after = batch[-1].id
