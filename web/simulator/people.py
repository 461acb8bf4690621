"""Whom one can play: the sandbox's invented people, as its `GET /people` lists them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import httpx2

LISTED: Final = 60
KEPT_SECONDS: Final = 60.0
_SHOWN: Final = (
    "name",
    "phone",
    "papers",
    "birthDate",
    "gender",
    "payload",
    "household",
    "story",
    "about",
)


class SandboxPeople:
    """The people with a story and a phone; asked of the sandbox at most once a minute."""

    def __init__(self, sandbox: str | None, *, tick: Callable[[], float] = time.monotonic) -> None:
        """`sandbox` is its base address; None when the platform is a real one: then nobody."""
        self._sandbox = sandbox
        self._tick = tick
        self._until = -1.0
        self._people: list[dict[str, Any]] = []

    def __call__(self) -> list[dict[str, Any]]:
        """Them all, in the sandbox's order; nobody while it cannot be reached."""
        if self._sandbox is None or self._tick() < self._until:
            return self._people
        try:
            with httpx2.Client(timeout=5, trust_env=False) as client:
                answer = client.get(f"{self._sandbox}/people", params={"limit": LISTED})
                listed = answer.raise_for_status().json()
        except (httpx2.HTTPError, ValueError):
            return self._people
        self._people = _playable(listed)
        self._until = self._tick() + KEPT_SECONDS
        return self._people


def _playable(listed: Any) -> list[dict[str, Any]]:
    rows = listed.get("people", []) if isinstance(listed, dict) else listed
    people = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [
        {name: row[name] for name in _SHOWN if name in row} for row in people if row.get("phone")
    ]
