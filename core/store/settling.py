"""How a message moves from one status to the next, by our own word or by a provider's receipt."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from core.outbox.outgoing import FINAL, Outcome, Receipt, Status, before
from core.store.tables import attempt, outgoing, receipt


def move(
    connection: Connection, which: ColumnElement[bool], status: Status, words: str, now: datetime
) -> bool:
    """Moves a message on where the table of changes allows it, and tells whether it did."""
    moved = connection.execute(
        update(outgoing)
        .where(which, outgoing.c.status.in_(before(status)))
        .values(
            status=status,
            lease_until=None,
            words=case((func.length(words) > 0, words), else_=outgoing.c.words),
            settled_at=now if status in FINAL else None,
        )
    )
    return moved.rowcount > 0


def take_in(connection: Connection, arrived: Receipt, now: datetime) -> bool:
    """Keeps a receipt, and moves the message that it means, if there is one and it may move."""
    row = _meant(connection, arrived)
    connection.execute(
        insert(receipt)
        .values(
            provider=arrived.provider,
            provider_ref=arrived.ref,
            outgoing_id=row,
            status=arrived.status,
            words=arrived.words,
            at=arrived.at,
            received_at=now,
        )
        .on_conflict_do_nothing()
    )
    if row is None or not _tells(connection, row, arrived):
        return False
    _vouch(connection, row, arrived, now)
    return move(connection, outgoing.c.id == row, arrived.status, arrived.words, now)


def settle_waiting(
    connection: Connection, refs: Mapping[tuple[str, str], uuid.UUID], now: datetime
) -> None:
    """Takes account of receipts that came before we knew these ids (provider, its id) → message."""
    early = connection.execute(
        select(receipt)
        .where(
            tuple_(receipt.c.provider, receipt.c.provider_ref).in_(refs),
            receipt.c.outgoing_id.is_(None),
        )
        .order_by(receipt.c.id)
    ).all()
    for one in early:
        row = refs[one.provider, one.provider_ref]
        connection.execute(update(receipt).where(receipt.c.id == one.id).values(outgoing_id=row))
        move(connection, outgoing.c.id == row, Status(one.status), one.words, now)


def close_attempt(
    connection: Connection,
    which: ColumnElement[bool],
    outcome: Outcome,
    words: str,
    now: datetime,
) -> None:
    """The attempts that are open among these ended like this."""
    connection.execute(
        update(attempt)
        .where(which, attempt.c.outcome == Outcome.OPEN)
        .values(outcome=outcome, words=words, ended_at=now)
    )


def paid(row: ColumnElement[uuid.UUID]) -> ColumnElement[object]:
    """What the attempts of this message that were taken cost together."""
    taken = (attempt.c.outgoing_id == row, attempt.c.outcome == Outcome.SENT)
    return select(func.sum(attempt.c.cost)).where(*taken).scalar_subquery()


def _tells(connection: Connection, row: uuid.UUID, arrived: Receipt) -> bool:
    """A failure there says nothing about a message that somebody else carries by now."""
    if arrived.status is not Status.FAILED:
        return True
    carries = connection.execute(
        select(attempt.c.provider)
        .where(attempt.c.outgoing_id == row)
        .order_by(attempt.c.claim.desc(), attempt.c.number.desc())
        .limit(1)
    ).scalar()
    return carries in (None, arrived.provider)


def _vouch(connection: Connection, row: uuid.UUID, arrived: Receipt, now: datetime) -> None:
    """A receipt is also the answer to a send of which nobody knew how it ended."""
    refused = arrived.status is Status.FAILED
    answered = connection.execute(
        update(attempt)
        .where(
            attempt.c.outgoing_id == row,
            attempt.c.provider == arrived.provider,
            attempt.c.outcome.in_((Outcome.OPEN, Outcome.UNKNOWN)),
        )
        .values(
            outcome=Outcome.NEVER if refused else Outcome.SENT, words=arrived.words, ended_at=now
        )
        .returning(attempt.c.segments)
    ).all()
    if answered:
        connection.execute(
            update(outgoing)
            .where(outgoing.c.id == row)
            .values(
                provider=arrived.provider,
                provider_ref=arrived.ref,
                segments=func.coalesce(outgoing.c.segments, answered[0].segments),
                cost=paid(outgoing.c.id),
            )
        )


def _meant(connection: Connection, arrived: Receipt) -> uuid.UUID | None:
    """The message a receipt speaks of: by our own id where the provider repeats it, or by theirs.

    What comes from outside need not be an id at all.
    """
    which = and_(outgoing.c.provider == arrived.provider, outgoing.c.provider_ref == arrived.ref)
    if arrived.outgoing_id is not None:
        try:
            which = outgoing.c.id == uuid.UUID(arrived.outgoing_id)
        except ValueError:
            return None
    return connection.execute(select(outgoing.c.id).where(which).limit(1)).scalar()
