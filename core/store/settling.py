"""How a message moves from one status to the next, by our own word or by a provider's receipt."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from core.outbox.outgoing import FINAL, Outcome, Receipt, Settled, Status, before
from core.people.wishes import Topic
from core.store.numbers import doubt
from core.store.tables import address, attempt, outgoing, receipt, replay
from core.store.wishes import refuse


def move(
    connection: Connection, which: ColumnElement[bool], status: Status, words: str, now: datetime
) -> int:
    """Moves messages on where the table of changes allows it, and tells how many it moved.

    What had held one up before it arrived is no reason any more.
    """
    kept = "" if status is Status.DELIVERED else outgoing.c.words
    moved = connection.execute(
        update(outgoing)
        .where(which, outgoing.c.status.in_(before(status)))
        .values(
            status=status,
            lease_until=None,
            words=case((func.length(words) > 0, words), else_=kept),
            settled_at=now if status in FINAL else None,
        )
    )
    return moved.rowcount


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
    if arrived.gone:
        doubt(connection, message.id, now)
    if arrived.opted_out:
        _opt_out(connection, message.id, now)
    if not _tells(connection, message, arrived):
        return Settled(known=True)
    _vouch(connection, message, arrived, now)
    moved = move(connection, outgoing.c.id == message.id, arrived.status, arrived.words, now)
    return Settled(known=True, moved=moved > 0)


def _opt_out(connection: Connection, message: uuid.UUID, now: datetime) -> None:
    """The person refused us at the provider, which tells it only now."""
    at = select(address.c.person_id).join(
        outgoing,
        and_(
            address.c.network == outgoing.c.network,
            address.c.value_index == outgoing.c.address_index,
        ),
    )
    owner = connection.execute(at.where(outgoing.c.id == message)).scalar()
    if owner is not None:
        refuse(connection, owner, Topic.ALL, "provider", now)


def settle_waiting(
    connection: Connection, refs: Mapping[tuple[str, str], uuid.UUID], now: datetime
) -> None:
    """Takes account of receipts that came before we knew these ids (provider, its id) → message."""
    early = connection.execute(
        select(receipt)
        .where(
            tuple_(receipt.c.provider, receipt.c.provider_ref).in_(refs),
            or_(receipt.c.outgoing_id.is_(None), receipt.c.outgoing_id.in_(refs.values())),
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


def _tells(connection: Connection, message: Row[*tuple[Any, ...]], arrived: Receipt) -> bool:
    """Whether this is about the try by which the message goes, or is known to have gone.

    A failure says nothing about a message that somebody else carries by now, or the same company
    under another id, or that waits to be sent again. (That it arrived is true of any.)
    """
    if arrived.status is not Status.FAILED:
        return True
    ours = message.provider == arrived.provider
    if ours and message.provider_ref not in (None, arrived.ref):
        return False
    again = select(func.max(replay.c.at)).where(replay.c.outgoing_id == message.id)
    since = func.coalesce(
        again.scalar_subquery(), literal("-infinity").cast(attempt.c.began_at.type)
    )
    carries = connection.execute(
        select(attempt.c.provider)
        .where(attempt.c.outgoing_id == message.id, attempt.c.began_at >= since)
        .order_by(attempt.c.claim.desc(), attempt.c.number.desc())
        .limit(1)
    ).scalar()
    # Where no try was written down, the failure waits until it is known how the message went.
    return ours if carries is None else bool(carries == arrived.provider)


def _vouch(
    connection: Connection, message: Row[*tuple[Any, ...]], arrived: Receipt, now: datetime
) -> None:
    """A receipt is also the answer to a send of which nobody knew how it ended: to one of them.

    So many different ids of theirs as a provider has told of, so many sends has it taken: what
    comes of an id that is accounted for says nothing about the other sends.
    """
    if (message.provider, message.provider_ref) == (arrived.provider, arrived.ref):
        return
    if _taken(connection, message.id, arrived.provider) >= _heard(connection, message, arrived):
        return
    mine = (attempt.c.outgoing_id == message.id, attempt.c.provider == arrived.provider)
    last = (
        select(attempt.c.claim, attempt.c.number)
        .where(*mine, attempt.c.outcome.in_((Outcome.OPEN, Outcome.UNKNOWN)))
        .order_by(attempt.c.claim.desc(), attempt.c.number.desc())
        .limit(1)
    )
    refused = arrived.status is Status.FAILED
    answered = connection.execute(
        update(attempt)
        .where(*mine, tuple_(attempt.c.claim, attempt.c.number).in_(last))
        .values(
            outcome=Outcome.NEVER if refused else Outcome.SENT, words=arrived.words, ended_at=now
        )
        .returning(attempt.c.segments)
    ).one_or_none()
    if answered is not None:
        connection.execute(
            update(outgoing)
            .where(outgoing.c.id == message.id)
            .values(
                provider=arrived.provider,
                provider_ref=arrived.ref,
                segments=func.coalesce(outgoing.c.segments, answered.segments),
                cost=paid(outgoing.c.id),
            )
        )


def _taken(connection: Connection, row: uuid.UUID, provider: str) -> int:
    """Sends that this provider is known to have taken."""
    taken = select(func.count()).select_from(attempt)
    return connection.execute(
        taken.where(
            attempt.c.outgoing_id == row,
            attempt.c.provider == provider,
            attempt.c.outcome == Outcome.SENT,
        )
    ).scalar_one()


def _heard(connection: Connection, message: Row[*tuple[Any, ...]], arrived: Receipt) -> int:
    """Ids by which this provider has called the message, in receipts and in its answers."""
    told = connection.scalars(
        select(receipt.c.provider_ref).where(
            receipt.c.outgoing_id == message.id, receipt.c.provider == arrived.provider
        )
    )
    answered = {message.provider_ref} if message.provider == arrived.provider else set()
    return len({arrived.ref, *told, *answered} - {None})


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
