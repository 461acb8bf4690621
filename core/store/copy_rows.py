"""New messages as PostgreSQL's binary COPY reads them, quicker than value by value.

What differs from message to message is written anew; the rest of a row is the same for thousands
of a campaign and kept as it is. The format: PostgreSQL's documentation, COPY, "Binary Format".
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.outbox.outgoing import Outgoing
from core.store import outgoing_rows as rows
from core.store.vault import Vault

OWN: Final = ("id", "key", "address", "address_index", "body", "person_id", "about_index")
"""Columns in which messages differ."""

SHARED: Final = (
    *("network", "channel", "purpose", "lane", "status", "attempts", "claims", "not_before"),
    *("due_at", "useless_after", "created_at", "settled_at", "words", "owner", "test"),
)
COLUMNS: Final = ", ".join((*OWN, *SHARED))
PLACES: Final = ", ".join(f":{name}" for name in (*OWN, *SHARED))
"""For one row in a statement of SQLAlchemy's."""

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"

_FIELDS: Final = struct.pack(">h", len(OWN) + len(SHARED))
_NULL: Final = b"\xff\xff\xff\xff"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_size = struct.Struct(">i").pack


def written(
    vault: Vault, lot: Sequence[tuple[Outgoing, datetime]], now: datetime
) -> Iterator[bytes]:
    """The rows, one after the other, without header and trailer; each with its first moment."""
    known: dict[tuple[object, ...], bytes] = {}
    for one, start in lot:
        alike = (
            *(one.address.network, one.channel, one.purpose, one.lane, one.owner, one.test),
            *(start, one.useless_after),
        )
        shared = known.get(alike)
        if shared is None:
            values = rows.shared_values(one, now, start)
            shared = known[alike] = b"".join(map(_field, (values[name] for name in SHARED)))
        yield _row(vault, one, shared)


def _row(vault: Vault, one: Outgoing, shared: bytes) -> bytes:
    row, where, about, person = one.id, one.address, one.about, one.person_id
    key = one.key.encode()
    address = vault.seal(where.value, f"outgoing.address:{row}")
    index = vault.blind(f"address.{where.network}", where.value)
    body = rows.body(vault, one, row)
    return b"".join(
        (
            *(_FIELDS, b"\0\0\0\x10", bytes.fromhex(row.replace("-", ""))),
            *(_size(len(key)), key, _size(len(address)), address),
            *(_size(len(index)), index, _size(len(body)), body),
            _NULL if person is None else b"\0\0\0\x10" + uuid.UUID(person).bytes,
            _NULL if about is None else _field(rows.about_index(vault, about)),
            shared,
        )
    )


def _field(value: Any) -> bytes:
    """One value: its length, then itself."""
    match value:
        case None:
            return _NULL
        case bool():
            return b"\0\0\0\x01" + (b"\x01" if value else b"\0")
        case int():
            return b"\0\0\0\x04" + _size(value)
        case datetime():
            since = (value - _EPOCH) // _MICROSECOND
            return b"\0\0\0\x08" + struct.pack(">q", since)
        case str():
            return _field(value.encode())
        case bytes():
            return _size(len(value)) + value
    raise TypeError(type(value).__name__)
