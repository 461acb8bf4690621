"""How a message moves from one status to the next, by our own word or by a provider's receipt."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.outbox.outgoing import FINAL, Receipt, Settled, Status, before
from core.store.tables import outgoing, receipt


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


def take_in(connection: Connection, arrived: Receipt, now: datetime) -> Settled:
    """Keeps a receipt, and moves the message that it means, if there is one and it may move."""
    message = _meant(connection, arrived)
    connection.execute(
        insert(receipt)
        .values(
            provider=arrived.provider,
            provider_ref=arrived.ref,
            outgoing_id=None if message is None else message.id,
            status=arrived.status,
            words=arrived.words,
            at=arrived.at,
            received_at=now,
        )
        .on_conflict_do_nothing()
    )
    if message is None:
        return Settled(known=False)
    if arrived.status is Status.FAILED and not _of_the_try_that_counts(message, arrived):
        return Settled(known=True)
    moved = move(connection, outgoing.c.id == message.id, arrived.status, arrived.words, now)
    return Settled(known=True, moved=moved)


def settle_waiting(
    connection: Connection, row: uuid.UUID, provider: str, ref: str, now: datetime
) -> None:
    """Takes account of receipts that came before we knew the provider's id of the message."""
    waiting = connection.execute(
        update(receipt)
        .where(
            receipt.c.provider == provider,
            receipt.c.provider_ref == ref,
            or_(receipt.c.outgoing_id.is_(None), receipt.c.outgoing_id == row),
        )
        .values(outgoing_id=row)
        .returning(receipt.c.status, receipt.c.words, receipt.c.id)
    )
    for early in sorted(waiting, key=lambda one: one.id):
        move(connection, outgoing.c.id == row, Status(early.status), early.words, now)


def _meant(connection: Connection, arrived: Receipt) -> Row[*tuple[Any, ...]] | None:
    """The message a receipt speaks of: by our own id where the provider repeats it, or by theirs.

    What comes from outside need not be an id at all.
    """
    which = and_(outgoing.c.provider == arrived.provider, outgoing.c.provider_ref == arrived.ref)
    if arrived.outgoing_id is not None:
        try:
            which = outgoing.c.id == uuid.UUID(arrived.outgoing_id)
        except ValueError:
            return None
    columns = (outgoing.c.id, outgoing.c.provider, outgoing.c.provider_ref)
    return connection.execute(select(*columns).where(which).limit(1)).one_or_none()


def _of_the_try_that_counts(message: Row[*tuple[Any, ...]], arrived: Receipt) -> bool:
    """Whether this is about the try, and the whole, by which the message is known to have gone.

    Where an answer came too late, a message is sent again, perhaps through somebody else: that the
    first try came to nothing does not undo the second. (That it arrived is true of either.) Until
    it is known how the message went, the receipt waits for `settle_waiting`.
    """
    return bool(
        message.provider == arrived.provider and message.provider_ref in (None, arrived.ref)
    )
