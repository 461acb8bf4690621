"""What operators do with campaigns that are made, each in one transaction that locks the campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from core.campaigns import changes
from core.campaigns.campaign import Area, Campaign, NotThere
from core.campaigns.changes import Canary
from core.store import campaign_holding as holding
from core.store.campaign_book import CampaignBook
from core.store.campaign_rows import CampaignRows

SHOWN = 70
"""Codes of areas that are named to whoever asked for another one; a country's provinces fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSteps:
    """Any number of processes may work on a campaign at once. All of these raise CampaignError."""

    book: CampaignBook
    rows: CampaignRows
    canary: Canary = field(default_factory=Canary)

    def approve(self, campaign_id: str, *, who: str, edition: int) -> Campaign:
        """A second person agrees to the edition that they have seen.

        Raises SamePerson for a maker, OtherEdition when words or rows were changed since.
        """
        who = changes.named(who)
        return self._change(
            campaign_id, "approved", who, lambda one: changes.approved(one, who, edition)
        )

    def start(self, campaign_id: str, *, who: str) -> Campaign:
        """Begins, with the canary."""
        now = self.book.clock()

        def choose(connection: Connection, after: Campaign) -> None:
            self.rows.choose_canary(connection, after, self.canary.share, self.canary.least)

        return self._change(
            campaign_id, "started", who, lambda one: changes.started(one, now), choose
        )

    def pause(self, campaign_id: str, *, who: str, area: Area | None = None) -> Campaign:
        """Nothing more goes out, or nothing more there, until it is resumed."""

        def take_back(connection: Connection, after: Campaign) -> None:
            self._is_there(connection, after.id, area)
            holding.take_back(connection, after.id, area)

        what = _said("paused", area)
        return self._change(
            campaign_id, what, who, lambda one: changes.paused(one, area), take_back
        )

    def resume(self, campaign_id: str, *, who: str, area: Area | None = None) -> Campaign:
        """It goes on. After a canary that went badly the rest follows: somebody has decided so."""

        def hurry(connection: Connection, after: Campaign) -> None:
            holding.hurry(connection, after.id, self.book.clock())

        what = _said("resumed", area)
        return self._change(campaign_id, what, who, lambda one: changes.resumed(one, area), hurry)

    def stop(self, campaign_id: str, *, who: str, area: Area | None = None) -> Campaign:
        """Nothing more goes out, or nothing more there, for ever.

        That holds as soon as it is written; the rows, however many, are marked afterwards. Said
        again, it marks what somebody who died in between has left.
        """
        now, what = self.book.clock(), _said("stopped", area)

        def look(connection: Connection, after: Campaign) -> None:
            self._is_there(connection, after.id, area)

        after = self._change(
            campaign_id, what, who, lambda one: changes.stopped(one, area, now), look
        )
        with self.book.database.begin() as connection:
            holding.stop(connection, after.id, area, now)
        return after

    def _is_there(self, connection: Connection, campaign_id: str, area: Area | None) -> None:
        """Raises NotThere: whoever mistypes a code must not believe that something is held."""
        if area is None:
            return
        codes = self.rows.codes(connection, campaign_id, area.kind)
        if area.code not in codes:
            raise NotThere(
                f"no row of campaign {campaign_id} is of the {area.kind} {area.code}; "
                + (
                    f"there are {', '.join(codes[:SHOWN])}"
                    if codes
                    else f"none names a {area.kind}"
                )
                + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")
            )

    def _change(
        self,
        campaign_id: str,
        what: str,
        who: str,
        change: Callable[[Campaign], Campaign],
        then: Callable[[Connection, Campaign], None] = lambda _connection, _after: None,
    ) -> Campaign:
        """Changes it, if that is a change, and does what follows from it."""
        who = changes.named(who)
        with self.book.database.begin() as connection:
            before = self.book.locked(connection, campaign_id)
            after = change(before)
            if after != before:
                self.book.write(connection, after)
                self.book.note(connection, before.id, what, who)
                then(connection, after)
            return after


def _said(what: str, area: Area | None) -> str:
    return what if area is None else f"{what} {area.kind} {area.code}"
