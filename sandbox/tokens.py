"""Short-lived bearer tokens for the OAuth 2.0 client-credentials grant (RFC 6749 §4.4)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from threading import Lock

from sandbox.clock import Clock


class Tokens:
    """Issues tokens to the one client known, and says whether one still holds."""

    def __init__(self, *, client_id: str, client_secret: str, seconds: int, clock: Clock) -> None:
        self._client = f"{client_id}:{client_secret}".encode()
        self._holds = timedelta(seconds=seconds)
        self._clock = clock
        self._until: dict[str, datetime] = {}
        self._lock = Lock()
        self.seconds = seconds

    def knows(self, client_id: str, client_secret: str) -> bool:
        """Whether these are the client's credentials."""
        return compare_digest(f"{client_id}:{client_secret}".encode(), self._client)

    def issue(self) -> str:
        """A new token; forgets those that have run out."""
        token, now = secrets.token_urlsafe(24), self._clock()
        with self._lock:
            self._until = {each: until for each, until in self._until.items() if until > now}
            self._until[token] = now + self._holds
        return token

    def holds(self, authorization: str | None) -> bool:
        """Whether an `Authorization: Bearer …` header carries a token that has not run out."""
        scheme, _, token = (authorization or "").partition(" ")
        with self._lock:
            until = self._until.get(token.strip())
        return scheme.lower() == "bearer" and until is not None and self._clock() < until
