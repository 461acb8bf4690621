"""How campaigns are made, corrected and looked at, each in one transaction that locks the campaign."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.campaigns import changes
from core.campaigns.campaign import (
    Campaign,
    NotNow,
    Plan,
    State,
    Words,
)
from core.campaigns.report import Report
from core.campaigns.source import Row
from core.store.campaign_check import CampaignCheck
from core.store.campaign_steps import CampaignSteps


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaigns(CampaignSteps):
    """Any number of processes may work on a campaign at once. All of these raise CampaignError."""

    checking: CampaignCheck
    new_id: Callable[[], str] = lambda: secrets.token_hex(5)

    def make(
        self,
        plan: Plan,
        rows: Iterable[Row],
        *,
        who: str,
        key: str | None = None,
        test: bool = False,
    ) -> tuple[Campaign, bool]:
        """A new draft with its rows, all or nothing, and whether it is new.

        The same `key` of the same `who` again gives the campaign that it made before.
        """
        with self.book.database.begin() as connection:
            return self._make(connection, plan, rows, changes.named(who), key, test)

    def rehearse(self, plan: Plan, rows: Iterable[Row]) -> Report:
        """What a check of such a campaign would say; nothing is kept."""
        with self.book.database.begin() as connection:
            made, _ = self._make(connection, plan, rows, "nobody", None, False)
            report = self._looked_at(connection, made)
            connection.rollback()
            return report

    def correct(
        self, campaign_id: str, rows: Iterable[Row], *, who: str, words: Words | None = None
    ) -> Campaign:
        """Other rows, or other words too, in the place of those before: a draft again."""
        who = changes.named(who)
        with self.book.database.begin() as connection:
            found = self.book.locked(connection, campaign_id)
            plan = found.plan if words is None else replace(found.plan, words=words)
            changed = changes.corrected(found, plan, who)
            changed = self.rows.put(connection, changed, rows)
            self.book.write(connection, changed)
            self.book.note(connection, found.id, "corrected", who)
            return changed

    def check(self, campaign_id: str, *, who: str) -> tuple[Campaign, Report]:
        """Looks at every row as it would be sent now, and keeps the report."""
        who = changes.named(who)
        with self.book.database.begin() as connection:
            found = self.book.locked(connection, campaign_id)
            if found.state not in (State.DRAFT, State.CHECKED):
                raise NotNow(f"campaign {found.id} is {found.state}: it was checked before")
            report = self._looked_at(connection, found)
            checked = replace(found, state=State.CHECKED, report=report.to_json())
            self.book.write(connection, checked)
            self.book.note(connection, found.id, "checked", who)
            return checked, report

    def _looked_at(self, connection: Connection, campaign: Campaign) -> Report:
        report = self.checking.examine(connection, campaign)
        return replace(report, same_as=self.book.twin(connection, campaign))

    def _make(
        self,
        connection: Connection,
        plan: Plan,
        rows: Iterable[Row],
        who: str,
        key: str | None,
        test: bool,
    ) -> tuple[Campaign, bool]:
        changes.sound(plan)
        now = self.book.clock()
        changes.timely(plan, now)
        made = Campaign(self.new_id(), plan, State.DRAFT, 1, (who,), now, test=test)
        vault = self.book.vault
        index = None if key is None else vault.blind("campaign.key", f"{who}\n{key}")
        before = self.book.add(connection, made, index)
        if before is not None:
            return before, False
        made = self.rows.put(connection, made, rows)
        self.book.write(connection, made)
        self.book.note(connection, made.id, "made", who)
        return made, True
