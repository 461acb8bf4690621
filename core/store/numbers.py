"""Numbers in doubt, in PostgreSQL: silent for long, or given away as a provider says.

A number leaves doubt only when its person proves again who they are (`StoredPeople.link`).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select, update

from core.store.tables import address, consent, outgoing, person

IN_DOUBT: Final = """address.network = 'phone'
    AND (address.doubted_at IS NOT NULL OR address.heard_at < :heard_since)"""
"""The rule in SQL, for an `address`; `heard_since` is as long ago as a number may be silent."""

DOUBTED_FROM_NOW: Final = """CASE WHEN doubted_at IS NULL AND network = 'phone'
    AND heard_at < :heard_since THEN :now ELSE doubted_at END"""
"""What `doubted_at` becomes when an address is heard again: silent until now, it is in doubt."""


def is_in_doubt(row: Any, since: datetime) -> bool:
    """The same rule for a row of the table of addresses."""
    return row.network == "phone" and (row.doubted_at is not None or row.heard_at < since)


def may_be_anothers(
    connection: Connection, person_id: uuid.UUID, phone: bytes, since: datetime
) -> bool:
    """Could the phone of this person be somebody else's? `phone` is the index of its address.

    Where it never texted nor dialled, the last proof in a chat counts.
    """
    at = (address.c.network == "phone") & (address.c.value_index == phone)
    row = connection.execute(select(address).where(at)).one_or_none()
    if row is not None:
        return is_in_doubt(row, since)
    proven = select(func.max(address.c.proven_at)).where(address.c.person_id == person_id)
    last = connection.execute(proven).scalar()
    return last is None or last < since


def doubt(connection: Connection, message: uuid.UUID, now: datetime) -> None:
    """A provider says that the number this message went to is nobody's, or not theirs any more."""
    same = (
        (outgoing.c.id == message)
        & (address.c.network == outgoing.c.network)
        & (address.c.value_index == outgoing.c.address_index)
    )
    connection.execute(
        update(address)
        .where(same, address.c.network == "phone", address.c.doubted_at.is_(None))
        .values(doubted_at=now)
    )


def settle(connection: Connection, person_id: uuid.UUID, now: datetime) -> None:
    """The person has proved who they are: the number they have is theirs."""
    connection.execute(
        update(address)
        .where(address.c.person_id == person_id, address.c.network == "phone")
        .values(doubted_at=None, heard_at=now)
    )


def forget(connection: Connection, person_id: uuid.UUID, now: datetime) -> None:
    """Whoever has the number now is nobody whom we know; every consent that was given is over."""
    known = or_(person.c.citizen.is_not(None), person.c.citizen_index.is_not(None))
    forgotten = connection.execute(
        update(person)
        .where(person.c.id == person_id, known)
        .values(citizen=None, citizen_index=None, linked_at=None)
    )
    if forgotten.rowcount:
        withdraw(connection, person_id, now)


def withdraw(connection: Connection, person_id: uuid.UUID, now: datetime) -> None:
    """Every consent of this person ends."""
    connection.execute(
        update(consent)
        .where(consent.c.person_id == person_id, consent.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
