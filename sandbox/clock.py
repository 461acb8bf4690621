"""Where the sandbox takes the time from, so that tests can pass in their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.people.person import VIETNAM

Clock = Callable[[], datetime]
"""Returns the present moment, with a time zone."""


def utc_now() -> datetime:
    """The real present moment."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A FHIR instant in Viet Nam's time, to the millisecond."""
    return moment.astimezone(VIETNAM).isoformat(timespec="milliseconds")
