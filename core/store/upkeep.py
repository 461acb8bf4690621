"""What is done every now and then: forgetting what is no longer needed, and signs of life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.outbox.outgoing import Status
from core.people.proofs import DAY
from core.store.database import Database
from core.store.tables import (
    campaign,
    campaign_row,
    check_in,
    deferred,
    heartbeat,
    inbox,
    outgoing,
    proof,
    receipt,
    remembered,
    request,
    short_code,
    talk,
    tries,
)

_BATCH = 5000
DEAD_SECONDS = 30.0
"""A worker that was silent for so long does not live."""


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long what people said, and what we told them, is kept after it was dealt with.

    What remains is that there was a message, when, and what became of it: nothing about anybody.
    """

    said: timedelta = timedelta(days=2)
    """Longer than any network repeats a message (Zalo: 24 hours)."""
    told: timedelta = timedelta(days=7)
    finished: timedelta = timedelta(days=7)
    codes: timedelta = timedelta(days=7)
    """An ended short code is told apart from one that never was for this long."""
    drafts: timedelta = timedelta(days=30)
    """A campaign that nobody has started by then is never started."""
    tries: timedelta = timedelta(days=1)
    remembered: timedelta = timedelta(days=14)
    """What a platform said, for the days on which it does not answer."""
    requests: timedelta = timedelta(days=7)
    """A program that repeats a request later than this has its messages put in anew."""
    talks: timedelta = timedelta(days=30)
    """What a person and an operator said to each other, after their talk was over."""
    check_ins: timedelta = timedelta(days=7)
    """After people were asked for the last time."""
    receipts: timedelta = timedelta(days=14)
    """Receipts of messages that nobody knows; by then ours have long been written down."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Safe to run anywhere, at any time, also twice at once."""

    database: Database
    clock: Clock
    retention: Retention = Retention()
    mend: Callable[[], object] = lambda: None
    """Brings what an older version wrote into the shape that this one reads."""

    def forget(self) -> int:
        """Empties or removes everything past its retention; how many rows that were."""
        now, keep = self.clock(), self.retention
        return (
            self._empty(inbox, inbox.c.handled_at < now - keep.said, {"body": None, "reply": None})
            + self._empty(
                outgoing,
                or_(
                    outgoing.c.settled_at < now - keep.told,
                    # No receipt ever came: it never will.
                    and_(
                        outgoing.c.status == Status.SENT,
                        outgoing.c.not_before < now - 2 * keep.told,
                    ),
                ),
                {"body": None, "address": None},
            )
            + self._empty(deferred, deferred.c.done_at < now - keep.finished, {"body": None})
            + self._remove(short_code, short_code.c.expires_at < now - keep.codes)
            + self._remove(
                tries,
                and_(
                    tries.c.tried_at < now - keep.tries,
                    or_(tries.c.locked_until.is_(None), tries.c.locked_until < now),
                ),
            )
            + self._remove(proof, proof.c.sent_at < now - max(keep.tries, DAY))
            + self._remove(talk, talk.c.closed_at < now - keep.talks)
            + self._remove(remembered, remembered.c.as_of < now - keep.remembered)
            + self._remove(
                receipt,
                and_(receipt.c.outgoing_id.is_(None), receipt.c.received_at < now - keep.receipts),
            )
            + self._forget_campaigns(now)
            + self._remove(request, request.c.at < now - keep.requests)
            + self._remove(check_in, check_in.c.asked_at < now - keep.check_ins)
            + self._remove(heartbeat, heartbeat.c.at < now - timedelta(days=1))
        )

    def _forget_campaigns(self, now: datetime) -> int:
        """Whom campaigns wrote to that are over, and those that nobody ever started."""
        keep = self.retention
        over = or_(
            campaign.c.ended_at < now - keep.told,
            and_(campaign.c.started_at.is_(None), campaign.c.created_at < now - keep.drafts),
        )
        emptied = 0
        some = (
            select(campaign_row.c.campaign_id, campaign_row.c.number)
            .join(campaign, campaign.c.id == campaign_row.c.campaign_id)
            .where(over, campaign_row.c.body.is_not(None))
            .limit(_BATCH)
        )
        rows = tuple_(campaign_row.c.campaign_id, campaign_row.c.number)
        while True:
            with self.database.begin() as connection:
                emptied_now = connection.execute(
                    update(campaign_row).where(rows.in_(some)).values(body=None)
                ).rowcount
            emptied += emptied_now
            if emptied_now < _BATCH:
                return emptied

    def expire(self) -> int:
        """Ends messages that are of no use any longer and were not even tried."""
        now = self.clock()
        with self.database.begin() as connection:
            return connection.execute(
                update(outgoing)
                .where(outgoing.c.status == Status.QUEUED, outgoing.c.useless_after <= now)
                .values(status=Status.EXPIRED, settled_at=now, words="too late to be of use")
            ).rowcount

    def beat(self, worker: str) -> None:
        """This worker is alive."""
        now = self.clock()
        with self.database.begin() as connection:
            connection.execute(
                insert(heartbeat)
                .values(worker=worker, at=now)
                .on_conflict_do_update(index_elements=["worker"], set_={"at": now})
            )

    def last_beat(self) -> datetime | None:
        """When any worker was last alive."""
        with self.database.begin() as connection:
            return connection.execute(
                select(heartbeat.c.at).order_by(heartbeat.c.at.desc()).limit(1)
            ).scalar()

    def _empty(self, table: Table, due: ColumnElement[bool], values: Mapping[str, Any]) -> int:
        """In small transactions, so that nobody waits long for a row."""
        emptied = 0
        some = select(table.c.id).where(table.c.body.is_not(None), due).limit(_BATCH)
        while True:
            with self.database.begin() as connection:
                ids = connection.scalars(some).all()
                if not ids:
                    return emptied
                emptied += connection.execute(
                    update(table).where(table.c.id.in_(ids)).values(**values)
                ).rowcount

    def _remove(self, table: Table, due: ColumnElement[bool]) -> int:
        with self.database.begin() as connection:
            return connection.execute(delete(table).where(due)).rowcount
