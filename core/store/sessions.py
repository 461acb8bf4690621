"""Sessions in Redis: sealed, locked and loaded in one round trip, saved and let go in another."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Protocol

from redis import Redis

from core.errors import Busy
from core.message import Address
from core.session import Held, Session
from core.store.redis_line import Line, Script
from core.store.renewal import Renewal

KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.call('GET', KEYS[2]) == ARGV[2] and 1 or 0
end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
"""
"""Writes only while the lock is still ours: the token is checked before anything is written. Sent
twice because the first answer was lost, it finds this very value there, and all is well."""

LET_GO = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


BEGAN = "sessions:began"
"""When this Redis was first asked for its age: gone with everything else when it loses its memory."""


def begin_to_remember(redis: Redis) -> None:
    """A web process starts: unless this Redis tells otherwise, it has forgotten nothing so far.

    Without this, the first to dial a code with answers on a new system would be told that their
    session was lost. Raises RedisError.
    """
    redis.set(BEGAN, "0", nx=True)


class Seal(Protocol):
    """What we need of the vault."""

    def seal(self, plain: str | bytes, about: str) -> bytes: ...
    def open_bytes(self, sealed: bytes, about: str) -> bytes: ...
    def blind(self, kind: str, value: str) -> bytes: ...


class RedisSessions:
    """Implements `core.session.Sessions`.

    Keys hold a blind index, never a number; values are sealed with the key as associated data.
    A lock lasts no longer than the next turn waits for it, and is renewed while its turn goes on:
    so a process that dies in the middle of a turn costs the person's next hop some seconds at most.
    """

    def __init__(
        self,
        redis: Redis,
        vault: Seal,
        *,
        keep_seconds: int,
        lock_seconds: float = 3.0,
        wait_seconds: float = 3.0,
        longest_seconds: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault = vault
        self._line = Line(redis)
        self._keep_seconds = keep_seconds
        self._lock_ms = int(lock_seconds * 1000)
        self._renewal = Renewal(
            self._line, lease_seconds=lock_seconds, longest_seconds=longest_seconds
        )
        self._wait_seconds = wait_seconds
        self._sleep = sleep
        self._tick = tick
        self._keep = Script(self._line, KEEP)
        self._let_go = Script(self._line, LET_GO)

    def hold(self, address: Address) -> Held:
        key = self._shared(self._key(address)) if address.network != "phone" else self._key(address)
        token = secrets.token_hex(8)
        give_up = self._tick() + self._wait_seconds
        pause = 0.004
        # The lock and the session in one round trip. NX with GET tells whose the lock was: nobody's,
        # or ours already when the first try was sent on a connection that broke.
        lock = ("SET", f"l:{key}", token, "NX", "GET", "PX", self._lock_ms)
        while True:
            holder, sealed = self._line.ask(lock, ("GET", f"s:{key}"))
            if holder is None or holder == token.encode():
                self._renewal.begin(f"l:{key}", token)
                return self._held(key, token, sealed)
            if self._tick() >= give_up:
                raise Busy("another turn of this person is not over")
            self._sleep(pause)
            pause = min(pause * 2, 0.1)

    def _shared(self, key: str) -> str:
        """The key of the phone whose session this chat shares, or its own."""
        (alias,) = self._line.ask(("GET", f"a:{key}"))
        return alias.decode() if alias is not None else key

    def _held(self, key: str, token: str, sealed: bytes | None) -> Held:
        if sealed is None:
            return Held(key, token, None)
        try:
            opened = self._vault.open_bytes(sealed, f"session:{key}")
            return Held(key, token, Session.from_bytes(opened))
        except (ValueError, KeyError, TypeError):
            # Written by another version of the code, or under a key since thrown away: the
            # person starts again, which costs them a menu; failing would lock them out.
            return Held(key, token, None)

    def keep(self, held: Held, session: Session) -> None:
        self._renewal.end(held.token)
        sealed = self._vault.seal(session.to_bytes(), f"session:{held.key}")
        if (
            self._keep((f"l:{held.key}", f"s:{held.key}"), held.token, sealed, self._keep_seconds)
            != 1
        ):
            raise Busy("the turn took so long that another one began")

    def let_go(self, held: Held) -> None:
        self._renewal.end(held.token)
        self._let_go((f"l:{held.key}",), held.token)

    def same_person(self, address: Address, phone: str) -> None:
        mine, theirs = self._key(address), self._key(Address("phone", phone))
        self._line.ask(("SET", f"a:{mine}", theirs, "EX", self._keep_seconds))

    def age(self) -> float:
        now = time.time()
        (began,) = self._line.ask(("SET", BEGAN, repr(now), "NX", "GET"))
        return max(0.0, now - float(began)) if began is not None else 0.0

    def apart(self, address: Address) -> None:
        mine = self._key(address)
        self._line.ask(("DEL", f"a:{mine}", f"s:{mine}"))

    def _key(self, address: Address) -> str:
        return self._vault.blind("session", f"{address.network}:{address.value}").hex()
