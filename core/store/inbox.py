"""Messages that came in: stored before they are acknowledged, handed out in each person's order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, text, update

from core.clock import Clock
from core.records import Accepted, Waiting
from core.store.database import Database, notify, one_at_a_time
from core.store.tables import inbox as table
from core.store.vault import Unopenable, Vault

CHANNEL = "motcua_inbox"
"""What is notified when there is something to handle."""

LEASE = timedelta(seconds=45)
ATTEMPTS = 5

# What every message passes is written out: SQLAlchemy takes longer to put such statements together
# than PostgreSQL to carry them out.
_BEHIND = text("SELECT EXISTS (SELECT FROM inbox WHERE person_key = :person AND state = 'new')")
_STORE = text("""
INSERT INTO inbox (provider, provider_id, body, person_key, received_at, state, lease_until,
  attempts)
VALUES (:provider, :provider_id, :body, :person, :now, 'new', :until, :attempts)
ON CONFLICT (provider, provider_id) DO NOTHING RETURNING id
""")
_CLAIM = text("""
WITH chosen AS (
  SELECT id FROM inbox WHERE state = 'new' AND (lease_until IS NULL OR lease_until <= :now)
  AND NOT EXISTS (
    SELECT FROM inbox AS earlier WHERE earlier.person_key = inbox.person_key
    AND earlier.state = 'new' AND earlier.id < inbox.id)
  ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)
