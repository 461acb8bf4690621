"""Takes in what programs ask us to send: all of a request or nothing, and the same request once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from core.clock import Clock
from core.outbox.orders import AnotherBody, Known, Order, Taken, message
from core.store.database import Database, one_at_a_time
from core.store.outbox import Outbox
from core.store.tables import person, request
from core.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Intake:
    """Implements `web.messages.Intake`.

    `owner` is always the id of an API key: idempotency keys of different owners never meet.
    """

    database: Database
    vault: Vault
    clock: Clock
    outbox: Outbox

    def before(self, owner: str, key: str, said: str) -> Taken | None:
        """What this request was answered before; None when it is new. Raises AnotherBody."""
        with self.database.begin() as connection:
            return self._before(connection, owner, key, said)

    def take(
        self,
        owner: str,
        key: str,
        said: str,
        orders: Sequence[tuple[Order, str | None]],
        *,
        test: bool,
    ) -> Taken:
        """Puts the orders in, each with the program's own key for it, if it has one.

        `key` and `said` are of the whole request. Raises AnotherBody.
        """
        with self.database.begin() as connection:
            one_at_a_time(connection, self.vault.blind("request.lock", f"{owner}:{key}"))
            known = self._before(connection, owner, key, said)
            if known is not None:
                return known
            readers = self._readers(connection, [order.to for order, _own in orders])
            now = self.clock()
            messages = [
                message(
                    order,
                    readers.get(order.to),
                    key=self._key(owner, own, f"{now.isoformat()}:{number}:{key}", test=test),
                    owner=owner,
                    test=test,
                )
                for number, (order, own) in enumerate(orders)
            ]
            fresh = self.outbox.put_many(connection, messages)
            ids = tuple(one.id for one in messages)
            connection.execute(
                insert(request).values(
                    owner=owner,
                    key_index=self._key_index(key),
                    said_index=self._said_index(said),
                    ids=[uuid.UUID(one) for one in ids],
                    fresh=fresh,
                    at=now,
                )
            )
            return Taken(ids, tuple(fresh))

    def _before(self, connection: Connection, owner: str, key: str, said: str) -> Taken | None:
        row: Row[Any] | None = connection.execute(
            select(request).where(
                request.c.owner == owner, request.c.key_index == self._key_index(key)
            )
        ).one_or_none()
        if row is None:
            return None
        if bytes(row.said_index) != self._said_index(said):
            raise AnotherBody
        return Taken(tuple(map(str, row.ids)), tuple(row.fresh), again=True)

    def _readers(self, connection: Connection, phones: Collection[str]) -> Mapping[str, Known]:
        """Those among them who have been in touch with us, by their number."""
        indexes = {self.vault.blind("phone", phone): phone for phone in phones}
        columns = (person.c.id, person.c.phone_index, person.c.language, person.c.accents)
        rows = connection.execute(select(*columns).where(person.c.phone_index.in_(indexes)))
        return {
            indexes[bytes(row.phone_index)]: Known(str(row.id), row.language, row.accents)
            for row in rows
        }

    def _key(self, owner: str, own: str | None, place: str, *, test: bool) -> str:
        """A message's key, blind: a program may have put anything at all into its own.

        Without its own it has one of this request at this moment: when the request is forgotten,
        another one of the same name has messages of its own.
        """
        named = f"{owner}:{place}" if own is None else f"{owner}::{own}"
        kind = "trial" if test else "api"
        return f"{kind}:{owner}:{self.vault.blind('request.message', named).hex()}"

    def _key_index(self, key: str) -> bytes:
        return self.vault.blind("request.key", key)

    def _said_index(self, said: str) -> bytes:
        return self.vault.blind("request.said", said)
