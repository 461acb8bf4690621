"""How a worker takes messages in hand: what is due, and what another worker has left behind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from core.message import Network
from core.outbox.outgoing import Lane

# Each network is asked by itself: then the index has what is due in order, and whatever waits for
# a network that is out of order need not be walked through.
_DUE = """
WITH chosen AS (
  SELECT found.id FROM unnest(CAST(:networks AS text[])) AS place (network)
  CROSS JOIN LATERAL (
    SELECT id, not_before, seq FROM outgoing AS message
    WHERE status = 'queued' AND network = place.network AND lane = :lane AND not_before <= :now
    {in_order}
    ORDER BY not_before, seq LIMIT :most FOR UPDATE SKIP LOCKED) AS found
  ORDER BY found.not_before, found.seq LIMIT :most)
"""

_LEFT = """
WITH chosen AS (
  SELECT id FROM outgoing WHERE status IN ('sending', 'unsettled') AND lease_until <= :now
  ORDER BY lease_until LIMIT :most FOR UPDATE SKIP LOCKED)
"""

_TAKE = """
UPDATE outgoing SET status = 'sending', lease_until = :until,
  attempts = attempts + 1, claims = claims + 1
FROM chosen WHERE outgoing.id = chosen.id
RETURNING outgoing.*
"""

# Of the urgent messages to one address the first goes, and the next when it is out of the house.
_IN_ORDER = """
    AND NOT EXISTS (
      SELECT FROM outgoing AS earlier WHERE earlier.address_index = message.address_index
      AND earlier.lane = 'urgent' AND earlier.status IN ('queued', 'sending')
      AND earlier.seq < message.seq)
"""

_TAKE_DUE = {
    lane: text(_DUE.format(in_order=_IN_ORDER if lane is Lane.URGENT else "") + _TAKE)
    for lane in Lane
}
_TAKE_OVER = text(_LEFT + _TAKE)


def take_due(
    connection: Connection,
    lane: Lane,
    networks: Collection[Network],
    most: int,
    now: datetime,
    until: datetime,
) -> list[Row[Any]]:
    """Messages of one lane to these networks whose time has come, the oldest first."""
    where = {"networks": list(networks), "lane": lane.value}
    return _take(connection, _TAKE_DUE[lane], {**where, "most": most, "now": now, "until": until})


def take_over(connection: Connection, most: int, now: datetime, until: datetime) -> list[Row[Any]]:
    """Messages whose worker is gone, and those for which no receipt came in time."""
    return _take(connection, _TAKE_OVER, {"most": most, "now": now, "until": until})


def _take(connection: Connection, take: TextClause, how: dict[str, Any]) -> list[Row[Any]]:
    return sorted(connection.execute(take, how), key=lambda row: row.seq)
