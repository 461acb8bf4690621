"""What takes effect at once when a campaign, or a part of it, is paused, resumed or stopped.

The outbox holds a slice of a campaign at most. What nobody has in hand is taken back; what a worker
has in hand is asked about again in the moment of sending (`sends.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from core.campaigns.campaign import Area
from core.outbox.marking import CAMPAIGN_PAUSED, CAMPAIGN_STOPPED

_HERE = """campaign_row.campaign_id = :campaign AND (CAST(:area AS text) IS NULL
  OR 'province:' || campaign_row.province = :area OR 'ward:' || campaign_row.ward = :area)"""

# Never claimed: nobody can have sent it. Deleted, it is fed again under the same key.
_TAKE_BACK = text(f"""
WITH gone AS (
  DELETE FROM outgoing USING campaign_row
  WHERE {_HERE} AND campaign_row.state = 'fed' AND outgoing.id = campaign_row.outgoing_id
  AND outgoing.status = 'queued' AND outgoing.claims = 0
  RETURNING outgoing.id)
UPDATE campaign_row SET state = 'new', outgoing_id = NULL FROM gone
WHERE campaign_row.outgoing_id = gone.id
""")

_WITHDRAW = text(f"""
UPDATE outgoing SET status = 'stopped', settled_at = :now, words = '{CAMPAIGN_STOPPED}', lease_until = NULL
FROM campaign_row WHERE {_HERE} AND campaign_row.state = 'fed'
AND outgoing.id = campaign_row.outgoing_id AND outgoing.status = 'queued'
""")

_END = text(f"""
UPDATE campaign_row SET state = 'stopped', reason = :reason WHERE {_HERE} AND state = 'new'
""")

_HURRY = text("""
UPDATE outgoing SET not_before = :now FROM campaign_row
WHERE campaign_row.campaign_id = :campaign AND campaign_row.state = 'fed'
AND outgoing.id = campaign_row.outgoing_id AND outgoing.status = 'queued'
AND outgoing.words = :words
""")


def take_back(connection: Connection, campaign_id: str, area: Area | None) -> None:
    """Takes out of the outbox what nobody has had in hand: it waits with the rest."""
    connection.execute(_TAKE_BACK, _given(campaign_id, area))


def stop(connection: Connection, campaign_id: str, area: Area | None, now: datetime) -> None:
    """Ends what was not sent."""
    connection.execute(_WITHDRAW, {**_given(campaign_id, area), "now": now})
    end(connection, campaign_id, area, "stopped")


def end(connection: Connection, campaign_id: str, area: Area | None, reason: str) -> None:
    """Ends rows that were not fed to the outbox."""
    connection.execute(_END, {**_given(campaign_id, area), "reason": reason})


def hurry(connection: Connection, campaign_id: str, now: datetime) -> None:
    """What workers put off because of a pause is due at once."""
    connection.execute(_HURRY, {"campaign": campaign_id, "now": now, "words": CAMPAIGN_PAUSED})


def _given(campaign_id: str, area: Area | None) -> dict[str, Any]:
    return {"campaign": campaign_id, "area": None if area is None else area.written}
