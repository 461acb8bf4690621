"""Seals what is personal before it is stored, and makes the blind indexes it is looked up by."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import GatewayError

_NONCE = 12
_BLIND = 16


class Unopenable(GatewayError, ValueError):
    """A sealed value does not open: its key is not listed, or it was changed or moved."""


class Vault:
    """AES-256-GCM for values, HMAC-SHA256 for look-ups; one for each set of keys.

    `field_keys` are (id, 32 bytes), newest first: the first seals, all of them open. `secret` makes
    the blind indexes and cannot be rotated without writing them all again. A key seals with random
    nonces, which is safe for 2^32 values; rotate it before that.
    """

    def __init__(
        self,
        field_keys: Sequence[tuple[str, bytes]],
        secret: bytes,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if not field_keys:
            raise ValueError("a vault needs at least one key")
        if any(not 0 < len(key_id.encode()) < 256 for key_id, _ in field_keys):
            raise ValueError("a key id has 1 to 255 bytes")
        if len(secret) < 16:
            raise ValueError("the secret for blind indexes is too short")
        self._keys = {key_id: AESGCM(key) for key_id, key in reversed(field_keys)}
        newest = field_keys[0][0]
        self._encrypt = self._keys[newest].encrypt
        self._head = bytes([len(newest.encode())]) + newest.encode()
        self._secret = secret
        self._random_bytes = random_bytes
        self._blind_keys: dict[str, HMAC] = {}

    def __repr__(self) -> str:
        return f"Vault({', '.join(reversed(self._keys))})"

    def seal(self, plain: str | bytes, about: str) -> bytes:
        """The value, sealed with the newest key.

        `about` names the place ("person.phone:<row id>") and must be given again to open: a sealed
        value moved to another row or column does not open there.
        """
        text = plain.encode() if isinstance(plain, str) else plain
        nonce = self._random_bytes(_NONCE)
        return self._head + nonce + self._encrypt(nonce, text, about.encode())

    def seal_all(self, plain: Collection[bytes], abouts: Iterable[str]) -> list[bytes]:
        """The same for many values, each for its own place.

        Their nonces are asked for together. None is ever kept for later: after a fork two
        processes would use it.
        """
        nonces = self._random_bytes(_NONCE * len(plain))
        head, encrypt, starts = self._head, self._encrypt, range(0, len(nonces), _NONCE)
        return [
            head + (nonce := nonces[start : start + _NONCE]) + encrypt(nonce, text, about.encode())
            for start, text, about in zip(starts, plain, abouts, strict=True)
        ]

    def open(self, sealed: bytes, about: str) -> str:
        """The text that was sealed for this very place. Raises Unopenable."""
        return self.open_bytes(sealed, about).decode()

    def open_bytes(self, sealed: bytes, about: str) -> bytes:
        """The bytes that were sealed for this very place. Raises Unopenable."""
        length = sealed[0] if sealed else 0
        key_id, rest = sealed[1 : 1 + length].decode(errors="replace"), sealed[1 + length :]
        key = self._keys.get(key_id)
        if key is None:
            raise Unopenable(f"no field key {key_id!r}: it must stay listed while values need it")
        try:
            return key.decrypt(rest[:_NONCE], rest[_NONCE:], about.encode())
        except (InvalidTag, ValueError):
            raise Unopenable(f"{about.partition(':')[0]} was not sealed for this place") from None

    def seal_json(self, value: Mapping[str, Any], about: str) -> bytes:
        """A JSON object, sealed."""
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")), about)

    def open_json(self, sealed: bytes, about: str) -> dict[str, Any]:
        """The JSON object that was sealed for this place. Raises Unopenable."""
        return cast(dict[str, Any], json.loads(self.open(sealed, about)))

    def blind(self, kind: str, value: str) -> bytes:
        """A name for `value` (16 bytes) that finds it again and tells nothing about it.

        The same value gives different names for different kinds, so tables cannot be joined by it.
        """
        return self.blind_all(kind, (value,))[0]

    def blind_all(self, kind: str, values: Iterable[str]) -> list[bytes]:
        """The same for many values of one kind."""
        key = self._blind_keys.get(kind)
        if key is None:
            derive = HKDF(SHA256(), length=32, salt=b"motcua blind index", info=kind.encode())
            key = self._blind_keys[kind] = HMAC(derive.derive(self._secret), SHA256())
        names = []
        for value in values:
            made = key.copy()  # quicker than to begin with the key
            made.update(value.encode())
            names.append(made.finalize()[:_BLIND])
        return names
