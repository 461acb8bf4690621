"""Puts many messages into the outbox at once: a campaign, or a batch from a program."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy import Connection, text

from core.outbox.outgoing import Outgoing, Purpose
from core.store import copy_rows
from core.store.database import all_one_at_a_time, driver_of
from core.store.outgoing_rows import about_index
from core.store.vault import Vault

MOST_ABOUT: Final = 1000
"""Things that one call may be about: each is locked until the transaction ends."""

CHUNK: Final = 5000
"""Rows that are written together."""

_TABLE: Final = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS outgoing_come (LIKE outgoing INCLUDING IDENTITY) "
    "ON COMMIT DELETE ROWS"
)
_EMPTY: Final = text("TRUNCATE outgoing_come")
_MOVE: Final = text(
    f"INSERT INTO outgoing ({copy_rows.COLUMNS}) SELECT {copy_rows.COLUMNS} FROM outgoing_come ORDER BY seq "
    "ON CONFLICT (key) DO NOTHING RETURNING key"
)
_STOP_OLDER: Final = text("""
UPDATE outgoing SET status = 'stopped', settled_at = :now, words = :words, lease_until = NULL
FROM (SELECT about_index, max(seq) AS seq FROM outgoing WHERE id = ANY(CAST(:ids AS uuid[]))
  GROUP BY about_index) AS newest
WHERE outgoing.about_index = newest.about_index AND outgoing.seq < newest.seq
AND outgoing.status = 'queued'
""")


def put_many(
    connection: Connection,
    messages: Iterable[Outgoing],
    *,
    vault: Vault,
    now: datetime,
    decent: Callable[[Purpose, datetime], datetime],
    newer: str,
) -> list[bool]:
    """Takes messages in, in the transaction of their cause; for each, whether its key was new.

    Of two with the same key the first counts. Older messages about the same thing that still wait
    are stopped, with the words `newer`. Raises ValueError for more than `MOST_ABOUT` such things.
    Whoever puts the same messages in a second time does so in the same order: two at once that
    went crosswise would end one of them with PostgreSQL's "deadlock detected".
    """
    given = tuple(messages)
    starts = _starts(given, now, decent)
    about = {one.about: about_index(vault, one.about) for one in given if one.about}
    if len(about) > MOST_ABOUT:
        raise ValueError(f"at most {MOST_ABOUT} things in one call; make several transactions")
    all_one_at_a_time(connection, about.values())
    fresh = [False] * len(given)
    first = {one.key: place for place, one in reversed(tuple(enumerate(given)))}
    places = sorted(first.values())
    for begin in range(0, len(places), CHUNK):
        chunk = places[begin : begin + CHUNK]
        lot = [(given[place], starts[place]) for place in chunk]
        for key in _write(connection, vault, lot, now):
            fresh[first[key]] = True
    made = [UUID(one.id) for one, new in zip(given, fresh, strict=True) if new and one.about]
    if made:
        connection.execute(_STOP_OLDER, {"now": now, "words": newer, "ids": made})
    return fresh


def _starts(
    given: Sequence[Outgoing], now: datetime, decent: Callable[[Purpose, datetime], datetime]
) -> list[datetime]:
    """When each may go; most of a batch ask for the same, one after the other."""
    purpose: Purpose | None = None
    wanted = start = now
    starts = []
    for one in given:
        if one.purpose is not purpose or (one.not_before or now) != wanted:
            purpose, wanted = one.purpose, one.not_before or now
            start = decent(purpose, wanted)
        starts.append(start)
    return starts


def _write(
    connection: Connection, vault: Vault, lot: Sequence[tuple[Outgoing, datetime]], now: datetime
) -> Collection[str]:
    """The keys among them that were new.

    Mostly all of them are. When the server finds one that it knows, the whole lot goes the longer
    way, which can bear that.
    """
    try:
        with connection.begin_nested():
            _copy(connection, vault, "outgoing", lot, now)
    except psycopg.errors.UniqueViolation:
        connection.execute(_TABLE)
        connection.execute(_EMPTY)
        _copy(connection, vault, "outgoing_come", lot, now)
        return connection.scalars(_MOVE).all()
    return [one.key for one, _start in lot]


def _copy(
    connection: Connection,
    vault: Vault,
    into: str,
    lot: Sequence[tuple[Outgoing, datetime]],
    now: datetime,
) -> None:
    """Sealed piece by piece while the server already writes the ones before."""
    driver = driver_of(connection)
    asked = f"COPY {into} ({copy_rows.COLUMNS}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(asked.encode()) as copy:
        copy.write(copy_rows.HEADER)
        for piece in copy_rows.pieces(vault, lot, now):
            copy.write(piece)
        copy.write(copy_rows.TRAILER)
