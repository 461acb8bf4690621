"""The doors of the providers in Redis: all workers see the same ones."""

from __future__ import annotations

import json
import random
import time
from dataclasses import asdict
from typing import Any, Final, cast

import redis
import structlog

from core.outbox.doors import Change, Door, OwnDoorkeeper

KEEP_SECONDS: Final = 86400
TRIES: Final = 20
PAUSE: Final = 0.002
"""Seconds, the longest before the second try; before the third it is twice as long, and so on."""

# Writes the new door only where the old one still stands.
_CHANGE: Final = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

_log = structlog.get_logger("outbox")


class RedisDoorkeeper:
    """Implements `core.outbox.doors.Doorkeeper`. While Redis is away each worker keeps its own."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._replace = client.register_script(_CHANGE)
        self._own = OwnDoorkeeper()

    def read(self, provider: str) -> Door:
        try:
            return _read(self._get(provider))
        except redis.RedisError as error:
            _log.warning("doors_kept_here", error=type(error).__name__)
            return self._own.read(provider)

    def change(self, provider: str, change: Change) -> Door:
        try:
            for number in range(TRIES):
                time.sleep(number * random.uniform(0, PAUSE))  # who lost the race lets others by
                old = self._get(provider)
                before = _read(old)
                door = change(before)
                if door == before or self._put(provider, old, door):
                    return door
        except redis.RedisError as error:
            _log.warning("doors_kept_here", error=type(error).__name__)
            return self._own.change(provider, change)
        return door

    def _get(self, provider: str) -> bytes:
        return cast("bytes | None", self._client.get(_key(provider))) or b""

    def _put(self, provider: str, old: bytes, door: Door) -> bool:
        written = json.dumps(asdict(door))
        return bool(self._replace(keys=[_key(provider)], args=[old, written, KEEP_SECONDS]))


def _key(provider: str) -> str:
    return f"door:{provider}"


def _read(written: bytes) -> Door:
    if not written:
        return Door()
    stored: dict[str, Any] = json.loads(written)
    return Door(**stored)
