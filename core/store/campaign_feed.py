"""Feeds campaigns to the outbox slice by slice, while what they have sent fares well.

No more than a window of a campaign is in the outbox at a time: memory and queue stay flat, and a
pause or a stop takes effect at once however many are to come. What is fed and what is marked as fed
is one transaction, and a message's key is made from its row: nobody gets a second copy, whichever
worker died in the middle.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, text

from core.campaigns.campaign import Campaign, Fate, State
from core.campaigns.words import Unfit, fill
from core.message import Network
from core.notices.ports import Speaker
from core.outbox.manners import Manners
from core.outbox.outgoing import Lane, Outgoing
from core.store import campaign_holding as holding
from core.store.campaign_book import CampaignBook
from core.store.campaign_rows import CampaignRows
from core.store.campaign_watch import CampaignWatch
from core.store.campaign_who import Opened, Who
from core.text import DEFAULT_LANGUAGE

_log = structlog.get_logger("campaigns")

Put = Callable[[Connection, Sequence[Outgoing]], object]
"""Takes messages into the outbox, in the transaction of their cause."""

SLICE: Final = 500
"""Rows fed in one transaction: whoever wants to pause waits for one of these at most."""

SOON: Final = timedelta(minutes=10)
"""What is put off for longer does not count as being in the outbox: the others need not wait."""

FLOWING: Final = frozenset({State.CANARY, State.RUNNING})

TOO_LATE: Final = "too late to be of use"

_WAITING = text("""
SELECT count(*) FROM campaign_row JOIN outgoing ON outgoing.id = campaign_row.outgoing_id
WHERE campaign_row.campaign_id = :campaign AND campaign_row.state = 'fed'
AND (outgoing.status = 'sending' OR outgoing.not_before <= :soon)
""")

_NEXT = text("""
SELECT * FROM campaign_row WHERE campaign_id = :campaign AND state = 'new'
AND (canary OR NOT :canary)
AND NOT (coalesce('province:' || province = ANY(:held), false)
  OR coalesce('ward:' || ward = ANY(:held), false))
ORDER BY number LIMIT :most
""")

_FED = text("""
UPDATE campaign_row SET state = asked.state, reason = asked.reason, outgoing_id = asked.id
FROM unnest(CAST(:numbers AS int[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
  CAST(:ids AS uuid[])) AS asked (number, state, reason, id)
WHERE campaign_row.campaign_id = :campaign AND campaign_row.number = asked.number
""")

_LEFT = text("""
SELECT EXISTS (SELECT FROM campaign_row WHERE campaign_id = :campaign AND state = 'new'
    AND NOT (coalesce('province:' || province = ANY(:stopped), false)
      OR coalesce('ward:' || ward = ANY(:stopped), false)))
  OR EXISTS (SELECT FROM campaign_row WHERE campaign_id = :campaign AND state = 'fed')
""")


@dataclass(frozen=True, slots=True)
class CampaignFeed:
    """Any number of workers may feed at once: a campaign is in one's hands at a time.

    `voices` are by network, `phone` among them.
    `window`: so many messages of one campaign are in the outbox at most.
    """

    book: CampaignBook
    rows: CampaignRows
    voices: Mapping[Network, Speaker]
    manners: Manners
    put: Put
    watch: CampaignWatch = field(default_factory=CampaignWatch)
    window: int = 4000

    def step(self) -> int:
        """Feeds every campaign as far as its window; how many messages that were."""
        fed = 0
        for campaign_id in self.book.under_way():
            fed += self._fill(campaign_id)
        return fed

    def _fill(self, campaign_id: str) -> int:
        fed, most = 0, self.window
        while most > 0:
            with self.book.database.begin() as connection:
                campaign = self.book.due(connection, campaign_id)
                if campaign is None:
                    break
                if not fed:
                    campaign, most = self._look(connection, campaign)
                if campaign.state not in FLOWING or most <= 0:
                    break
                slice_ = self._slice(connection, campaign, min(most, SLICE))
            fed, most = fed + slice_, most - slice_
            if not slice_:
                break
        return fed

    def _look(self, connection: Connection, campaign: Campaign) -> tuple[Campaign, int]:
        """The campaign as it is now, and how many more of its messages the outbox may take."""
        now, plan = self.book.clock(), campaign.plan
        gone = self.watch.gone(connection, campaign, now)
        if plan.useless_after is not None and plan.useless_after <= now:
            holding.end(connection, campaign.id, None, TOO_LATE)
        changed = self.watch.judged(connection, campaign, gone, now)
        given = {"campaign": campaign.id, "stopped": list(campaign.stopped_areas)}
        if not connection.execute(_LEFT, given).scalar_one():
            holding.end(connection, campaign.id, None, "stopped")
            changed = replace(changed, state=State.DONE, ended_at=now)
        if changed != campaign:
            self.book.write(connection, changed)
            if changed.state is not campaign.state:
                what = f"{changed.state}: {changed.why}" if changed.why else str(changed.state)
                self.book.note(connection, campaign.id, what, "the worker")
                _log.info("campaign_changed", campaign=campaign.id, state=changed.state)
        if (plan.not_before or now) > now or self.manners.decent(plan.purpose, now) > now:
            return changed, 0
        soon = {"campaign": campaign.id, "soon": now + SOON}
        return changed, self.window - connection.execute(_WAITING, soon).scalar_one()

    def _slice(self, connection: Connection, campaign: Campaign, most: int) -> int:
        """Feeds the next rows; how many there were."""
        coming = connection.execute(
            _NEXT,
            {
                "campaign": campaign.id,
                "canary": campaign.state is State.CANARY,
                "held": [*campaign.paused_areas, *campaign.stopped_areas],
                "most": most,
            },
        ).all()
        opened = [self.rows.open(row) for row in coming]
        whom = self.rows.who(connection, opened, campaign.plan.purpose) if opened else []
        letters: list[Outgoing] = []
        marks: list[tuple[int, str, str, uuid.UUID | None]] = []
        for one, who in zip(opened, whom, strict=True):
            try:
                letter = self._letter(campaign, one, who)
            except Unfit as error:
                marks.append((one.number, Fate.BAD.value, str(error), None))
            else:
                letters.append(letter)
                marks.append((one.number, Fate.FED.value, "", uuid.UUID(letter.id)))
        if letters:
            self.put(connection, letters)
        if marks:
            numbers, states, reasons, ids = zip(*marks, strict=True)
            given = {"numbers": numbers, "states": states, "reasons": reasons, "ids": ids}
            connection.execute(
                _FED, {"campaign": campaign.id, **{name: list(of) for name, of in given.items()}}
            )
        return len(marks)

    def _letter(self, campaign: Campaign, row: Opened, who: Who) -> Outgoing:
        plan, where = campaign.plan, who.address(row, campaign.plan)
        voice = self.voices[where.network]
        page = fill(
            plan.words,
            row.values,
            plan.purpose,
            voice,
            language=who.language or row.language or DEFAULT_LANGUAGE,
            accents=who.accents,
            discreet=who.discreet,
        )
        return Outgoing(
            key=f"campaign:{campaign.id}:{row.number}",
            address=where,
            channel=voice.channel,
            page=page,
            purpose=plan.purpose,
            lane=Lane.BULK,
            # Who reads it in a chat must be found again if the chat does not take it.
            person_id=None if where.network == "phone" else who.person,
            useless_after=plan.useless_after,
        )
