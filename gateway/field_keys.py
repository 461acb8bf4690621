"""Reads the keys that encrypt personal fields."""

import base64
import binascii
from typing import Final

from gateway.settings_checks import SettingsError

KEY_BYTES: Final = 32


def ring_of(written: str) -> tuple[tuple[str, bytes], ...]:
    """The keys of a list as (id, 32 bytes), in its order.

    Raises:
        SettingsError: the list is not ``id:base64`` pairs of 32 bytes each, or an id comes twice.
    """
    parts = [part.strip() for part in written.split(",")]
    ring = tuple(_field_key(part) for part in parts if part)
    if len({key_id for key_id, _ in ring}) != len(ring):
        raise SettingsError("MOTCUA_FIELD_KEYS: two keys have the same id")
    return ring


def _field_key(part: str) -> tuple[str, bytes]:
    key_id, _, encoded = part.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not key_id or len(key) != KEY_BYTES:
        raise SettingsError(
            "MOTCUA_FIELD_KEYS: each key must be `id:base64` of 32 bytes; "
            "`openssl rand -base64 32` makes one"
        )
    return key_id, key
