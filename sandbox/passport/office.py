"""Signs vaccine passports, and publishes the key to check them with."""

from __future__ import annotations

import base64
import hashlib
import zlib
from functools import lru_cache
from threading import Lock
from typing import Any

import cwt
from base45 import b45encode  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.passport.certificate import claims, validity
from sandbox.people.person import Person

# The order of the curve P-256: a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class PassportOffice:
    """Signs with a key that depends on the seed alone: it protects nothing, everybody is invented.

    The signatures differ from run to run, as those of ECDSA do; within a run a passport stays the same.
    """

    def __init__(self, seed: int) -> None:
        private = _private_key(seed)
        point = private.public_key().public_numbers()
        self.kid = hashlib.sha256(f"{point.x}:{point.y}".encode()).hexdigest()[:8]
        self._jwk = {
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid,
            "x": _coordinate(point.x), "y": _coordinate(point.y),
        }  # fmt: skip
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._key = cwt.COSEKey.from_pem(pem, kid=self.kid)
        self._signed: dict[tuple[str, int, int], str] = {}
        self._lock = Lock()

    def keys(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JWK set (RFC 7517); `kid` is the COSE key id, in ASCII."""
        return {"keys": [dict(self._jwk)]}

    def passport(self, person: Person) -> str | None:
        """`HC1:` and base45(zlib(COSE_Sign1(CBOR))), or None when the series is not complete."""
        holds = validity(person)
        if holds is None:
            return None
        named = (person.id, person.version, len(person.counted_doses))
        with self._lock:
            if named not in self._signed:
                self._signed[named] = self._sign(claims(person, holds))
            return self._signed[named]

    def _sign(self, said: dict[int, Any]) -> str:
        signed = cwt.encode_and_sign(said, self._key)
        text: str = b45encode(zlib.compress(signed, 9)).decode()
        return f"HC1:{text}"


@lru_cache(maxsize=8)
def _private_key(seed: int) -> ec.EllipticCurvePrivateKey:
    drawn = int.from_bytes(hashlib.sha512(f"passport:{seed}".encode()).digest(), "big")
    return ec.derive_private_key(drawn % (_ORDER - 1) + 1, ec.SECP256R1())


def _coordinate(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
