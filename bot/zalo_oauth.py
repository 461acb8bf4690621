"""How an official account lets our app in: OAuth v4 of Zalo, with PKCE.

Whoever runs the account opens a link and agrees; Zalo sends their browser to our address with a
code, which we exchange for the first pair of tokens. From then on each refresh token buys the next
pair, once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from core.clock import Deadline
from core.errors import Down, GatewayError
from core.platform.wire import Wire

SECONDS: Final = 15.0
"""For one request in all."""

ACCESS_SECONDS: Final = 90_000
"""How long an access token holds when Zalo does not say so (25 hours)."""

REFUSED: Final[Mapping[int, str]] = {
    -14014: "refresh token refused",
    -118: "invalid grant",
    -14003: "address differs from the registered one",
    -14002: "app is not active",
}
"""Codes after which asking again changes nothing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or a refresh token bought; `seconds` is how long the access token holds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


class NotGranted(GatewayError):
    """Zalo gave no tokens. `for_good`: the same again would be refused again."""

    def __init__(self, code: int) -> None:
        self.for_good = code in REFUSED
        self.words = f"{code} {REFUSED.get(code, 'no token')}"
        super().__init__(self.words)


@dataclass(frozen=True, slots=True)
class ZaloOAuth:
    """Asks Zalo for tokens. Raises NotGranted, and Late or Down when there is no answer."""

    app_id: str
    secret: str = field(repr=False)
    url: str = "https://oauth.zaloapp.com"
    wire: Wire = field(default_factory=lambda: Wire("zalo"), repr=False)

    def link(self, *, redirect: str, verifier: str, state: str) -> str:
        """What whoever runs the account opens in a browser."""
        asked = {
            "app_id": self.app_id,
            "redirect_uri": redirect,
            "code_challenge": challenge(verifier),
            "state": state,
        }
        return f"{self.url.rstrip('/')}/v4/oa/permission?{urlencode(asked)}"

    def exchange(self, code: str, verifier: str) -> Grant:
        """A code, good for ten minutes and one use, for the first pair."""
        return self._ask(
            {"code": code, "grant_type": "authorization_code", "code_verifier": verifier}
        )

    def refresh(self, token: str) -> Grant:
        """A refresh token, good for one use, for the next pair."""
        return self._ask({"refresh_token": token, "grant_type": "refresh_token"})

    def _ask(self, fields: Mapping[str, str]) -> Grant:
        raw = self.wire.send(
            "POST",
            f"{self.url.rstrip('/')}/v4/oa/access_token",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "secret_key": self.secret,
            },
            content=urlencode({**fields, "app_id": self.app_id}).encode(),
            deadline=Deadline.after(SECONDS),
        )
        if raw.status >= 500:
            raise Down("zalo", f"gives no token (status {raw.status})")
        try:
            told = json.loads(raw.body)
        except ValueError:
            raise Down("zalo", "a token that cannot be read") from None
        return _read(told if isinstance(told, dict) else {})


def _read(told: Mapping[str, Any]) -> Grant:
    """Zalo's numbers are strings; a refusal is whatever has no access token."""
    access, refresh = told.get("access_token"), told.get("refresh_token")
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        code = str(told.get("error", ""))
        raise NotGranted(int(code) if code.removeprefix("-").isdecimal() and code.isascii() else 0)
    seconds = str(told.get("expires_in", ""))
    return Grant(access, refresh, int(seconds) if seconds.isdecimal() else ACCESS_SECONDS)


def new_verifier() -> str:
    """43 letters that nobody can guess (RFC 7636)."""
    return _base64url(secrets.token_bytes(32))


def challenge(verifier: str) -> str:
    """What may be told of a verifier beforehand (RFC 7636, S256)."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def code_in(address: str, state: str) -> str:
    """The code in the address to which Zalo sent a browser; a bare code is one as well.

    Raises ValueError when there is none, or when it answers somebody else's question.
    """
    query = parse_qs(urlsplit(address).query)
    if "code" not in query:
        if address and "/" not in address and "=" not in address:
            return address
        raise ValueError("no code in it")
    if query.get("state", [state]) != [state]:
        raise ValueError("it belongs to another attempt")
    return query["code"][0]


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
