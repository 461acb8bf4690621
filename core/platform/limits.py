"""What a platform may cost us: time, connections and bytes, and when it is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one platform in one process."""

    seconds: float = inf
    """For one call in all, retries included, however patient its caller is."""
    connect_seconds: float = 2.0
    """A platform that has not taken the connection by then is down."""
    connections: int = 128
    body: int = 2 * 1024 * 1024
    """Bytes of an answer, after decompression."""
    failures: int = 5
    """In a row; then it is left alone."""
    rest: float = 5.0
    """Seconds for which it is left alone; then one trial decides."""
