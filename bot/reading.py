"""Reads values out of what a network brings, whatever stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_BIG: Final = 2**63


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def number(value: object) -> int | None:
    """A whole number that can be stored; True is none."""
    return value if type(value) is int and -_BIG < value < _BIG else None


def text(value: object, longest: int) -> str:
    """A string that can be stored: no half characters, no NUL, not endless; empty for anything else."""
    if not isinstance(value, str):
        return ""
    whole = value[: 2 * longest].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")[:longest]
