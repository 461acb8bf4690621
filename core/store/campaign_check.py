"""The look at a campaign before it is sent: every row as it would be, what it costs, how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from core.campaigns.campaign import Campaign, Fate
from core.campaigns.report import Report, Tally, Weigh, Weight
from core.campaigns.words import Unfit, fill
from core.clock import Clock
from core.message import Network
from core.notices.ports import Speaker
from core.outbox.manners import Manners
from core.outbox.outgoing import Purpose
from core.store.campaign_rows import CampaignRows
from core.store.campaign_who import Opened, Who
from core.text import DEFAULT_LANGUAGE

_MEASURED: Final = timedelta(hours=1)

# What the last hour's sends made of the seconds in which there was something to send.
_RATE = text("""
SELECT count(*)::float8 / count(DISTINCT date_trunc('second', began_at)) FROM attempt
WHERE outcome = 'sent' AND began_at >= :since HAVING count(*) >= 20
""")


@dataclass(frozen=True, slots=True)
class CampaignCheck:
    """`voices` are by network, `phone` among them.

    `weigh` knows segments and prices; `limit` is the rate that the settings allow on a
    network, if they do.
    """

    rows: CampaignRows
    voices: Mapping[Network, Speaker]
    manners: Manners
    weigh: Weigh
    clock: Clock
    limit: Callable[[Purpose, Network], float | None] = lambda _purpose, _network: None

    def examine(self, connection: Connection, campaign: Campaign) -> Report:
        """Goes through all rows, marks those that cannot be sent, and counts."""
        tally = Tally()
        consent = self.manners.consents.get(campaign.plan.purpose)
        for batch in self.rows.batches(connection, campaign.id):
            self._batch(connection, campaign, batch, tally, consent)
        now = self.clock()
        return tally.report(
            purpose=campaign.plan.purpose,
            start=campaign.plan.not_before or now,
            rate=self._rate(connection, campaign.plan.purpose, now),
            decent=self.manners.decent,
            now=now,
        )

    def page_weight(self, campaign: Campaign, opened: Opened, who: Who) -> tuple[Network, Weight]:
        """Where this row's message goes, and what it takes. Raises Unfit."""
        where = who.address(opened, campaign.plan)
        page = fill(
            campaign.plan.words,
            opened.values,
            campaign.plan.purpose,
            self.voices[where.network],
            language=who.language or opened.language or DEFAULT_LANGUAGE,
            accents=who.accents,
            discreet=who.discreet,
        )
        return where.network, self.weigh(where, campaign.plan.purpose, page)

    def _batch(
        self,
        connection: Connection,
        campaign: Campaign,
        batch: Sequence[Row[Any]],
        tally: Tally,
        consent: str | None,
    ) -> None:
        marks: list[tuple[int, Fate, str]] = []
        hopeful = []
        for row in batch:
            match row.state:
                case Fate.BAD:
                    tally.bad(row.number, row.reason)
                case Fate.DUPLICATE:
                    tally.duplicate()
                case _:
                    hopeful.append((row, self.rows.open(row)))
        whom = self.rows.who(
            connection, [one for _, one in hopeful], campaign.plan.purpose, consent
        )
        for (row, opened), who in zip(hopeful, whom, strict=True):
            if who.refused:
                state, reason = Fate.REFUSED, "wants no such messages"
                tally.refuses()
            else:
                try:
                    network, weight = self.page_weight(campaign, opened, who)
                    state, reason = Fate.NEW, ""
                    tally.sends(opened.phone, opened.province, network, weight)
                except Unfit as error:
                    state, reason = Fate.BAD, str(error)
                    tally.bad(row.number, reason)
            if state != row.state:
                marks.append((row.number, state, reason))
        self.rows.mark(connection, campaign.id, marks)

    def _rate(
        self, connection: Connection, purpose: Purpose, now: datetime
    ) -> Callable[[Network], float | None]:
        """Messages a second: what was measured today, no more than what the settings allow."""
        measured = connection.execute(_RATE, {"since": now - _MEASURED}).scalar()

        def rate(network: Network) -> float | None:
            known = [one for one in (measured, self.limit(purpose, network)) if one is not None]
            return min(map(float, known), default=None)

        return rate
