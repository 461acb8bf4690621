"""Reads what has become of messages: one with its whole story, or many, page by page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, text

from core.outbox.outgoing import FINAL, Lane, Outcome, Purpose, Status
from core.outbox.story import Attempt, Step, Story, Summary, why
from core.privacy import mask_phone
from core.store import outgoing_rows as rows
from core.store.database import Database
from core.store.tables import attempt, outgoing, receipt, replay
from core.store.vault import Unopenable, Vault

_ENDED = {
    Outcome.SENT: "sent",
    Outcome.LATER: "not-taken",
    Outcome.NEVER: "refused",
    Outcome.UNKNOWN: "no-answer",
}

# What has left is found by an index. What waits is gone through: that it costs nothing to put
# messages in is worth more than this question.
_TO_NUMBER = text("""
WITH places AS MATERIALIZED (
  SELECT CAST(:address AS bytea) AS place
  UNION SELECT address.value_index FROM person JOIN address ON address.person_id = person.id
  WHERE person.phone_index = :phone),
found AS (
  SELECT id, seq, owner, status FROM outgoing
  WHERE status IN ('sent', 'delivered', 'failed', 'expired', 'stopped')
  AND address_index = ANY(ARRAY(SELECT place FROM places))
  UNION ALL SELECT id, seq, owner, status FROM outgoing
  WHERE status IN ('sending', 'unsettled')
  AND address_index = ANY(ARRAY(SELECT place FROM places))
  UNION ALL SELECT id, seq, owner, status FROM outgoing
  WHERE status = 'queued' AND address_index = ANY(ARRAY(SELECT place FROM places)))
SELECT id FROM found WHERE (CAST(:owner AS text) IS NULL OR owner = :owner)
AND (CAST(:status AS text) IS NULL OR status = :status)
AND (CAST(:before AS bigint) IS NULL OR seq < :before)
ORDER BY seq DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Stories:
    """Numbers are masked before they leave here."""

    database: Database
    vault: Vault

    def one(self, message_id: str, *, owner: str | None = None) -> Story | None:
        """A message's story; None when there is none, or it is not this owner's (None: anybody's)."""
        try:
            which = uuid.UUID(message_id)
        except ValueError:
            return None
        with self.database.begin() as connection:
            row = connection.execute(select(outgoing).where(outgoing.c.id == which)).one_or_none()
            if row is None or owner not in (None, row.owner):
                return None
            attempts = tuple(_attempts(connection, which))
            told = _steps(connection, row, attempts)
        return Story(self._summary(row), attempts, tuple(sorted(told, key=lambda step: step.at)))

    def page(
        self,
        *,
        owner: str | None,
        status: Status | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Summary, ...]:
        """An owner's messages, the newest first; `before` is the `seq` of the last one seen.

        Without an owner (anybody's) only the failed ones can be listed: they alone have an index.
        """
        if owner is None and status is not Status.FAILED:
            raise ValueError("of anybody's messages only the failed ones are listed")
        where: list[ColumnElement[bool]] = []
        if owner is not None:
            where.append(outgoing.c.owner == owner)
        if status is not None:
            where.append(outgoing.c.status == status)
        if before is not None:
            where.append(outgoing.c.seq < before)
        query = select(outgoing).where(*where).order_by(outgoing.c.seq.desc()).limit(limit)
        with self.database.begin() as connection:
            return tuple(self._summary(row) for row in connection.execute(query))

    def to_number(
        self,
        phone: str,
        *,
        owner: str | None,
        status: Status | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[Summary, ...]:
        """Messages to this number (E.164), and to the chats of whoever has it, the newest first.

        `owner` and `before` as in `page`; without an owner all of them.
        """
        given = {
            "phone": self.vault.blind("phone", phone),
            "address": self.vault.blind("address.phone", phone),
            "owner": owner,
            "status": status,
            "before": before,
            "limit": limit,
        }
        with self.database.begin() as connection:
            found = connection.execute(_TO_NUMBER, given).scalars().all()
            query = select(outgoing).where(outgoing.c.id.in_(found)).order_by(outgoing.c.seq.desc())
            return tuple(self._summary(row) for row in connection.execute(query))

    def _summary(self, row: Row[Any]) -> Summary:
        return Summary(
            id=str(row.id),
            seq=row.seq,
            owner=row.owner,
            status=Status(row.status),
            purpose=Purpose(row.purpose),
            lane=Lane(row.lane),
            network=row.network,
            channel=row.channel,
            to=self._masked(row),
            created_at=row.created_at,
            not_before=row.not_before,
            useless_after=row.useless_after,
            settled_at=row.settled_at,
            provider=row.provider,
            segments=row.segments,
            cost=row.cost,
            words=why(row.status, row.words),
            test=row.test,
        )

    def _masked(self, row: Row[Any]) -> str | None:
        if row.address is None:
            return None
        try:
            value = rows.address(self.vault, row).value
        except (Unopenable, ValueError):
            return None
        return mask_phone(value)


def _attempts(connection: Connection, which: uuid.UUID) -> Iterator[Attempt]:
    found = connection.execute(
        select(attempt)
        .where(attempt.c.outgoing_id == which)
        .order_by(attempt.c.claim, attempt.c.number)
    )
    for row in found:
        yield Attempt(
            row.began_at,
            row.ended_at,
            row.provider,
            row.network,
            Outcome(row.outcome),
            row.words,
            row.segments,
            row.cost,
        )


def _steps(connection: Connection, row: Row[Any], attempts: Sequence[Attempt]) -> list[Step]:
    """What is told of its life; its words are a provider's or ours, never the person's."""
    steps = [Step(row.created_at, "queued")]
    for one in attempts:
        steps.append(Step(one.began_at, "given", one.provider))
        if one.ended_at is not None:
            steps.append(Step(one.ended_at, _ENDED[one.outcome], one.provider, one.words))
    receipts = connection.execute(
        select(receipt).where(receipt.c.outgoing_id == row.id).order_by(receipt.c.id)
    ).all()
    steps += [
        Step(one.received_at, f"receipt-{one.status}", one.provider, one.words) for one in receipts
    ]
    replays = connection.execute(
        select(replay).where(replay.c.outgoing_id == row.id).order_by(replay.c.id)
    )
    for again in replays:
        steps.append(Step(again.at, "replayed", None, again.words))
    if Status(row.status) in FINAL and row.settled_at is not None:
        words = why(row.status, row.words)
        steps.append(Step(row.settled_at, row.status, row.provider, words))
    return steps
