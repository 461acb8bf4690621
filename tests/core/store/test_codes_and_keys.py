"""Short codes, API keys and the book of look-ups, as they are kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.qr import short_code
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.database import Database
from core.store.short_codes import ShortCodes
from core.store.tables import api_key, look_up
from core.store.vault import Vault
from tests.core.store.conftest import Clock

QID, OTHER = "162979388586171101", "162979388586171102"


@pytest.fixture
def codes(database: Database, vault: Vault, clock: Clock) -> ShortCodes:
    return ShortCodes(database, vault, clock, hours=24)


def test_the_same_code_again_while_it_is_valid(codes: ShortCodes, clock: Clock) -> None:
    code, ends = codes.code_for("pat-1", QID, "079190012345|…")
    assert short_code.read(code) == code
    assert ends == clock() + timedelta(hours=24)
    clock.passes(hours=23)
    assert codes.code_for("pat-1", QID, "079190012345|…") == (code, ends)
    assert codes.code_for("pat-2", OTHER, "other")[0] != code
    clock.passes(hours=1)
    assert codes.code_for("pat-1", QID, "079190012345|…")[0] != code


def test_an_officer_finds_what_stands_behind_a_code(codes: ShortCodes, clock: Clock) -> None:
    code, ends = codes.code_for("pat-1", QID, "payload")
    found = codes.find(code)
    assert found is not None
    assert (found.state, found.citizen_id, found.qid) == ("valid", "pat-1", QID)
    assert (found.payload, found.expires_at) == ("payload", ends)
    assert QID not in repr(found)
    assert codes.find("123456789012") is None
    clock.passes(hours=24)
    expired = codes.find(code)
    assert expired is not None
    assert expired.state == "expired"


def test_a_revoked_code_is_told_apart_and_never_given_again(codes: ShortCodes) -> None:
    code, _ = codes.code_for("pat-1", QID, "payload")
    other, _ = codes.code_for("pat-2", OTHER, "payload")
    assert codes.revoke(QID) == 1
    assert codes.revoke(QID) == 0
    revoked, untouched = codes.find(code), codes.find(other)
    assert revoked is not None
    assert revoked.state == "revoked"
    assert untouched is not None
    assert untouched.state == "valid"
    assert codes.code_for("pat-1", QID, "payload")[0] != code


def test_a_code_follows_what_the_platform_says_today(codes: ShortCodes) -> None:
    code, _ = codes.code_for("pat-1", QID, "before")
    assert codes.code_for("pat-1", QID, "after")[0] == code
    found = codes.find(code)
    assert found is not None
    assert found.payload == "after"


def test_asking_at_the_same_moment_gives_one_code(codes: ShortCodes) -> None:
    with ThreadPoolExecutor(6) as people:
        asked = [people.submit(codes.code_for, "pat-1", QID, "payload") for _ in range(6)]
    assert len({one.result() for one in asked}) == 1


def test_a_code_somebody_else_has_is_drawn_again(
    database: Database, vault: Vault, clock: Clock
) -> None:
    draws: Callable[[int], int] = iter([5, 5, 6]).__next__  # type: ignore[assignment]
    codes = ShortCodes(database, vault, clock, randbelow=lambda _: draws())  # type: ignore[call-arg]
    first, _ = codes.code_for("pat-1", QID, "payload")
    second, _ = codes.code_for("pat-2", OTHER, "payload")
    assert first != second
    assert second == short_code.new(lambda _: 6)


def test_a_key_is_shown_once_and_kept_as_a_hash(database: Database, clock: Clock) -> None:
    keys = ApiKeys(database, clock)
    key = keys.make("Chốt kiểm soát số 3", ["verify"])
    prefix, key_id, secret = key.split("_", 2)
    assert prefix == "mc"
    found = keys.check(key)
    assert found is not None
    assert (found.id, found.name, found.scopes, found.test) == (
        key_id,
        "Chốt kiểm soát số 3",
        ("verify",),
        False,
    )
    with database.begin() as connection:
        row = connection.execute(select(api_key)).one()
    assert secret not in repr(row)
    assert secret.encode() not in row.hash


@pytest.mark.parametrize("spoil", [str.upper, lambda key: key[:-1] + "!", lambda key: key + "0"])
def test_what_is_no_key_of_ours_opens_nothing(
    database: Database, clock: Clock, spoil: Callable[[str], str]
) -> None:
    keys = ApiKeys(database, clock)
    assert keys.check(spoil(keys.make("x", ["verify"]))) is None
    assert keys.check("") is None
    assert keys.check("mc_nobody_" + "0" * 64) is None
    assert keys.check(keys.make("x", []).rpartition("_")[0] + "_" + "0" * 64) is None


def test_a_revoked_key_opens_nothing(database: Database, clock: Clock) -> None:
    keys = ApiKeys(database, clock)
    key, other = keys.make("old", ["verify"]), keys.make("new", ["messages"], test=True)
    key_id = key.split("_")[1]
    assert keys.revoke(key_id)
    assert not keys.revoke(key_id)
    assert not keys.revoke("nobody")
    assert keys.check(key) is None
    found = keys.check(other)
    assert found is not None
    assert found.test
    assert {one.name: one.revoked_at is None for one in keys.all()} == {"old": False, "new": True}


def test_a_key_made_elsewhere_can_be_kept(database: Database, clock: Clock) -> None:
    keys = ApiKeys(database, clock)
    key = "mc_officer_pFqZ0v3-dGhpcyBpcyBub3QgYSBrZXk_"
    keys.keep(key, "officer", ["verify"])
    keys.keep(key, "officer", ["verify", "messages"])
    found = keys.check(key)
    assert found is not None
    assert found.scopes == ("verify", "messages")
    with pytest.raises(ValueError, match="mc_<id>"):
        keys.keep("tooshort", "officer", ["verify"])


def test_every_look_up_is_written_down_without_the_qid(
    database: Database, vault: Vault, clock: Clock
) -> None:
    book = LookUps(database, vault, clock)
    book.record(key_id="k1", kind="code", outcome="found", subject=QID, place="Chốt số 3")
    book.record(key_id="k1", kind="code", outcome="unknown")
    book.record(key_id="k2", kind="payload", outcome="found", subject=QID)
    with database.begin() as connection:
        rows = connection.execute(select(look_up).order_by(look_up.c.id)).all()
    assert [(row.key_id, row.kind, row.outcome, row.place) for row in rows] == [
        ("k1", "code", "found", "Chốt số 3"),
        ("k1", "code", "unknown", None),
        ("k2", "payload", "found", None),
    ]
    assert rows[0].at == clock()
    assert rows[0].subject_index == rows[2].subject_index, "who saw this person can be told"
    assert rows[1].subject_index is None
