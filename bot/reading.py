"""Reads values out of what a network brings, whatever stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_BIG: Final = 2**63
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def number(value: object) -> int | None:
    """A whole number that can be stored; True is none."""
    return value if type(value) is int and -_BIG < value < _BIG else None


def place(north: object, east: object) -> tuple[float, float] | None:
    """A place on Earth to about a hundred metres, more than which nobody needs to know."""
    try:
        found = (round(float(_plain(north)), 3), round(float(_plain(east)), 3))
    except ValueError:
        return None
    return found if abs(found[0]) <= 90 and abs(found[1]) <= 180 else None


def _plain(value: object) -> str:
    """A number, or one in a string; nothing that float() would take and no network writes."""
    written = str(value) if type(value) in (int, float, str) else ""
    return written if _DEGREES.fullmatch(written) else ""


def text(value: object, longest: int) -> str:
    """A string that can be stored: no half characters, no NUL, not endless; empty for anything else."""
    if not isinstance(value, str):
        return ""
    whole = value[: 2 * longest].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")[:longest]
