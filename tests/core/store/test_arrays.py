"""What is written as text arrives in PostgreSQL as it was."""

from __future__ import annotations

import uuid
from decimal import Decimal

from sqlalchemy import text

from core.store.arrays import blobs, numbers, uuids
from core.store.database import Database


def read(database: Database, kind: str, written: str) -> list[object]:
    with database.begin() as connection:
        asked = text(f"SELECT CAST(:written AS {kind}[])")
        found = connection.execute(asked, {"written": written}).scalar_one()
    return list(found)


def test_arrays_arrive_as_they_were(database: Database) -> None:
    ids = [uuid.uuid4() for _ in range(3)]
    assert read(database, "uuid", uuids(map(str, ids))) == ids
    whole = [1, None, -(2**63), 2**63 - 1]
    assert read(database, "bigint", numbers(whole)) == whole
    sums = [Decimal("0.10"), None, Decimal("1E+3"), Decimal(-7), Decimal("1E-9")]
    assert read(database, "numeric", numbers(sums)) == sums
    bytes_ = [b"", None, bytes(range(256)), b'"\\,{}NULL']
    assert read(database, "bytea", blobs(bytes_)) == bytes_


def test_nothing_is_an_empty_array(database: Database) -> None:
    for kind, written in (("uuid", uuids([])), ("int", numbers([])), ("bytea", blobs([]))):
        assert read(database, kind, written) == []
