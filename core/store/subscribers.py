"""Whom we tell what became of the messages of an API key, and what has not been told yet.

The news is the message's own status: `told` in its row is the last one that was told. So nothing
that changes a status can forget to tell, and what changed twice in the meantime is told once.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.outbox.outgoing import id_of
from core.outbox.story import why
from core.store.database import Database
from core.store.tables import api_key, subscriber
from core.store.vault import Vault

_NEWS = text("""
SELECT id, status, purpose, provider, segments, cost, words, test, claims,
  coalesce(settled_at, (SELECT max(ended_at) FROM attempt WHERE outgoing_id = outgoing.id),
    created_at) AS at
FROM outgoing WHERE owner = :owner AND told IS DISTINCT FROM status
AND status IN ('sent', 'delivered', 'failed', 'expired', 'stopped') AND created_at >= :since
ORDER BY seq LIMIT :most
""")
_TOLD = text("""
UPDATE outgoing SET told = asked.status
FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:claims AS int[]))
  AS asked (id, status, claims)
WHERE outgoing.id = asked.id AND outgoing.status = asked.status AND outgoing.claims = asked.claims
""")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody to tell. `since`: only of messages that were put in after this moment."""

    owner: str
    url: str
    secret: str = field(repr=False)
    since: datetime
    failures: int


@dataclass(frozen=True, slots=True)
class News:
    """A message stands at another status than was told before.

    `id` is the same however often this is told. `message_id` is ours.
    """

    id: str
    at: datetime
    message_id: str
    status: str
    purpose: str
    provider: str | None
    segments: int | None
    cost: Decimal | None
    words: str
    test: bool
    claims: int
    """How often it had been taken in hand by then."""


@dataclass(frozen=True, slots=True)
class Subscribers:
    """One for each API key at most."""

    database: Database
    vault: Vault
    clock: Clock
    random_bytes: Callable[[int], bytes] = secrets.token_bytes

    def subscribe(self, owner: str, url: str) -> str | None:
        """Tells this address from now on; the secret that signs it, in clear for the only time.

        None when there is no such key in use. Again: another address, and another secret.
        """
        secret, now = f"whsec_{self.random_bytes(32).hex()}", self.clock()
        values = {
            "url": self.vault.seal(url, f"subscriber.url:{owner}"),
            "secret": self.vault.seal(secret, f"subscriber.secret:{owner}"),
            "failures": 0,
            "try_at": now,
        }
        with self.database.begin() as connection:
            key = select(api_key.c.id).where(api_key.c.id == owner, api_key.c.revoked_at.is_(None))
            if connection.execute(key).one_or_none() is None:
                return None
            connection.execute(
                insert(subscriber)
                .values(owner=owner, since=now, **values)
                .on_conflict_do_update(index_elements=["owner"], set_=values)
            )
        return secret

    def unsubscribe(self, owner: str) -> bool:
        """Tells nobody any longer; False when nobody was told."""
        with self.database.begin() as connection:
            gone = connection.execute(delete(subscriber).where(subscriber.c.owner == owner))
        return gone.rowcount == 1

    def due(self) -> Sequence[Subscriber]:
        """Those whom we may try to tell something now; whoever did not listen is left in peace."""
        with self.database.begin() as connection:
            rows = connection.execute(
                select(subscriber)
                .join(api_key, api_key.c.id == subscriber.c.owner)
                .where(subscriber.c.try_at <= self.clock(), api_key.c.revoked_at.is_(None))
                .order_by(subscriber.c.try_at)
            ).all()
        return [
            Subscriber(
                row.owner,
                self.vault.open(row.url, f"subscriber.url:{row.owner}"),
                self.vault.open(row.secret, f"subscriber.secret:{row.owner}"),
                row.since,
                row.failures,
            )
            for row in rows
        ]

    def news(self, to: Subscriber, most: int) -> Sequence[News]:
        """What they have not been told yet, the oldest messages first."""
        with self.database.begin() as connection:
            rows = connection.execute(
                _NEWS, {"owner": to.owner, "since": to.since, "most": most}
            ).all()
        return [
            News(
                id=id_of(f"news:{row.id}:{row.status}:{row.claims}"),
                at=row.at,
                message_id=str(row.id),
                status=row.status,
                purpose=row.purpose,
                provider=row.provider,
                segments=row.segments,
                cost=row.cost,
                words=why(row.status, row.words),
                test=row.test,
                claims=row.claims,
            )
            for row in rows
        ]

    def heard(self, to: Subscriber, news: Sequence[News]) -> None:
        """They have it. What has changed since is news again: sent again meanwhile, it may fail again."""
        with self.database.begin() as connection:
            asked = {
                "ids": [uuid.UUID(one.message_id) for one in news],
                "statuses": [one.status for one in news],
                "claims": [one.claims for one in news],
            }
            connection.execute(_TOLD, asked)
            if to.failures:
                self._now(to, failures=0, try_at=self.clock())

    def deaf(self, to: Subscriber, try_at: datetime) -> None:
        """They did not listen; to be tried again then."""
        self._now(to, failures=to.failures + 1, try_at=try_at)

    def _now(self, to: Subscriber, *, failures: int, try_at: datetime) -> None:
        with self.database.begin() as connection:
            connection.execute(
                update(subscriber)
                .where(subscriber.c.owner == to.owner)
                .values(failures=failures, try_at=try_at)
            )
