"""Connections to platforms and providers: libcurl's, each used by one thread at a time.

libcurl keeps the time of a whole request, looks up names and speaks TLS by itself, and takes a
sixth of the processor's time that sockets of ours under urllib3 took (decision 0020).
"""

from __future__ import annotations

import select
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final
from urllib.parse import urlsplit

import certifi
import pycurl

from core.clock import Deadline

Where = Callable[[str, int], str]
"""The address to connect to for this host and port; raises OSError where we must not go."""

IDLE_SECONDS: Final = 15
"""Longer unused connections are not trusted: something between may have forgotten them."""

HOSTS: Final = 100
"""For so many hosts connections are kept."""

_ALWAYS: Final = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROXY, ""),  # none, whatever the environment says
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
    (pycurl.FOLLOWLOCATION, 0),
    (pycurl.PATH_AS_IS, 1),
    (pycurl.ACCEPT_ENCODING, "gzip, deflate"),
    (pycurl.USERAGENT, "motcua"),
    (pycurl.MAXCONNECTS, 1),
    (pycurl.MAXAGE_CONN, IDLE_SECONDS),
    (pycurl.DNS_CACHE_TIMEOUT, 60),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a line is given once: limits in seconds and bytes, and how much to believe."""

    connect_seconds: float
    size_limit: int
    verify: str | bool
    where: Where | None


@dataclass(slots=True)
class Answer:
    """What came over a line so far."""

    begun: int = 0
    """How often the request set out."""
    head: list[bytes] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    size: int = 0
    too_large: bool = False


class Line:
    """One connection to one host; used by one thread at a time."""

    def __init__(self, origin: str, kept: Kept) -> None:
        parts = urlsplit(origin)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._kept = kept
        self.answer = Answer()
        self._curl: Any = pycurl.Curl()
        for option, value in (*_ALWAYS, *_trust(kept.verify)):
            self._curl.setopt(option, value)
        self._curl.setopt(pycurl.PREREQFUNCTION, self._sets_out)
        self._curl.setopt(pycurl.HEADERFUNCTION, self._head)
        self._curl.setopt(pycurl.WRITEFUNCTION, self._body)

    def ask(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str],
        content: bytes | None,
        deadline: Deadline,
    ) -> int:
        """The status; the rest is in `answer`, also when it raises.

        Raises pycurl.error, ValueError for what cannot be sent, and OSError where we must not go
        (TimeoutError when it took too long to know).
        """
        self.answer = Answer()
        set_, kept = self._curl.setopt, self._kept
        set_(pycurl.URL, url)
        set_(pycurl.NOBODY, method == "HEAD")
        if content is None and method != "POST":
            set_(pycurl.HTTPGET, 1)
        else:
            set_(pycurl.POST, 1)
            set_(pycurl.POSTFIELDS, content or b"")
        set_(pycurl.CUSTOMREQUEST, method)
        set_(pycurl.HTTPHEADER, _fields(fields))
        if kept.where is not None:
            at = kept.where(self._host, self._port)
            at = f"[{at}]" if ":" in at else at
            set_(pycurl.CONNECT_TO, [f"::{at}:{self._port}"])
        left = deadline.left()  # to ask where may have taken its time
        if not left:
            raise TimeoutError
        set_(pycurl.CONNECTTIMEOUT_MS, _milliseconds(min(left, kept.connect_seconds)))
        set_(pycurl.TIMEOUT_MS, _milliseconds(left))
        self._curl.perform()
        return int(self._curl.getinfo(pycurl.RESPONSE_CODE))

    def let_go(self) -> Answer:
        """The answer, which is forgotten here."""
        answer, self.answer = self.answer, Answer()
        return answer

    def _sets_out(self, *_ends: object) -> int:
        """Over a kept connection that breaks libcurl would send anything a second time.

        By GET, too, texts are sent.
        """
        self.answer.begun += 1
        again = self.answer.begun > 1
        return int(pycurl.PREREQFUNC_ABORT if again else pycurl.PREREQFUNC_OK)

    @property
    def stale(self) -> bool:
        """Whether the other side hung up meanwhile; libcurl looks only once a second."""
        kept = int(self._curl.getinfo(pycurl.ACTIVESOCKET))
        if kept < 0:
            return False
        look = select.poll()
        look.register(kept, select.POLLIN)
        return bool(look.poll(0))

    def _head(self, line: bytes) -> None:
        if line.startswith(b"HTTP/"):
            self.answer.head.clear()  # of an answer before the answer, as "100 Continue"
        self.answer.head.append(line)

    def _body(self, piece: bytes) -> int:
        self.answer.size += len(piece)
        if self.answer.size > self._kept.size_limit:
            self.answer.too_large = True
            return 0  # ends it here, and the connection with it
        self.answer.body.append(piece)
        return len(piece)


class _Host:
    """The lines to one host, at most so many at once; the one used last is taken first."""

    def __init__(self, origin: str, most: int, kept: Kept) -> None:
        self._origin = origin
        self._kept = kept
        self._idle: deque[Line] = deque()
        # One for each that may be used; a semaphore of Python's own takes ten times as long.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self._free.put(None)

    @contextmanager
    def line(self, seconds: float) -> Iterator[Line]:
        """One to use; raises TimeoutError when none is free in time."""
        try:
            self._free.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None
        try:
            try:
                line = self._idle.pop()
                if line.stale:
                    line = Line(self._origin, self._kept)
            except IndexError:
                line = Line(self._origin, self._kept)
            try:
                yield line
            finally:
                self._idle.append(line)
        finally:
            self._free.put(None)


class Hosts:
    """Opens lines, at most so many to each host at once, and keeps those of the last hosts."""

    def __init__(self, connections: int, kept: Kept) -> None:
        self.at = lru_cache(HOSTS)(lambda origin: _Host(origin, connections, kept))
        """By the beginning of an address, without its path."""

    def close(self) -> None:
        """What is idle is closed; what is under way ends first."""
        self.at.cache_clear()


def _milliseconds(seconds: float) -> int:
    """Never 0, which would be for ever."""
    return max(1, round(seconds * 1000))


def _fields(fields: Mapping[str, str]) -> list[bytes]:
    """Header fields as libcurl wants them, and without those that it would add by itself."""
    lines = []
    for name, value in fields.items():
        line = f"{name}: {value}" if value else f"{name};"
        if any(sign in line for sign in "\r\n\0"):
            raise ValueError("a header field of more than one line")
        lines.append(line.encode("latin-1"))
    if not any(name.lower() == "content-type" for name in fields):
        lines.append(b"Content-Type:")
    return [*lines, b"Expect:", b"Accept:"]


def _trust(verify: str | bool) -> Iterator[tuple[int, Any]]:
    """Whose signatures count: those in this file or folder, or those that this machine trusts."""
    if verify is False:
        yield pycurl.SSL_VERIFYPEER, 0
        yield pycurl.SSL_VERIFYHOST, 0
        return
    if isinstance(verify, str):
        yield (pycurl.CAPATH if Path(verify).is_dir() else pycurl.CAINFO), verify
        return
    # Both look at SSL_CERT_FILE and SSL_CERT_DIR first.
    paths = ssl.get_default_verify_paths()
    yield pycurl.CAINFO, paths.cafile or certifi.where()
    if paths.capath is not None:
        yield pycurl.CAPATH, paths.capath