UPDATE inbox SET lease_until = :until, attempts = attempts + 1
FROM chosen WHERE inbox.id = chosen.id RETURNING inbox.*
""")
_DONE = text("""
UPDATE inbox SET state = 'done', reply = :reply, handled_at = :now, lease_until = NULL
WHERE id = :id AND state = 'new' AND attempts = :attempt
""")


class Inbox:
    """The inbox table. `attempts` is how often a message may fail before others pass it by."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        lease: timedelta = LEASE,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lease = lease
        self._attempts = attempts

    @property
    def lease(self) -> timedelta:
        """How long a claim holds unless it is renewed."""
        return self._lease

    def accept(
        self,
        provider: str,
        provider_id: str,
        order_key: str,
        body: Mapping[str, Any],
        *,
        take: bool = False,
    ) -> Accepted:
        """Stores a message; once this returns it cannot be lost.

        `provider_id` is what the provider repeats when it delivers twice (stored in clear: no
        personal data). Messages with the same `order_key`, a person's address, are handled one
        after the other. With `take` the caller handles it at once, unless an earlier one of the
        same person is not done yet: then it is left to a worker.
        """
        with self._database.begin() as connection:
            return self.put(connection, provider, provider_id, order_key, body, take=take)

    def put(
        self,
        connection: Connection,
        provider: str,
        provider_id: str,
        order_key: str,
        body: Mapping[str, Any],
        *,
        take: bool = False,
    ) -> Accepted:
        """The same as `accept`, in the transaction of what else comes of the message."""
        person_key = self._vault.blind("inbox.person", order_key)
        # Numbers are given in the order of committing, or a later one could overtake.
        one_at_a_time(connection, person_key)
        return self._store(connection, provider, provider_id, person_key, body, take)

    def _store(
        self,
        connection: Connection,
        provider: str,
        provider_id: str,
        person_key: bytes,
        body: Mapping[str, Any],
        take: bool,
    ) -> Accepted:
        now = self._clock()
        at_once = take and not connection.execute(_BEHIND, {"person": person_key}).scalar_one()
        row = connection.execute(
            _STORE,
            {
                "provider": provider,
                "provider_id": provider_id,
                "body": self._vault.seal_json(body, f"inbox.body:{provider}:{provider_id}"),
                "person": person_key,
                "now": now,
                "until": now + self._lease if at_once else None,
                "attempts": 1 if at_once else 0,
            },
        ).scalar()
        if row is None:
            return self._known(connection, provider, provider_id)
        if at_once:
            return Accepted(row, True, waiting=Waiting(row, provider, provider_id, body, 1, now))
        notify(connection, CHANNEL)
        return Accepted(row, True)

    def _known(self, connection: Connection, provider: str, provider_id: str) -> Accepted:
        known = connection.execute(
            select(table.c.id, table.c.reply).where(
                table.c.provider == provider, table.c.provider_id == provider_id
            )
        ).one()
        about = f"inbox.reply:{known.id}"
        reply = self._vault.open_json(known.reply, about) if known.reply else None
        return Accepted(known.id, False, reply)

    def claim(self, limit: int) -> Sequence[Waiting]:
        """Up to `limit` messages, oldest first; of each person only the first one not yet done."""
        now = self._clock()
        with self._database.begin() as connection:
            taken = connection.execute(
                _CLAIM, {"now": now, "until": now + self._lease, "most": limit}
            ).all()
            read = (self._read(connection, row) for row in sorted(taken, key=lambda one: one.id))
            return [waiting for waiting in read if waiting is not None]

    def _read(self, connection: Connection, row: Row[Any]) -> Waiting | None:
        """The message; one that killed its workers or does not open is failed and passed by."""
        if row.attempts <= self._attempts:
            try:
                body = self._vault.open_json(
                    row.body, f"inbox.body:{row.provider}:{row.provider_id}"
                )
            except Unopenable:
                pass
            else:
                return Waiting(
                    row.id, row.provider, row.provider_id, body, row.attempts, row.received_at
                )
        connection.execute(
            update(table)
            .where(table.c.id == row.id)
            .values(state="failed", handled_at=self._clock(), lease_until=None)
        )
        return None

    def renew(self, waiting: Collection[Waiting]) -> Collection[Waiting]:
        """Starts the leases anew; those that are still ours."""
        held = {one.id: one for one in waiting}
        if not held:
            return ()
        with self._database.begin() as connection:
            renewed = connection.scalars(
                update(table)
                .where(or_(*(and_(*_ours(one)) for one in waiting)))
                .values(lease_until=self._clock() + self._lease)
                .returning(table.c.id)
            )
            return [held[row] for row in renewed]

    def done(
        self, connection: Connection, waiting: Waiting, reply: Mapping[str, Any] | None = None
    ) -> bool:
        """Handled, in the transaction of what came of it. A repeat will get `reply`.

        False when the lease was lost and somebody else has it: roll back what came of it.
        """
        sealed = (
            None if reply is None else self._vault.seal_json(reply, f"inbox.reply:{waiting.id}")
        )
        done = connection.execute(
            _DONE,
            {
                "id": waiting.id,
                "attempt": waiting.attempt,
                "reply": sealed,
                "now": self._clock(),
            },
        )
        if done.rowcount:
            # The next one of this person may have been waiting for this.
            notify(connection, CHANNEL)
        return done.rowcount > 0

    def answered(self, waiting: Waiting, reply: Mapping[str, Any] | None) -> bool:
        """Handled and answered at once, with nothing else to commit; False when the lease was lost."""
        with self._database.begin() as connection:
            return self.done(connection, waiting, reply)

    def failed(
        self, waiting: Waiting, *, after: timedelta = timedelta(0), counted: bool = True
    ) -> bool:
        """Handling failed. Tried again `after` this long; True when that was the last attempt.

        Until then those behind it wait, so that a person's messages keep their order. Not
        `counted`: the message had no part in it (a server was away), and has its attempts still.
        """
        last = counted and waiting.attempt >= self._attempts
        now = self._clock()
        ended: dict[str, Any] = {"state": "failed", "handled_at": now, "lease_until": None}
        again = {"lease_until": now + after, "attempts": table.c.attempts - (0 if counted else 1)}
        with self._database.begin() as connection:
            connection.execute(
                update(table).where(*_ours(waiting)).values(**(ended if last else again))
            )
            notify(connection, CHANNEL)
        return last


def _ours(waiting: Waiting) -> tuple[Any, ...]:
    return (
        table.c.id == waiting.id,
        table.c.state == "new",
        table.c.attempts == waiting.attempt,
    )
