"""The small memory of the chat networks: in Redis for all workers, or in this process alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import redis

MOST = 10_000
"""Notes one process keeps by itself; the oldest go first."""


class RedisNotes:
    """Notes that every worker reads. Keys must be blind already: they are stored as they are."""

    def __init__(self, client: redis.Redis, *, prefix: str = "chat:") -> None:
        self._redis = client
        self._prefix = prefix

    def get(self, key: str) -> str | None:
        found = self._redis.get(self._prefix + key)
        return found.decode() if isinstance(found, bytes) else found

    def put(self, key: str, value: str, seconds: int) -> None:
        self._redis.set(self._prefix + key, value, ex=seconds)

    def forget(self, key: str) -> None:
        self._redis.delete(self._prefix + key)

    def first(self, key: str, seconds: int) -> bool:
        return bool(self._redis.set(self._prefix + key, "1", ex=seconds, nx=True))


class OwnNotes:
    """Notes of one process, for a gateway without Redis and for tests."""

    def __init__(self, *, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._lock = threading.Lock()
        self._notes: dict[str, tuple[float, str]] = {}

    def get(self, key: str) -> str | None:
        with self._lock:
            until, value = self._notes.get(key, (0.0, ""))
            return value if self._tick() < until else None

    def put(self, key: str, value: str, seconds: int) -> None:
        with self._lock:
            self._notes.pop(key, None)
            self._notes[key] = (self._tick() + seconds, value)
            while len(self._notes) > MOST:
                del self._notes[next(iter(self._notes))]

    def forget(self, key: str) -> None:
        with self._lock:
            self._notes.pop(key, None)

    def first(self, key: str, seconds: int) -> bool:
        if self.get(key) is not None:
            return False
        self.put(key, "1", seconds)
        return True
