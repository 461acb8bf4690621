"""What the tests of the conversation share."""

from __future__ import annotations

import pytest

from tests.core.house import House


@pytest.fixture
def house() -> House:
    """A conversation with nobody in it yet, on platforms that do as they are told."""
    return House()
