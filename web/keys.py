"""Who calls our API: a bearer key with scopes, kept as a hash."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

from flask import request

from core.records import ApiKey


class Keys(Protocol):
    """Knows the keys; `core.store.api_keys.ApiKeys` does."""

    def check(self, key: str) -> ApiKey | None: ...


def presented() -> str:
    """The bearer key of this request; empty when there is none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def presented_name() -> str:
    """A name for the presented key, or for the caller's address: what rates are counted by.

    A wrong key has a count of its own, so that nobody can use up the count of somebody else's.
    """
    key = presented()
    return sha256(key.encode()).hexdigest() if key else caller()


def caller() -> str:
    """The address that this request came from."""
    return request.remote_addr or "nowhere"
