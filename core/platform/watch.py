"""What is counted and logged about the platforms: every call, every anomaly, never a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import structlog
from prometheus_client import Counter, Histogram

Outcome = Literal["ok", "absent", "refused", "late", "down"]

Note = Callable[[str], None]
"""Takes the kind of an anomaly, in a few fixed words: it becomes a label and a log field."""

_log = structlog.get_logger("platform")

_requests = Counter(
    "motcua_platform_requests",
    "Calls to the national platforms, by how they ended",
    ["platform", "operation", "outcome"],
)
_seconds = Histogram(
    "motcua_platform_seconds",
    "How long a call to a national platform took, retries included",
    ["platform", "operation"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0),
)
_anomalies = Counter(
    "motcua_platform_anomalies",
    "Things a national platform sent which make no sense and were left out",
    ["platform", "operation", "kind"],
)


def called(
    *,
    platform: str,
    operation: str,
    method: str,
    path: str,
    status: int | None,
    outcome: Outcome,
    seconds: float,
    attempts: int,
    request_id: str,
) -> None:
    """One call is over. `path` is the template, without identifiers and without a query."""
    _requests.labels(platform, operation, outcome).inc()
    _seconds.labels(platform, operation).observe(seconds)
    say = _log.info if outcome in ("ok", "absent") else _log.warning
    say(
        "platform_call",
        platform=platform,
        operation=operation,
        method=method,
        path=path,
        status=status,
        outcome=outcome,
        ms=round(seconds * 1000),
        attempts=attempts,
        request_id=request_id,
    )


def anomaly(platform: str, operation: str, kind: str) -> None:
    """Something made no sense: `kind` says what in fixed words, never with what was sent."""
    _anomalies.labels(platform, operation, kind).inc()
    _log.warning("platform_anomaly", platform=platform, operation=operation, kind=kind)


def noting(platform: str, operation: str) -> Note:
    """`anomaly` for the readers of one operation's answers."""
    return lambda kind: anomaly(platform, operation, kind)
