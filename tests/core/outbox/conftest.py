"""What the tests of sending share."""

from __future__ import annotations

import pytest

from core.store.database import Database
from core.store.outbox import Outbox
from core.store.vault import Vault
from tests.core.outbox.provider import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(database: Database, clock: Clock) -> Outbox:
    return Outbox(database, Vault([("k1", b"1" * 32)], b"s" * 32), clock)
