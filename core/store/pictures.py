"""Pictures that a network comes to fetch: each behind an address nobody can guess, for minutes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final, cast

from redis import Redis

from core.qr.image import png
from core.store.vault import Unopenable, Vault

SECONDS: Final = 600
"""How long a picture can be fetched."""

FETCHES: Final = 3
"""How often: a network may try again, and look before it takes."""


class StoredPictures:
    """In Redis, sealed, under a blind name: only whoever has the address finds it."""

    def __init__(
        self,
        redis: Redis,
        vault: Vault,
        base: str,
        *,
        token: Callable[[], str] = lambda: secrets.token_hex(24),
    ) -> None:
        """`base` is the address below which our web process shows them."""
        self._redis = redis
        self._vault = vault
        self._base = base.rstrip("/")
        self._token = token

    def address_of(self, payload: str) -> str:
        """A new address for the QR of this payload; nothing about anybody stands in it."""
        name = self._token()
        key = self._key(name)
        with self._redis.pipeline() as pipe:
            pipe.set(key, self._vault.seal(payload, f"picture:{key}"), ex=SECONDS)
            pipe.set(f"{key}:left", FETCHES, ex=SECONDS)
            pipe.execute()
        return f"{self._base}/{name}.png"

    def fetch(self, name: str, look: bool = False) -> bytes | None:
        """The picture as a PNG; None when there is none (any longer). To `look` costs nothing."""
        key = self._key(name)
        with self._redis.pipeline() as pipe:
            pipe.get(key)
            if look:
                pipe.get(f"{key}:left")
            else:
                pipe.decr(f"{key}:left")
            sealed, left = cast("tuple[bytes | None, Any]", tuple(pipe.execute()))
        if sealed is None:
            if not look:
                self._redis.delete(f"{key}:left")
            return None
        if left is None or int(left) < 0:
            self._redis.delete(key, f"{key}:left")
            return None
        try:
            return png(self._vault.open(sealed, f"picture:{key}"))
        except Unopenable:
            return None

    def _key(self, name: str) -> str:
        return f"picture:{self._vault.blind('picture', name).hex()}"
