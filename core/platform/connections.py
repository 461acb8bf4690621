"""Connections that know the deadline of the request they serve, in urllib3's pools.

A time-out of a socket counts for each read anew, so a server that drips one byte a second, in the
head or in the body, would never be late. Here every operation ends when the request does.
"""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from http.client import HTTPResponse as Response
from http.client import IncompleteRead
from typing import Any, Final

import httpx2
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError
from urllib3.util import make_headers, parse_url

from core.clock import Deadline

Where = Callable[[str, int], str]
"""The address to connect to for this host and port; raises OSError where we must not go."""

CONNECT_SECONDS: Final = 2.0
"""A server that has not taken the connection by then is down, however patient the caller is."""

IDLE_SECONDS: Final = 15.0
"""Longer unused connections are not trusted: something between may have forgotten them."""

NEAR_ENOUGH: Final = 0.05
"""Seconds by which an operation may outlast its deadline."""

HOSTS: Final = 100
"""For so many hosts connections are kept."""


class _Running(threading.local):
    """The deadline of the request which this thread is sending."""

    deadline: Deadline | None = None


_running = _Running()


def serve(deadline: Deadline) -> None:
    """What this thread does on connections ends by this deadline."""
    _running.deadline = deadline


def _left() -> float:
    """Seconds for the next operation. Raises TimeoutError when there are none."""
    deadline = _running.deadline
    left = CONNECT_SECONDS if deadline is None else deadline.left()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


class _Timed(socket.socket):
    """Every operation ends with the request. Mixed into both kinds of sockets.

    To set a time-out lets other threads go first, which costs more than all else in a busy worker:
    one that was set for the same request a moment ago is near enough.
    """

    _set_for: Deadline | None = None
    _set_at = 0.0

    def keep_time(self) -> None:
        """Sets the time-out for the next operation. Raises TimeoutError."""
        left, now = _left(), time.monotonic()
        if self._set_for is not _running.deadline or now - self._set_at > NEAR_ENOUGH:
            self._set_for, self._set_at = _running.deadline, now
            super().settimeout(left)

    def settimeout(self, value: float | None) -> None:
        if self._set_for is None:
            super().settimeout(value)  # for a handshake; from the first request on it is ours

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.keep_time()
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.keep_time()
        super().sendall(*args, **kwargs)


class _TimedTLS(_Timed, ssl.SSLSocket):
    """The same under TLS."""


class _Head:
    """Remembers the last line that was read of a head."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.last = b""

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._file.readline(limit)
        return self.last

    def close(self) -> None:
        self._file.close()


class _WholeResponse(Response):
    """An answer whose head has an end: the standard library takes a torn one for a whole one."""

    def begin(self) -> None:
        file: Any = self.fp
        head: Any = _Head(file)
        self.fp = head
        try:
            super().begin()
        finally:
            if self.fp is head:
                self.fp = file
        if head.last not in (b"\r\n", b"\n"):
            raise IncompleteRead(b"")


class _Connection(HTTPConnection):
    """Opens a socket that knows the deadline, at the address that `where` gives."""

    response_class = _WholeResponse

    def __init__(self, *args: Any, where: Where | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._where = where
        self._used = time.monotonic()

    def _new_conn(self) -> socket.socket:
        limit = self.timeout if isinstance(self.timeout, int | float) else CONNECT_SECONDS
        seconds = min(_left(), limit)
        try:
            host = self.host if self._where is None else self._where(self.host, self.port)
            plain = socket.create_connection((host, self.port), seconds)
        except TimeoutError:
            raise ConnectTimeoutError(self, "no connection in time") from None
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, type(error).__name__) from None
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sys.audit("http.client.connect", self, self.host, self.port)
        made = _Timed(plain.family, plain.type, plain.proto, plain.detach())
        made.settimeout(seconds)  # for a handshake that may follow, as a whole
        return made

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 does
        response = super().getresponse()
        self._used = time.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        return time.monotonic() - self._used < IDLE_SECONDS and super().is_connected


class _SecureConnection(_Connection, HTTPSConnection):
    """The same under TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


@dataclass(frozen=True, slots=True)
class Host:
    """The connections to one host, and what every request to it carries."""

    pool: HTTPConnectionPool
    headers: Mapping[str, str] = field(repr=False)


class Hosts:
    """Opens connections, at most so many to each host at once, and keeps the last hosts' ones.

    `verify` False or a path of a CA bundle.
    """

    def __init__(self, connections: int, where: Where | None, verify: str | bool) -> None:
        self._connections = connections
        self._where = where
        self._verify = verify
        self.at = lru_cache(HOSTS)(self._open)
        """By the beginning of an address, without its path. Raises LocationValueError."""

    def close(self) -> None:
        """What is idle is closed; what is under way ends first."""
        self.at.cache_clear()

    def _open(self, origin: str) -> Host:
        parts = parse_url(origin)
        if not parts.host or parts.scheme not in ("http", "https"):
            raise LocationParseError("no http address")
        headers = {"User-Agent": "motcua", "Accept-Encoding": "gzip, deflate"}
        if parts.auth:
            headers |= make_headers(basic_auth=parts.auth)
        pool: HTTPConnectionPool
        if parts.scheme == "http":
            pool = _Pool(
                *(parts.host, parts.port),
                maxsize=self._connections,
                block=True,
                where=self._where,
            )
        else:
            pool = _TLSPool(
                *(parts.host, parts.port),
                maxsize=self._connections,
                block=True,
                where=self._where,
                ssl_context=self._context,
                cert_reqs=self._context.verify_mode,
            )
        return Host(pool, headers)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Takes its time: it reads the certificates."""
        if isinstance(self._verify, str):
            context = ssl.create_default_context(cafile=self._verify)
        else:
            context = httpx2.create_ssl_context(verify=self._verify)
        context.sslsocket_class = _TimedTLS
        return context
