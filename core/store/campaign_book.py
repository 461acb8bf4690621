"""Campaigns as rows: read, locked and written, and who did what with each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, desc, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from core.campaigns.campaign import (
    UNDER_WAY,
    Campaign,
    NoSuchCampaign,
    Plan,
    State,
    Step,
    Stretch,
    Words,
)
from core.clock import Clock
from core.outbox.outgoing import Purpose
from core.store.database import Database
from core.store.tables import campaign as table
from core.store.tables import campaign_step as steps
from core.store.vault import Vault

LATELY: Final = timedelta(days=30)
MANY: Final = 500

_ID: Final = re.compile("[0-9a-f]{10}")


@dataclass(frozen=True, slots=True)
class CampaignBook:
    """Names, words, makers and reports are sealed together; states stand in clear."""

    database: Database
    vault: Vault
    clock: Clock

    def add(
        self, connection: Connection, made: Campaign, key_index: bytes | None
    ) -> Campaign | None:
        """Writes a new one down; when this key made one before, that one."""
        fresh = connection.execute(
            insert(table)
            .values(
                **self._columns(made),
                id=made.id,
                test=made.test,
                key_index=key_index,
                created_at=made.created_at,
            )
            .on_conflict_do_nothing(index_elements=["key_index"])
            .returning(table.c.id)
        ).scalar()
        if fresh is not None:
            return None
        known = connection.execute(select(table).where(table.c.key_index == key_index)).one()
        return self._read(known)

    def one(self, campaign_id: str) -> Campaign:
        """Raises NoSuchCampaign."""
        with self.database.begin() as connection:
            row = connection.execute(select(table).where(_is(campaign_id))).one_or_none()
        return self._read(_there(row))

    def all(self, *, limit: int = 50, after: str | None = None) -> tuple[Campaign, ...]:
        """The newest first; with `after`, those that follow that one. Raises NoSuchCampaign."""
        query = select(table).order_by(desc(table.c.created_at), desc(table.c.id)).limit(limit)
        if after is not None:
            last = self.one(after)
            query = query.where(tuple_(table.c.created_at, table.c.id) < (last.created_at, last.id))
        with self.database.begin() as connection:
            return tuple(self._read(row) for row in connection.execute(query))

    def twin(self, connection: Connection, campaign: Campaign) -> str | None:
        """A campaign of the last weeks, not stopped, that says the same to the same numbers."""
        query = (
            select(table)
            .where(
                table.c.id != campaign.id,
                table.c.state != State.STOPPED,
                table.c.created_at >= self.clock() - LATELY,
            )
            .order_by(desc(table.c.created_at))
            .limit(MANY)
        )
        others = (self._read(row) for row in connection.execute(query))
        return next((one.id for one in others if one.digest == campaign.digest), None)

    def under_way(self) -> tuple[str, ...]:
        """The ids of those that were started and are not over, oldest first."""
        query = select(table.c.id).where(table.c.state.in_(UNDER_WAY)).order_by(table.c.started_at)
        with self.database.begin() as connection:
            return tuple(connection.scalars(query))

    def locked(self, connection: Connection, campaign_id: str) -> Campaign:
        """The campaign, which nobody else changes until this transaction ends."""
        query = select(table).where(_is(campaign_id)).with_for_update()
        return self._read(_there(connection.execute(query).one_or_none()))

    def due(self, connection: Connection, campaign_id: str) -> Campaign | None:
        """The same; None when somebody else has it in hand, or it is not under way."""
        query = (
            select(table)
            .where(table.c.id == campaign_id, table.c.state.in_(UNDER_WAY))
            .with_for_update(skip_locked=True)
        )
        row = connection.execute(query).one_or_none()
        return None if row is None else self._read(row)

    def write(self, connection: Connection, changed: Campaign) -> None:
        """Writes it down as it is now."""
        connection.execute(
            update(table).where(table.c.id == changed.id).values(**self._columns(changed))
        )

    def note(self, connection: Connection, campaign_id: str, what: str, who: str) -> None:
        """Writes down who did what."""
        sealed = self.vault.seal(who, f"campaign_step.who:{campaign_id}")
        connection.execute(
            insert(steps).values(campaign_id=campaign_id, at=self.clock(), what=what, who=sealed)
        )

    def history(self, campaign_id: str) -> tuple[Step, ...]:
        """Who did what, oldest first."""
        query = select(steps).where(steps.c.campaign_id == campaign_id).order_by(steps.c.id)
        about = f"campaign_step.who:{campaign_id}"
        with self.database.begin() as connection:
            return tuple(
                Step(row.at, row.what, self.vault.open(row.who, about))
                for row in connection.execute(query)
            )

    def _columns(self, campaign: Campaign) -> dict[str, Any]:
        plan = campaign.plan
        body = {
            "name": plan.name,
            "purpose": plan.purpose.value,
            "words": plan.words.to_json(),
            "not_before": None if plan.not_before is None else plan.not_before.isoformat(),
            "useless_after": None if plan.useless_after is None else plan.useless_after.isoformat(),
            "sms_only": plan.sms_only,
            "makers": list(campaign.makers),
            "approver": campaign.approver,
            "report": campaign.report,
            "digest": campaign.digest,
            "tolerated": dict(campaign.tolerated),
            "lately": [one.to_json() for one in campaign.lately],
        }
        return {
            "body": self.vault.seal_json(body, f"campaign.body:{campaign.id}"),
            "state": campaign.state.value,
            "edition": campaign.edition,
            "paused_areas": list(campaign.paused_areas),
            "stopped_areas": list(campaign.stopped_areas),
            "why": campaign.why,
            "started_at": campaign.started_at,
            "canary_out_at": campaign.canary_out_at,
            "canary_ended_at": campaign.canary_ended_at,
            "ended_at": campaign.ended_at,
        }

    def _read(self, row: Row[Any]) -> Campaign:
        body = self.vault.open_json(row.body, f"campaign.body:{row.id}")
        return Campaign(
            id=row.id,
            plan=_plan(body),
            state=State(row.state),
            edition=row.edition,
            makers=tuple(body["makers"]),
            created_at=row.created_at,
            approver=body["approver"],
            test=row.test,
            why=row.why,
            started_at=row.started_at,
            canary_out_at=row.canary_out_at,
            canary_ended_at=row.canary_ended_at,
            ended_at=row.ended_at,
            paused_areas=tuple(row.paused_areas),
            stopped_areas=tuple(row.stopped_areas),
            report=body["report"],
            digest=body.get("digest", ""),
            tolerated=body.get("tolerated", {}),
            lately=tuple(Stretch.from_json(one) for one in body.get("lately", ())),
        )


def _plan(body: Mapping[str, Any]) -> Plan:
    return Plan(
        body["name"],
        Purpose(body["purpose"]),
        Words.from_json(body["words"]),
        _moment(body["not_before"]),
        _moment(body["useless_after"]),
        body.get("sms_only", False),
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _is(campaign_id: str) -> ColumnElement[bool]:
    """Ids are ours: whatever else is asked for is not even looked up. Raises NoSuchCampaign."""
    if not _ID.fullmatch(campaign_id):
        raise NoSuchCampaign("there is no such campaign")
    return table.c.id == campaign_id


def _there(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NoSuchCampaign("there is no such campaign")
    return row
