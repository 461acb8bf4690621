"""A pool of connections on which every request ends by its deadline and below its size limit."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pycurl

from core.clock import Deadline
from core.errors import Down, Late, PlatformError
from core.platform.connections import Answer, Hosts, Kept, Line, Where
from core.platform.watch import anomaly

LONGEST_WAIT = 600.0
"""Seconds; what a platform asks for beyond this is not believed: kept calls would never go out."""

_ORIGIN: Final = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
_NOT_SENT: Final = re.compile(r"[\x00-\x20\x7f]")
"""Signs that no address holds: http.client and others refuse them, libcurl would send some."""

_NAMES: Final = MappingProxyType(
    {
        getattr(pycurl, name): name.removeprefix("E_").replace("_", " ").lower()
        for name in dir(pycurl)
        if name.startswith("E_")
    }
)
_HOPELESS: Final = frozenset({pycurl.E_URL_MALFORMAT, pycurl.E_UNSUPPORTED_PROTOCOL})
_NO_CONNECTION: Final = frozenset({pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_COULDNT_CONNECT})

_inherited: Final[list[Hosts]] = []
"""Connections of the process before a fork. To close one here would end it there, under TLS."""


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
        self._platform = platform
        self._connections = connections
        self._kept = Kept(connect_seconds, size_limit, verify, where)
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
        # `from None`: nothing of the request, whose address holds personal data, goes further.
        found = _ORIGIN.match(url)
        if found is None or _NOT_SENT.search(url) is not None:
            raise self._hopeless()
        try:
            host = self._hosts().at(found[0])
            with host.line(deadline.left()) as line:
                return self._sent(line, (method, url, headers, content), deadline)
        except TimeoutError:
            raise Late(self._platform) from None
        except ValueError:
            raise self._hopeless() from None
        except OSError:
            raise Unreached(self._platform, "no answer (no connection)") from None

    def _sent(
        self,
        line: Line,
        request: tuple[str, str, Mapping[str, str], bytes | None],
        deadline: Deadline,
    ) -> Raw:
        left = deadline.left()
        if not left:
            raise Late(self._platform)
        try:
            status = line.ask(*request, deadline)
        except pycurl.error as error:
            raise self._broken(error.args[0], line.answer, left) from None
        finally:
            answer = line.let_go()
        headers = _headers(answer.head)
        if headers is None:
            raise Down(self._platform, "no answer (half a head)")
        return Raw(status, headers, b"".join(answer.body))

    def _broken(self, code: int, answer: Answer, left: float) -> PlatformError:
        """What it means that a request ended so, when it had `left` seconds."""
        words = f"no answer ({_NAMES.get(code, code)})"
        if answer.too_large:
            anomaly(self._platform, "body", "over the size limit")
            return Hopeless(self._platform, "a body over the size limit")
        if code == pycurl.E_OPERATION_TIMEDOUT:
            if answer.begun or left <= self._kept.connect_seconds:
                return Late(self._platform)
            return Unreached(self._platform, "does not take connections")
        if answer.begun:
            return Down(self._platform, words)
        if code in _HOPELESS:
            return self._hopeless()
        if code in _NO_CONNECTION:
            return Unreached(self._platform, "no answer (no connection)")
        return Unreached(self._platform, words)

    def _hopeless(self) -> Hopeless:
        return Hopeless(self._platform, "a request that cannot be sent")

    def _hosts(self) -> Hosts:
        """Connections must not be shared over a fork, so each process opens its own."""
        with self._lock:
            if self._open is None or self._open[0] != os.getpid():
                if self._open is not None:
                    _inherited.append(self._open[1])
                self._open = (os.getpid(), Hosts(self._connections, self._kept))
            return self._open[1]

    def close(self) -> None:
        """Gives the connections back; the next request opens new ones."""
        with self._lock:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
                self._open = None


def _headers(head: Iterable[bytes]) -> Mapping[str, str] | None:
    """The fields of a head by lower-case name; None when it has no end."""
    fields: dict[str, str] = {}
    for line in head:
        if line in (b"\r\n", b"\n"):
            return fields  # what follows are the trailers of a body in chunks
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            name, value = name.strip().lower(), value.strip()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return None
