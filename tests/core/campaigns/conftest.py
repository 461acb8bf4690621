"""What the tests of campaigns share."""

from __future__ import annotations

import pytest

from core.store.database import Database
from tests.core.campaigns.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)
