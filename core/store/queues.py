"""How long the queues are, and who works on them: what an operator looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection, func, select, text

from core.clock import Clock
from core.message import Network
from core.outbox.outgoing import Lane, Status
from core.store.database import Database
from core.store.tables import deferred, heartbeat, inbox, outgoing
from core.store.upkeep import DEAD_SECONDS

MOST_MILLISECONDS = 1000
"""PostgreSQL gives up a question that takes longer."""
MOST = 50_000
"""So many are counted of the inbox, and in each lane to each network: that takes no second."""

# As they are claimed: lane by lane in the order of the index, however many rows the table has.
_OUTBOX = text("""
SELECT way.lane, count(*), min(found.due_at)
FROM unnest(CAST(:lanes AS text[])) AS way (lane)
CROSS JOIN unnest(CAST(:networks AS text[])) AS place (network)
CROSS JOIN LATERAL (
  SELECT due_at FROM outgoing
  WHERE status = 'queued' AND network = place.network AND lane = way.lane
  ORDER BY not_before, seq LIMIT :most) AS found
GROUP BY way.lane
""")


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and for how many seconds the first of those that are due has waited."""

    waiting: int = 0
    oldest: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """Everything at one moment. `failed`: messages that failed in the hour before."""

    outbox: Mapping[str, Queue]
    inbox: Queue
    kept: Mapping[str, int]
    failed: int
    workers: int


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues in PostgreSQL, of all machines."""

    database: Database
    clock: Clock

    def look(self) -> Look:
        """Raises what the driver raises, also when it takes too long."""
        now = self.clock()
        with self.database.begin() as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = {MOST_MILLISECONDS}"))
            return Look(
                outbox=_outbox(connection, now),
                inbox=_inbox(connection, now),
                kept=_kept(connection),
                failed=_failed(connection, now),
                workers=_workers(connection, now),
            )


def _outbox(connection: Connection, now: datetime) -> Mapping[str, Queue]:
    """By lane. What a provider did not take is as old as it was due at first."""
    lanes, networks = [lane.value for lane in Lane], list(get_args(Network))
    rows = connection.execute(_OUTBOX, {"lanes": lanes, "networks": networks, "most": MOST})
    found = {lane: Queue(count, _seconds(since, now)) for lane, count, since in rows}
    return {lane.value: found.get(lane.value, Queue()) for lane in Lane}


def _inbox(connection: Connection, now: datetime) -> Queue:
    first = (
        select(inbox.c.received_at)
        .where(inbox.c.state == "new")
        .order_by(inbox.c.id)
        .limit(MOST)
        .subquery()
    )
    count, since = connection.execute(
        select(func.count(), func.min(first.c.received_at)).select_from(first)
    ).one()
    return Queue(count, _seconds(since, now))


def _kept(connection: Connection) -> Mapping[str, int]:
    rows = connection.execute(
        select(deferred.c.platform, func.count().label("waiting"))
        .where(deferred.c.state == "new")
        .group_by(deferred.c.platform)
    )
    return {row.platform: row.waiting for row in rows}


def _failed(connection: Connection, now: datetime) -> int:
    return connection.execute(
        select(func.count()).where(
            outgoing.c.status == Status.FAILED,
            outgoing.c.settled_at > now - timedelta(hours=1),
            outgoing.c.body.is_not(None),  # as the index has it; bodies are kept for days
        )
    ).scalar_one()


def _workers(connection: Connection, now: datetime) -> int:
    return connection.execute(
        select(func.count()).where(heartbeat.c.at > now - timedelta(seconds=DEAD_SECONDS))
    ).scalar_one()


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
