"""Sessions in Redis: sealed, locked and loaded in one round trip, saved and let go in another."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as RedisTimeout

from core.errors import Busy
from core.message import Address
from core.session import Held, Session

KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
"""
"""Writes only while the lock is still ours: the token is checked before anything is written."""

LET_GO = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


class Seal(Protocol):
    """What we need of the vault."""

    def seal(self, plain: str | bytes, about: str) -> bytes: ...
    def open(self, sealed: bytes, about: str) -> str: ...
    def blind(self, kind: str, value: str) -> bytes: ...


Answer = Any
Command = tuple[str | bytes | int, ...]


class Line(threading.local):
    """One connection for each thread, spoken to directly.

    A menu step is little more than two round trips, and redis-py's usual way (a pool, a retry
    policy, instrumentation) costs as much again as the trips themselves.
    """

    def __init__(self, redis: Redis) -> None:
        self._pool = redis.connection_pool
        self._connection: Any = None

    def ask(self, *commands: Command) -> list[Answer]:
        """Sends all commands in one go and gives their answers.

        A connection that broke is made anew once; so every command must bear being sent twice.
        Raises what redis-py raises when the server cannot be reached, or refuses a command.
        """
        try:
            return self._exchange(commands)
        except (RedisConnectionError, RedisTimeout):
            self._hang_up()
        try:
            return self._exchange(commands)
        except BaseException:
            self._hang_up()
            raise

    def _exchange(self, commands: tuple[Command, ...]) -> list[Answer]:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._pool.make_connection()
            connection.connect()  # type: ignore[no-untyped-call]
        connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        return [connection.read_response() for _ in commands]

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
            self._connection = None


class Script:
    """A Lua script called by its digest; sent whole only when the server does not know it."""

    def __init__(self, line: Line, text: str) -> None:
        self._line = line
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: tuple[str, ...], *arguments: str | bytes | int) -> Answer:
        rest = (len(keys), *keys, *arguments)
        try:
            return self._line.ask(("EVALSHA", self._digest, *rest))[0]
        except NoScriptError:
            return self._line.ask(("EVAL", self._text, *rest))[0]


class RedisSessions:
    """Implements `core.session.Sessions`.

    Keys hold a blind index, never a number; values are sealed with the key as associated data.
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
        self._line = Line(redis)
        self._keep_seconds = keep_seconds
        self._lock_ms = int(lock_seconds * 1000)
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
            opened = self._vault.open(sealed, f"session:{key}")
            return Held(key, token, Session.from_bytes(opened.encode()))
        except (ValueError, KeyError, TypeError):
            # Written by another version of the code, or under a key since thrown away: the
            # person starts again, which costs them a menu; failing would lock them out.
            return Held(key, token, None)

    def keep(self, held: Held, session: Session) -> None:
        sealed = self._vault.seal(session.to_bytes(), f"session:{held.key}")
        if (
            self._keep((f"l:{held.key}", f"s:{held.key}"), held.token, sealed, self._keep_seconds)
            != 1
        ):
            raise Busy("the turn took so long that another one began")

    def let_go(self, held: Held) -> None:
        self._let_go((f"l:{held.key}",), held.token)

    def same_person(self, address: Address, phone: str) -> None:
        mine, theirs = self._key(address), self._key(Address("phone", phone))
        self._line.ask(("SET", f"a:{mine}", theirs, "EX", self._keep_seconds))

    def _key(self, address: Address) -> str:
        return self._vault.blind("session", f"{address.network}:{address.value}").hex()
