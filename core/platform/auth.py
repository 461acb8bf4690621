"""The gateway's own access to a platform: OAuth 2.0 client credentials (RFC 6749 section 4.4)."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from core.clock import Clock, Deadline, now
from core.errors import Down, Late
from core.platform.reading import NotJson, Object, mapping, number, parsed, retry_after
from core.platform.watch import anomaly
from core.platform.wire import LONGEST_WAIT, Hopeless, Raw, Wire

MARGIN_SECONDS = 60.0
"""A token is renewed so long before it expires, or after four fifths of its life if that is later."""

DEFAULT_LIFE_SECONDS = 300.0
"""RFC 6749 lets a server leave `expires_in` out."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the gateway asks for its token, and as whom."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""


class Tokens:
    """The current access token; asked for once however many threads want it."""

    def __init__(
        self,
        platform: str,
        credentials: Credentials,
        wire: Wire,
        *,
        clock: Clock = now,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tick` gives seconds that only ever grow."""
        self._platform = platform
        self._credentials = credentials
        self._wire = wire
        self._clock = clock
        self._tick = tick
        self._lock = threading.Lock()
        self._held: tuple[str, float] | None = None

    def token(self, *, deadline: Deadline) -> str:
        """A token that is still good. Raises Late, or Down when none can be had."""
        if held := self._good():
            return held
        if not self._lock.acquire(timeout=deadline.left()):
            raise Late(self._platform, "waiting for a token")
        try:
            if held := self._good():
                return held
            token, life = self._ask(deadline)
            self._held = (token, self._tick() + max(life - MARGIN_SECONDS, life * 0.8))
            return token
        finally:
            self._lock.release()

    def forget(self, token: str) -> None:
        """The platform refused this token; a newer one, fetched meanwhile, is kept."""
        held = self._held
        if held is not None and held[0] == token:
            self._held = None

    def _good(self) -> str | None:
        held = self._held
        return held[0] if held is not None and self._tick() < held[1] else None

    def _ask(self, deadline: Deadline) -> tuple[str, float]:
        raw = self._wire.send(
            "POST",
            self._credentials.token_url,
            headers={
                "Accept": "application/json",
                "Authorization": f"Basic {self._basic()}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            content=self._grant(),
            deadline=deadline,
        )
        if raw.status != 200:
            raise self._none(raw)
        try:
            return self._read(mapping(parsed(raw.body)))
        except NotJson:
            anomaly(self._platform, "token", "not JSON")
            raise Down(self._platform, "a token that cannot be read") from None

    def _none(self, raw: Raw) -> Down:
        """Why there is no token. Who is not known there (RFC 6749 section 5.2) need not ask again."""
        what = f"gives no token (status {raw.status})"
        if raw.status in (429, 503):
            after = retry_after(raw.headers.get("retry-after"), at=self._clock())
            return Down(self._platform, what, after=after and min(after, LONGEST_WAIT))
        return Hopeless(self._platform, what) if raw.status < 500 else Down(self._platform, what)

    def _read(self, answer: Object) -> tuple[str, float]:
        token = answer.get("access_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            anomaly(self._platform, "token", "no access_token")
            raise Down(self._platform, "a token that cannot be read")
        life = number(answer.get("expires_in"))
        return token, float(life) if life is not None and 0 < life < 1e9 else DEFAULT_LIFE_SECONDS

    def _grant(self) -> bytes:
        asked = {"grant_type": "client_credentials"}
        if self._credentials.scope:
            asked["scope"] = self._credentials.scope
        return urlencode(asked).encode()

    def _basic(self) -> str:
        """RFC 6749 section 2.3.1: both parts are form-encoded before they are joined."""
        name, secret = self._credentials.client_id, self._credentials.client_secret
        return base64.b64encode(
            f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()
        ).decode()
