"""A line to Redis of each thread's own: redis-py makes the connection, and we speak on its socket."""

from __future__ import annotations

import hashlib
import threading
from typing import Any, Final, TypeAlias

from hiredis import PushNotification, Reader, pack_command
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError

Answer: TypeAlias = Any
Command: TypeAlias = tuple[str | bytes | int, ...]

_NOTHING_YET: Final = object()
_AT_ONCE = 65536


class Line(threading.local):
    """Asks Redis in single round trips.

    A menu step is little more than two of them, and redis-py's way (a pool, a retry policy,
    instrumentation) costs as much again as the trips. It still reads the address and the time-outs,
    greets the server and logs in; TLS and local sockets work as they do there.
    """

    def __init__(self, redis: Redis) -> None:
        self._pool = redis.connection_pool
        self._connection: Any = None
        self._socket: Any = None
        self._reader = _reader()

    def ask(self, *commands: Command) -> list[Answer]:
        """Sends all commands in one go and gives their answers.

        A connection that broke is made anew once; so every command must bear being sent twice.
        Raises redis-py's ConnectionError when the server cannot be reached or does not answer in
        time, and its ResponseError when the server refuses a command.
        """
        packed = b"".join([pack_command(one) for one in commands])  # type: ignore[arg-type]
        try:
            answers = self._exchange(packed, len(commands))
        except (OSError, RedisConnectionError):
            try:
                answers = self._exchange(packed, len(commands))
            except OSError as error:
                raise RedisConnectionError(f"no answer: {type(error).__name__}") from None
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def _exchange(self, packed: bytes, count: int) -> list[Answer]:
        """All the answers are read, refusals too, or none is left: the next turn's are its own."""
        try:
            if self._socket is None:
                self._connect()
            self._socket.sendall(packed)
            return [self._answer() for _ in range(count)]
        except BaseException:
            self._hang_up()
            raise

    def _answer(self) -> Answer:
        answer = self._reader.gets()
        while answer is _NOTHING_YET or isinstance(answer, PushNotification):
            if answer is _NOTHING_YET:
                heard = self._socket.recv(_AT_ONCE)
                if not heard:
                    raise RedisConnectionError("the server hung up")
                self._reader.feed(heard)
            answer = self._reader.gets()
        return answer

    def _connect(self) -> None:
        self._connection = self._pool.connection_class(**self._pool.connection_kwargs)
        self._connection.connect()
        self._socket = self._connection._get_socket()
        self._reader = _reader()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.disconnect()
        self._connection = self._socket = None


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


def _reader() -> Reader:
    return Reader(replyError=_refusal, notEnoughData=_NOTHING_YET)


def _refusal(words: str) -> Exception:
    return NoScriptError(words) if words.startswith("NOSCRIPT") else ResponseError(words)
