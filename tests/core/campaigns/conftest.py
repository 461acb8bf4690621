"""What the tests of campaigns share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.store.database import Database
from tests.core.campaigns.office import Office


@pytest.fixture
def database(fresh_database_url: str) -> Iterator[Database]:
    database = Database(fresh_database_url)
    yield database
    database.close()


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)
