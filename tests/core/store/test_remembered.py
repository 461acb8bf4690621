"""What a platform said is kept sealed, bound to whom it was said of, and only for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from core.store.database import Database
from core.store.remembered import Memories
from core.store.tables import remembered as table
from core.store.upkeep import Retention, Upkeep
from core.store.vault import Unopenable, Vault
from tests.core.store.conftest import Clock

SAID = '[{"on":"2026-01-10","vaccine":"Vaxzevria"}]'


@pytest.fixture
def memories(database: Database, vault: Vault, clock: Clock) -> Memories:
    return Memories(database, vault, clock)


def writes(database: Database) -> list[object]:
    """Changes whenever a row is written anew."""
    with database.begin() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT xmin, ctid FROM remembered"))]


def test_an_answer_is_found_by_what_was_asked_about_whom(memories: Memories, clock: Clock) -> None:
    memories.keep("doses", "pat-1", SAID, clock())
    assert memories.recall("doses", "pat-1") == (SAID, clock())
    assert memories.recall("doses", "pat-2") is None
    assert memories.recall("results", "pat-1") is None
    memories.forget("doses", "pat-1")
    assert memories.recall("doses", "pat-1") is None


def test_an_answer_moved_to_another_persons_row_does_not_open(
    memories: Memories, database: Database, clock: Clock
) -> None:
    memories.keep("doses", "pat-1", SAID, clock())
    memories.keep("doses", "pat-2", "[]", clock())
    with database.begin() as connection:
        rows = connection.execute(select(table)).all()
        for row, other in zip(rows, reversed(rows), strict=True):
            connection.execute(
                update(table)
                .where(table.c.subject_index == row.subject_index)
                .values(value=other.value)
            )
    for about in ("pat-1", "pat-2"):
        with pytest.raises(Unopenable) as told:
            memories.recall("doses", about)
        assert about not in str(told.value)


def test_the_same_answer_is_not_written_again_at_once(
    memories: Memories, database: Database, clock: Clock
) -> None:
    memories.keep("doses", "pat-1", SAID, clock())
    first = writes(database)
    clock.passes(minutes=4)
    memories.keep("doses", "pat-1", SAID, clock())
    assert writes(database) == first
    clock.passes(minutes=1)
    memories.keep("doses", "pat-1", SAID, clock())
    assert writes(database) != first
    assert memories.recall("doses", "pat-1") == (SAID, clock())


def test_another_answer_is_written_at_once_and_an_older_one_never(
    memories: Memories, clock: Clock
) -> None:
    memories.keep("doses", "pat-1", "[]", clock())
    clock.passes(seconds=1)
    memories.keep("doses", "pat-1", SAID, clock())
    memories.keep("doses", "pat-1", "[]", clock() - timedelta(seconds=1))
    assert memories.recall("doses", "pat-1") == (SAID, clock())


def test_it_is_told_and_kept_only_as_long_as_is_set(
    database: Database, vault: Vault, clock: Clock
) -> None:
    memories = Memories(database, vault, clock, days=2)
    upkeep = Upkeep(database, clock, Retention(remembered=timedelta(days=2)))
    memories.keep("doses", "pat-1", SAID, clock())
    clock.passes(days=2)
    assert memories.recall("doses", "pat-1") is not None
    assert upkeep.forget() == 0
    clock.passes(seconds=1)
    assert memories.recall("doses", "pat-1") is None, "even before it is swept away"
    assert upkeep.forget() == 1
    with database.begin() as connection:
        assert connection.execute(select(table)).all() == []
