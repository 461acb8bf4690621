"""A pool of connections on which every request ends by its deadline and below its size limit."""

from __future__ import annotations

import logging
import os
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import httpcore2
import httpx2

from core.clock import Deadline
from core.errors import Down, Late
from core.platform.watch import anomaly

LONGEST_WAIT = 600.0
"""Seconds; what a platform asks for beyond this is not believed: kept calls would never go out."""

# Both write whole addresses, with the query and so with phone numbers, into the log below WARNING.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Raw:
    """What came back: status, header fields by lower-case name, and the whole decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Where = Callable[[str, int], str]
"""The address to connect to for this host and port; raises OSError where we must not go."""


class Hopeless(Down):
    """Down, and asking again at once would change nothing."""


class Unwilling(Hopeless):
    """It answered, but will not have this one question: that says nothing about the next."""


class Unreached(Down):
    """Down, and nothing of the request has reached it."""


class Wire:
    """One platform's connections; built on first use in each process, safe between threads."""

    def __init__(
        self,
        platform: str,
        *,
        connections: int = 128,
        size_limit: int = 2 * 1024 * 1024,
        connect_seconds: float = 2.0,
        verify: str | bool = True,
        where: Where | None = None,
    ) -> None:
        """`size_limit` in bytes, after decompression; `verify` False or a path of a CA bundle.

        Who has not taken the connection after `connect_seconds` is down, however patient the caller.
        """
        self._where = where
        self._platform = platform
        self._connections = connections
        self._size_limit = size_limit
        self._connect_seconds = connect_seconds
        self._verify = verify
        self._lock = threading.Lock()
        self._open: tuple[int, httpx2.Client] | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: Deadline,
    ) -> Raw:
        """One request, one answer whatever its status. Raises Late or Down."""
        client = self._client()  # the first one takes its time: it reads the certificates
        if deadline.passed:
            raise Late(self._platform)
        _running.deadline = deadline
        left = deadline.left()
        timeout = httpx2.Timeout(left, connect=min(left, self._connect_seconds))
        # `from None`: their errors carry the request, whose address holds personal data.
        try:
            with client.stream(
                method, url, headers=dict(headers), content=content, timeout=timeout
            ) as response:
                return Raw(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    self._body(response, deadline),
                )
        except httpx2.ConnectTimeout:
            raise (
                Late(self._platform)
                if deadline.passed
                else Unreached(self._platform, "does not take connections")
            ) from None
        except httpx2.ConnectError:
            raise Unreached(self._platform, "no answer (ConnectError)") from None
        except httpx2.TimeoutException:
            raise Late(self._platform) from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise Down(self._platform, f"no answer ({type(error).__name__})") from None
        except (httpx2.InvalidURL, httpx2.CookieConflict, UnicodeError):
            raise Hopeless(self._platform, "a request that cannot be sent") from None

    def _body(self, response: httpx2.Response, deadline: Deadline) -> bytes:
        announced = response.headers.get("content-length", "0")
        body = bytearray()
        if announced.isdigit() and len(announced) < 20 and int(announced) > self._size_limit:
            raise self._too_large()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._size_limit:
                raise self._too_large()
            if deadline.passed:
                raise Late(self._platform)
        return bytes(body)

    def _too_large(self) -> Hopeless:
        anomaly(self._platform, "body", "over the size limit")
        return Hopeless(self._platform, "a body over the size limit")

    def _client(self) -> httpx2.Client:
        """Connections must not be shared over a fork, so each process opens its own."""
        with self._lock:
            if self._open is None or self._open[0] != os.getpid():
                transport = _DeadlineTransport(self._connections, self._where, verify=self._verify)
                client = httpx2.Client(transport=transport, follow_redirects=False)
                self._open = (os.getpid(), client)
            return self._open[1]

    def close(self) -> None:
        """Gives the connections back; the next request opens new ones."""
        with self._lock:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
            self._open = None


class _Running(threading.local):
    """The deadline of the request which this thread is sending."""

    deadline: Deadline | None = None


_running = _Running()


def _clamped(timeout: float | None) -> float | None:
    """The time that one read, write or handshake may still take."""
    if _running.deadline is None:
        return timeout
    left = max(_running.deadline.left(), 0.001)
    return left if timeout is None else min(timeout, left)


class _DeadlineTransport(httpx2.HTTPTransport):
    """httpx2's own transport on a pool whose sockets know the deadline.

    httpx2 applies its timeouts to each read anew, so a platform that drips one byte a second,
    in the head or in the body, would never be late. Hence this reach into `_pool`, the one
    private name; the dripping tests fail if it moves.
    """

    def __init__(self, connections: int, where: Where | None, *, verify: str | bool) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(verify=verify),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=_DeadlineBackend(where),
        )


class _DeadlineBackend(httpcore2.SyncBackend):
    def __init__(self, where: Where | None) -> None:
        self._where = where

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        if self._where is not None:
            try:
                host = self._where(host, port)
            except OSError as error:
                raise httpcore2.ConnectError(type(error).__name__) from None
        return _DeadlineStream(
            super().connect_tcp(host, port, _clamped(timeout), local_address, socket_options)
        )


class _DeadlineStream(httpcore2.NetworkStream):
    """A socket whose every operation ends with the request it serves."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _clamped(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _clamped(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, _clamped(timeout))
        )

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
