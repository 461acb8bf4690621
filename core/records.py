"""What the store hands out: plain values that channels may know without knowing the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in somebody's hands until the lease ends. `attempt` counts from 1."""

    id: int
    provider: str
    provider_id: str
    body: Mapping[str, Any] = field(repr=False, compare=False)
    attempt: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is safely stored. Not `fresh`: it came before, and `reply` is what it got.

    `waiting` is the message itself when the caller asked to handle it, and it was its turn.
    """

    id: int
    fresh: bool
    reply: Mapping[str, Any] | None = field(default=None, repr=False)
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class FoundCode:
    """What stands behind a code that was given out, whether or not it still holds."""

    state: Literal["valid", "expired", "revoked"]
    citizen_id: str
    qid: str = field(repr=False)
    payload: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is listed. `test` keys are for trying things out: nothing is really sent."""

    id: str
    name: str
    scopes: tuple[str, ...]
    test: bool
    created_at: datetime
    revoked_at: datetime | None
