"""PostgreSQL's arrays as text, for statements that every message passes.

psycopg writes a list value by value; where the values hold no sign that would need an escape, a
join is ten times as quick. The statement says what they are: `CAST(:ids AS uuid[])`. The format:
PostgreSQL's documentation, "Array Input and Output Syntax".
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal


def uuids(values: Iterable[str]) -> str:
    """For `uuid[]`."""
    return "{" + ",".join(values) + "}"


def numbers(values: Iterable[int | Decimal | None]) -> str:
    """For `int[]`, `bigint[]` or `numeric[]`."""
    return "{" + ",".join(["NULL" if one is None else str(one) for one in values]) + "}"


def blobs(values: Iterable[bytes | None]) -> str:
    """For `bytea[]`."""
    return (
        "{" + ",".join(["NULL" if one is None else f'"\\\\x{one.hex()}"' for one in values]) + "}"
    )
