"""Watches how a campaign fares: its first messages, then what was sent lately, and pauses it if badly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection, text

from core.campaigns import changes
from core.campaigns.campaign import Campaign, State, Stretch
from core.campaigns.changes import Canary, Trouble
from core.campaigns.watching import in_all, with_more
from core.store import campaign_holding as holding

_log = structlog.get_logger("campaigns")

_halted = Counter(
    "motcua_campaigns_halted",
    "Campaigns paused because what they sent fared badly",
    ["part", "why"],
)

BEFORE: Final = timedelta(seconds=10)
"""What left the outbox between two looks was given to its provider a little earlier."""

MANY: Final = 10_000
"""More people than can have refused us between two looks."""

_GONE = text("""
WITH gone AS (
  UPDATE campaign_row SET state = 'out' FROM outgoing
  WHERE campaign_row.campaign_id = :campaign AND campaign_row.state = 'fed'
  AND outgoing.id = campaign_row.outgoing_id AND outgoing.status NOT IN ('queued', 'sending')
  RETURNING campaign_row.number, outgoing.seq, outgoing.status)
SELECT count(*) AS out, min(number) AS first, max(number) AS last, min(seq) AS message,
  (SELECT coalesce(max(id), 0) FROM refusal) AS refusal
FROM gone WHERE status NOT IN ('expired', 'stopped')
""")

_CANARY = text("""
SELECT count(*) AS size,
  count(*) FILTER (WHERE campaign_row.state IN ('new', 'fed')) AS inside,
  count(*) FILTER (WHERE outgoing.status IN ('sent', 'unsettled')) AS unheard,
  count(*) FILTER (WHERE outgoing.status = 'failed') AS failed,
  count(*) FILTER (WHERE address.blocked_at >= :since OR EXISTS (
    SELECT FROM refusal WHERE refusal.person_id = owner.id AND refusal.lifted_at IS NULL
    AND refusal.created_at >= :since)) AS complaints
FROM campaign_row
LEFT JOIN outgoing ON outgoing.id = campaign_row.outgoing_id
LEFT JOIN address ON address.network = outgoing.network
  AND address.value_index = outgoing.address_index
LEFT JOIN person AS owner ON owner.id = coalesce(address.person_id,
  (SELECT person.id FROM person WHERE person.phone_index = campaign_row.phone_index))
WHERE campaign_row.campaign_id = :campaign AND campaign_row.canary
""")

# Failed messages have an index by their order; of those, the ones that were given away lately.
_FAILED = text("""
SELECT count(*) FROM outgoing JOIN campaign_row ON campaign_row.outgoing_id = outgoing.id
WHERE outgoing.status = 'failed' AND outgoing.seq >= :message AND outgoing.settled_at >= :since
AND campaign_row.campaign_id = :campaign AND campaign_row.state = 'out'
AND coalesce((SELECT max(began_at) FROM attempt WHERE attempt.outgoing_id = outgoing.id),
  outgoing.settled_at) >= :since
""")

# Whoever blocks a chat refuses what came there. Who had blocked it before got it as a text.
_REFUSED = text("""
WITH recent AS MATERIALIZED (
  SELECT person.phone_index, NULL AS chat
  FROM refusal JOIN person ON person.id = refusal.person_id
  WHERE refusal.id > :refusal AND refusal.created_at >= :since AND refusal.lifted_at IS NULL
  UNION SELECT person.phone_index, address.network
  FROM address JOIN person ON person.id = address.person_id WHERE address.blocked_at >= :since)
SELECT count(DISTINCT recent.phone_index)
FROM recent JOIN campaign_row ON campaign_row.phone_index = recent.phone_index
WHERE campaign_row.campaign_id = :campaign AND campaign_row.number BETWEEN :first AND :last
AND campaign_row.state = 'out' AND EXISTS (SELECT FROM attempt
  WHERE attempt.outgoing_id = campaign_row.outgoing_id AND attempt.began_at >= :since
  AND (recent.chat IS NULL OR (attempt.network = recent.chat AND attempt.outcome = 'sent')))
""")


@dataclass(frozen=True, slots=True)
class CampaignWatch:
    """Looks at one campaign at a time, in the transaction that holds it."""

    canary: Canary = field(default_factory=Canary)

    def gone(self, connection: Connection, campaign: Campaign, now: datetime) -> Stretch | None:
        """Marks rows that have left the outbox; what of them was given to somebody, if any was."""
        seen = connection.execute(_GONE, {"campaign": campaign.id}).one()
        if not seen.out:
            return None
        return Stretch(now, seen.out, seen.first, seen.last, seen.message, seen.refusal)

    def judged(
        self, connection: Connection, campaign: Campaign, gone: Stretch | None, now: datetime
    ) -> Campaign:
        """The campaign after a look at how it fares: it goes on, stands still, or waits."""
        if campaign.state is State.CANARY:
            return self._after_canary(connection, campaign, now)
        if campaign.state is not State.RUNNING:
            return campaign
        if gone is not None:
            campaign = replace(campaign, lately=with_more(campaign.lately, gone, self.canary))
        if not campaign.lately:
            return campaign
        lately = in_all(campaign.lately)
        if lately.out < self.canary.least:
            return campaign
        given = {
            "campaign": campaign.id,
            "since": lately.at - BEFORE,
            "message": lately.message,
            "first": lately.first,
            "last": lately.last,
            "refusal": lately.refusal - MANY,
        }
        failed = connection.execute(_FAILED, given).scalar_one()
        refused = connection.execute(_REFUSED, given).scalar_one()
        trouble = changes.too_bad(lately.out, failed, refused, self.canary, campaign.tolerated)
        return campaign if trouble is None else _halt(connection, campaign, trouble, "sent lately")

    def _after_canary(self, connection: Connection, campaign: Campaign, now: datetime) -> Campaign:
        assert campaign.started_at is not None
        given = {"campaign": campaign.id, "since": campaign.started_at}
        seen = connection.execute(_CANARY, given).one()
        trouble = changes.too_bad(
            seen.size, seen.failed, seen.complaints, self.canary, campaign.tolerated
        )
        if trouble is not None:
            held = _halt(connection, campaign, trouble, "canary")
            return replace(held, canary_ended_at=now)
        if seen.inside:
            return campaign
        out_at = campaign.canary_out_at or now
        campaign = replace(campaign, canary_out_at=out_at)
        watched = now >= out_at + timedelta(seconds=self.canary.seconds)
        if watched or not seen.unheard:
            return replace(campaign, state=State.RUNNING, canary_ended_at=now)
        return campaign


def _halt(connection: Connection, campaign: Campaign, trouble: Trouble, part: str) -> Campaign:
    """Paused, with what was queued and not in hand taken back."""
    held = changes.halted(campaign, f"{part}: {trouble.said}", trouble)
    holding.take_back(connection, campaign.id, None)
    _halted.labels(part, trouble.kind).inc()
    _log.warning("campaign_halted", campaign=campaign.id, part=part, why=trouble.said)
    return held
