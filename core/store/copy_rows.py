"""New messages as PostgreSQL's binary COPY reads them, quicker than value by value.

What differs from message to message is written anew; the rest of a row is the same for thousands
of a campaign and kept as it is. The format: PostgreSQL's documentation, COPY, "Binary Format".
"""

from __future__ import annotations

import itertools
import struct
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final

from core.outbox.outgoing import Outgoing, id_of
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

PIECE: Final = 200
"""Rows that are handed to the server at once, while the next ones are sealed."""

_UUID: Final = struct.pack(">i", 16)
_FIELDS: Final = struct.pack(">h", len(OWN) + len(SHARED)) + _UUID
"""The id comes first."""

_alike = attrgetter(
    *("address.network", "channel", "purpose", "lane", "owner", "test", "useless_after")
)
_NULL: Final = b"\xff\xff\xff\xff"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_size = struct.Struct(">i").pack


def pieces(
    vault: Vault, lot: Sequence[tuple[Outgoing, datetime]], now: datetime
) -> Iterator[bytes]:
    """The rows, so many at a time, without header and trailer; each with its first moment."""
    shared = _Shared(now)
    for begin in range(0, len(lot), PIECE):
        yield _piece(vault, lot[begin : begin + PIECE], shared)


class _Shared:
    """The end of a row, kept for those that are alike."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[tuple[object, ...], bytes] = {}

    def of(self, one: Outgoing, start: datetime) -> bytes:
        alike = (_alike(one), start)
        found = self._known.get(alike)
        if found is None:
            values = rows.shared_values(one, self._now, start)
            found = self._known[alike] = b"".join(map(_field, (values[name] for name in SHARED)))
        return found


def _piece(vault: Vault, some: Sequence[tuple[Outgoing, datetime]], shared: _Shared) -> bytes:
    """Column by column: what is done to many values at once costs each of them less."""
    given = [one for one, _start in some]
    ids = [id_of(one.key) for one in given]
    names = bytes.fromhex("".join(ids).replace("-", ""))
    columns: tuple[Iterable[bytes], ...] = (
        [_FIELDS] * len(given),
        [names[at : at + 16] for at in range(0, len(names), 16)],
        *_sized([one.key.encode() for one in given]),
        *_sized(rows.addresses(vault, given, ids)),
        *_sized(rows.address_indexes(vault, given)),
        *_sized(rows.bodies(vault, given, ids)),
        [_person(one.person_id) for one in given],
        [_about(vault, one.about) for one in given],
        [shared.of(one, start) for one, start in some],
    )
    return b"".join(itertools.chain.from_iterable(zip(*columns, strict=True)))


def _sized(column: Sequence[bytes]) -> tuple[Iterable[bytes], Iterable[bytes]]:
    """The lengths, and the values."""
    return map(_size, map(len, column)), column


def _person(person_id: str | None) -> bytes:
    return _NULL if person_id is None else _UUID + uuid.UUID(person_id).bytes


def _about(vault: Vault, about: str | None) -> bytes:
    return _NULL if about is None else _field(rows.about_index(vault, about))


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
