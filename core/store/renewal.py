"""Keeps the locks of turns in hand from running out, for as long as this process lives."""

from __future__ import annotations

import threading
import time

import structlog
from redis.exceptions import RedisError

from core.store.redis_line import Line, Script

RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
"""A lock that another turn has by now is left alone."""

EACH_LEASE = 5
"""Renewals in the time of one lease: a few may fail, or come late on a busy machine."""

IDLE_LEASES = 20
"""After so long without a turn the thread ends; the next turn starts another."""

_log = structlog.get_logger("sessions")


class Renewal:
    """A lease is short, so that a process that dies in the middle of a turn leaves nobody locked out
    for long; this one thread makes it last as long as the turn does.

    A turn of usual length is over before its lock is looked at.
    """

    def __init__(self, line: Line, *, lease_seconds: float, longest_seconds: float) -> None:
        """After `longest_seconds` a turn counts as hung, and its lock may run out."""
        self._renew = Script(line, RENEW)
        self._lease_ms = int(lease_seconds * 1000)
        self._pause = lease_seconds / EACH_LEASE
        self._longest = longest_seconds
        self._lock = threading.Lock()
        self._turns: dict[str, tuple[str, float]] = {}
        self._running = False

    def begin(self, key: str, token: str) -> None:
        """The turn that holds the lock `key` with this token is in hand."""
        with self._lock:
            self._turns[token] = (key, time.monotonic())
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._run, name="lock-renewal", daemon=True).start()

    def end(self, token: str) -> None:
        """The turn is over, whatever became of it."""
        self._turns.pop(token, None)

    def _run(self) -> None:
        idle = 0
        while True:
            time.sleep(self._pause)
            idle = 0 if self._turns else idle + 1
            with self._lock:
                if idle > IDLE_LEASES * EACH_LEASE and not self._turns:
                    self._running = False
                    return
                turns = list(self._turns.items())
            now = time.monotonic()
            for token, (key, began) in turns:
                if now - began > self._longest:
                    self.end(token)
                elif now - began > self._pause:
                    self._keep(key, token)

    def _keep(self, key: str, token: str) -> None:
        try:
            if not self._renew((key,), token, self._lease_ms):
                self.end(token)
        except RedisError as error:
            _log.warning("lock_not_renewed", error=type(error).__name__)
