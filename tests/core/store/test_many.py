"""Many messages at once come in as if they had been put in one by one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.message import Address
from core.outbox.outgoing import Lane, Outgoing, Purpose, Status
from core.store import copy_rows, many
from core.store.database import Database
from core.store.outbox import NEWER, Outbox
from core.store.tables import outgoing
from core.store.vault import Vault
from tests.core.store.conftest import Clock
from tests.core.store.messages import LAN, MAI, message, put


@pytest.fixture
def outbox(database: Database, vault: Vault, clock: Clock) -> Outbox:
    return Outbox(database, vault, clock)


def put_all(database: Database, outbox: Outbox, messages: Sequence[Outgoing]) -> list[bool]:
    with database.begin() as connection:
        return outbox.put_many(connection, messages)


def queued(database: Database) -> list[str]:
    with database.begin() as connection:
        query = select(outgoing.c.key).where(outgoing.c.status == Status.QUEUED)
        return list(connection.scalars(query.order_by(outgoing.c.seq)))


@pytest.mark.parametrize("piece", [7, 200])
def test_they_come_out_as_if_they_had_been_put_in_one_by_one(
    outbox: Outbox,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    piece: int,
) -> None:
    monkeypatch.setattr(copy_rows, "PIECE", piece)
    written = [
        message(
            f"m{number}",
            Address("telegram", f"{number}") if number % 2 else MAI,
            person_id="0b8f3c4e-96a3-4c1e-9f6e-5f1b9f3f7a01" if number % 3 else None,
            not_before=clock(),
            useless_after=clock() + timedelta(hours=1) if number % 5 else None,
            owner="k1" if number % 7 else None,
        )
        for number in range(20)
    ]
    assert put_all(database, outbox, written) == [True] * 20
    assert [one.outgoing for one in outbox.claim(100)] == written


def test_every_column_is_written_as_by_one_alone(outbox: Outbox, database: Database) -> None:
    put(database, outbox, message("one", about="test 1"))
    put_all(database, outbox, [message("many", LAN, about="test 2")])
    with database.begin() as connection:
        one, other = connection.execute(select(outgoing).order_by(outgoing.c.seq)).mappings()
    own = {"id", "seq", "key", "address", "address_index", "body", "about_index"}
    assert {name: it for name, it in one.items() if name not in own} == {
        name: it for name, it in other.items() if name not in own
    }


def test_repeats_are_told_and_ignored(
    outbox: Outbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "CHUNK", 2)
    put(database, outbox, message("b"))
    given = [message(key) for key in ("a", "b", "c", "a", "d", "c", "e")]
    fresh = put_all(database, outbox, given)
    assert fresh == [True, False, True, False, True, False, True]
    assert queued(database) == ["b", "a", "c", "d", "e"]
    assert put_all(database, outbox, given) == [False] * 7
    assert put_all(database, outbox, []) == []


def test_two_who_put_the_same_in_at_once_put_it_in_once(outbox: Outbox, database: Database) -> None:
    given = [message(f"m{number}") for number in range(300)]
    with ThreadPoolExecutor(4) as callers:
        lots = [callers.submit(put_all, database, outbox, given[n * 20 :]) for n in range(4)]
        fresh = sum(sum(lot.result()) for lot in lots)
    assert fresh == 300
    assert sorted(queued(database)) == sorted(one.key for one in given)


def test_without_their_cause_there_is_none(outbox: Outbox, database: Database) -> None:
    with database.begin() as connection:
        outbox.put_many(connection, [message("a"), message("b")])
        connection.rollback()
    assert queued(database) == []


def test_what_says_it_better_stops_what_waits(outbox: Outbox, database: Database) -> None:
    put(database, outbox, message("old", about="test 1"), message("other", about="test 2"))
    put_all(
        database,
        outbox,
        [message("new", about="test 1"), message("newest", about="test 1"), message("plain")],
    )
    assert queued(database) == ["other", "newest", "plain"]
    with database.begin() as connection:
        query = select(outgoing.c.words).where(outgoing.c.status == Status.STOPPED)
        assert connection.scalars(query).all() == [NEWER, NEWER]
    assert put_all(database, outbox, [message("old", about="test 1")]) == [False]
    assert queued(database) == ["other", "newest", "plain"]


def test_too_many_things_at_once_are_refused(outbox: Outbox, database: Database) -> None:
    given = [message(f"m{number}", about=f"{number}") for number in range(many.MOST_ABOUT + 1)]
    with pytest.raises(ValueError, match="several transactions"):
        put_all(database, outbox, given)
    assert put_all(database, outbox, given[:-1]) == [True] * many.MOST_ABOUT


def test_decent_hours_hold_for_them_too(database: Database, vault: Vault, clock: Clock) -> None:
    morning = clock() + timedelta(hours=10)
    outbox = Outbox(database, vault, clock, decent=lambda purpose, at: max(at, morning))
    put_all(database, outbox, [message("a", lane=Lane.BULK, purpose=Purpose.CAMPAIGN)])
    assert outbox.claim(10) == []
    clock.passes(hours=10)
    assert len(outbox.claim(10)) == 1
