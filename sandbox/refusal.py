"""Why something that was asked of the sandbox itself cannot be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class CannotHappen(Exception):
    """Why not: HTTP status and a reason."""

    status: int
    reason: str
