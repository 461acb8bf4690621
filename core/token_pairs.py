"""Pairs of tokens of which the second buys the next pair, once: what is kept of them, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens, and until when each holds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    made_at: datetime
    access_until: datetime
    refresh_until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """The pair as it is stored. `version` counts the pairs; `refused`: its refresh token was."""

    pair: Pair
    version: int
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """The right to renew this version. `taken_up`: somebody had it before, and never came back."""

    version: int
    taken_up: bool


class Shelf(Protocol):
    """Where a pair is kept, encrypted, for all processes."""

    def read(self) -> Kept | None:
        """The newest pair; None before the first."""

    def put(self, pair: Pair) -> None:
        """A pair from a new authorisation, in the place of whatever there was."""

    def begin(self, version: int, lease: timedelta) -> Renewal | None:
        """The right to renew this version; None while somebody else has it, or it is too early."""

    def finish(self, renewal: Renewal, pair: Pair) -> bool:
        """Stores what the renewal brought, also when its lease has run out meanwhile: a refresh
        token buys one pair, so nobody else can have another. False: there is a newer one already.
        """

    def failed(self, renewal: Renewal, again: datetime, *, refused: bool) -> None:
        """It brought nothing, and may be tried again then."""
