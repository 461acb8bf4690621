"""What the tests of the store share: a clock that can be moved, a vault, a database of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.store.vault import Vault


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault([("k1", b"1" * 32)], b"s" * 32)
