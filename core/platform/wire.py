"""A pool of connections on which every request ends by its deadline and below its size limit."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import InvalidURL
from typing import Final

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    EmptyPoolError,
    HTTPError,
    LocationParseError,
    LocationValueError,
    NewConnectionError,
    TimeoutError,
)

from core.clock import Deadline
from core.errors import Down, Late
from core.platform.connections import Hosts, Where, serve
from core.platform.watch import anomaly

LONGEST_WAIT = 600.0
"""Seconds; what a platform asks for beyond this is not believed: kept calls would never go out."""

# It writes whole addresses, with the query and so with phone numbers, into the log below ERROR.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_ORIGIN: Final = re.compile(r"[^:/?#]+://[^/?#]*")


@dataclass(frozen=True, slots=True)
class Raw:
    """What came back: status, header fields by lower-case name, and the whole decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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
        self._open: tuple[int, Hosts] | None = None

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
        # `from None`: their errors carry the request, whose address holds personal data.
        try:
            origin, target = _split(url)
            host = self._hosts().at(origin)  # the first time it reads the certificates
            left = deadline.left()
            if not left:
                raise Late(self._platform)
            serve(deadline)
            response = host.pool.urlopen(
                method,
                target,
                body=content,
                headers={**host.headers, **headers},
                timeout=Timeout(connect=min(left, self._connect_seconds), read=left),
                pool_timeout=left,  # type: ignore[arg-type]  # urllib3 waits for parts of a second, too
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
            return self._read(response)
        except ConnectTimeoutError:
            raise (
                Late(self._platform)
                if deadline.passed
                else Unreached(self._platform, "does not take connections")
            ) from None
        except NewConnectionError:
            raise Unreached(self._platform, "no answer (no connection)") from None
        except (TimeoutError, EmptyPoolError):
            raise Late(self._platform) from None
        except (LocationValueError, InvalidURL, ValueError):
            raise Hopeless(self._platform, "a request that cannot be sent") from None
        except (HTTPError, OSError) as error:
            if deadline.passed:
                raise Late(self._platform) from None
            raise Down(self._platform, f"no answer ({type(error).__name__})") from None

    def _read(self, response: BaseHTTPResponse) -> Raw:
        announced = response.headers.get("content-length", "0")
        try:
            if announced.isdigit() and len(announced) < 20 and int(announced) > self._size_limit:
                raise self._too_large()
            body = response.read(self._size_limit + 1, decode_content=True)
            if len(body) > self._size_limit:
                raise self._too_large()
        except BaseException:
            response.close()  # nothing else can come over a connection with half an answer in it
            raise
        response.release_conn()
        return Raw(
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            body,
        )

    def _too_large(self) -> Hopeless:
        anomaly(self._platform, "body", "over the size limit")
        return Hopeless(self._platform, "a body over the size limit")

    def _hosts(self) -> Hosts:
        """Connections must not be shared over a fork, so each process opens its own."""
        with self._lock:
            if self._open is None or self._open[0] != os.getpid():
                self._open = (os.getpid(), Hosts(self._connections, self._where, self._verify))
            return self._open[1]

    def close(self) -> None:
        """Gives the connections back; the next request opens new ones."""
        with self._lock:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
            self._open = None


def _split(url: str) -> tuple[str, str]:
    """The host's part of an address, and the rest: what is asked of it."""
    found = _ORIGIN.match(url)
    if found is None:
        raise LocationParseError("no address")
    target = url[found.end() :]
    return found[0], target if target.startswith("/") else f"/{target}"
