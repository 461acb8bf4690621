"""Sessions in Redis: sealed, locked and loaded in one round trip, saved and let go in another."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import NoScriptError

from core.errors import Busy
from core.message import Address
from core.session import Held, Session

HOLD = """
local key = ARGV[1]
if ARGV[4] == '1' then key = redis.call('GET', 'a:' .. key) or key end
if redis.call('SET', 'l:' .. key, ARGV[2], 'NX', 'PX', ARGV[3]) then
  return {1, key, redis.call('GET', 's:' .. key)}
end
return {0, key}
"""
"""Follows a chat's alias, takes the lock if it is free, and reads the session."""

KEEP = """
if redis.call('GET', 'l:' .. ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('SET', 's:' .. ARGV[1], ARGV[3], 'EX', ARGV[4])
redis.call('DEL', 'l:' .. ARGV[1])
return 1
"""
"""Writes only while the lock is still ours: the token is checked before anything is written."""

LET_GO = """
if redis.call('GET', 'l:' .. ARGV[1]) == ARGV[2] then redis.call('DEL', 'l:' .. ARGV[1]) end
return 1
"""


class Seal(Protocol):
    """What we need of the vault."""

    def seal(self, plain: str | bytes, about: str) -> bytes: ...
    def open(self, sealed: bytes, about: str) -> str: ...
    def blind(self, kind: str, value: str) -> bytes: ...


class Script:
    """A Lua script called by its digest; sent whole only when the server does not know it."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._run: Callable[..., Any] = redis.execute_command
        self._text = text
        self._digest = redis.register_script(text).sha

    def __call__(self, *arguments: str | bytes | int) -> Any:
        try:
            return self._run("EVALSHA", self._digest, 0, *arguments)
        except NoScriptError:
            return self._run("EVAL", self._text, 0, *arguments)


class RedisSessions:
    """Implements `core.session.Sessions`.

    Keys hold a blind index, never a number; values are sealed with the key as associated data. The
    scripts build their keys from arguments, so they need one Redis server (or one with replicas),
    not a sharded cluster.
    """

    def __init__(
        self,
        redis: Redis,
        vault: Seal,
        *,
        keep_seconds: int,
        lock_seconds: float = 30.0,
        wait_seconds: float = 3.0,
        sleep: Callable[[float], None] = time.sleep,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault = vault
        self._redis = redis
        self._keep_seconds = keep_seconds
        self._lock_ms = int(lock_seconds * 1000)
        self._wait_seconds = wait_seconds
        self._sleep = sleep
        self._tick = tick
        self._hold = Script(redis, HOLD)
        self._keep = Script(redis, KEEP)
        self._let_go = Script(redis, LET_GO)

    def hold(self, address: Address) -> Held:
        key = self._key(address)
        token = secrets.token_hex(8)
        alias = "0" if address.network == "phone" else "1"
        give_up = self._tick() + self._wait_seconds
        pause = 0.004
        while True:
            got = self._hold(key, token, self._lock_ms, alias)
            if got[0] == 1:
                return self._held(got[1].decode(), token, got[2] if len(got) > 2 else None)
            if self._tick() >= give_up:
                raise Busy("another turn of this person is not over")
            self._sleep(pause)
            pause = min(pause * 2, 0.1)

    def _held(self, key: str, token: str, sealed: bytes | None) -> Held:
        if sealed is None:
            return Held(key, token, None)
        try:
            opened = self._vault.open(sealed, f"session:{key}")
            return Held(key, token, Session.from_bytes(opened.encode()))
        except (ValueError, KeyError, TypeError):
            # Written by another version of the code, or under a key since thrown away: the
            # person starts again, which costs them a menu; failing would lock them out.
            return Held(key, token, None)

    def keep(self, held: Held, session: Session) -> None:
        sealed = self._vault.seal(session.to_bytes(), f"session:{held.key}")
        if self._keep(held.key, held.token, sealed, self._keep_seconds) != 1:
            raise Busy("the turn took so long that another one began")

    def let_go(self, held: Held) -> None:
        self._let_go(held.key, held.token)

    def same_person(self, address: Address, phone: str) -> None:
        mine, theirs = self._key(address), self._key(Address("phone", phone))
        self._redis.set(f"a:{mine}", theirs, ex=self._keep_seconds)

    def _key(self, address: Address) -> str:
        return self._vault.blind("session", f"{address.network}:{address.value}").hex()
