"""Tells other systems what became of their messages: signed, again until they listen, never inwards."""

from __future__ import annotations

import hmac
import ipaddress
import json
import random
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter

from core.clock import VIETNAM, Clock, Deadline
from core.errors import PlatformError
from core.platform.wire import Wire

MOST: Final = 100
"""Events in one request."""
SECONDS: Final = 10.0
"""For one request in all."""
ROUND: Final = 20.0
"""Seconds that one round may take for one subscriber; the rest is for the next round."""
AT_ONCE: Final = 8
"""Subscribers who are told at the same time."""
LONGEST_PAUSE: Final = 600.0
LONGEST_URL: Final = 500

_log = structlog.get_logger("webhooks")
_told = Counter("motcua_webhooks", "Webhook requests, by how they ended", ["outcome"])


class Inwards(OSError):
    """The address leads into our own network, or nowhere that anybody outside could mean."""


class BadUrl(ValueError):
    """This is no address for a webhook; says why."""


def check_url(url: str, *, internal: bool) -> str:
    """The address, if events may be sent there. Raises BadUrl.

    `internal`: also plain http, and addresses in our own network.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise BadUrl("the port is no number") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadUrl(f"at most {LONGEST_URL} plain letters")
    if parts.scheme not in (("https", "http") if internal else ("https",)):
        raise BadUrl("it must begin with https://")
    if not parts.hostname or port == 0 or parts.username or parts.fragment:
        raise BadUrl("a host is needed, and neither a user nor a #fragment")
    if not internal:
        try:
            literal = ipaddress.ip_address(parts.hostname)
        except ValueError:
            return url
        if not _outside(literal):
            raise BadUrl("this address is in our own network")
    return url


def outwards(host: str, port: int) -> str:
    """An address of this host outside of our network. Raises Inwards, or what the look-up raises.

    The connection is made to this very address, so that a name cannot change its mind in between.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(_outside(ipaddress.ip_address(one)) for one in addresses):
        raise Inwards
    return addresses[0]


_WORLD: Final = ipaddress.ip_network("2000::/3")
"""All IPv6 addresses that are given to the world. Outside of it stand local ones, and those behind
which IPv4 addresses stand, inside ones too (NAT64, compatible, translated)."""

_PROTOCOLS: Final = ipaddress.ip_network("192.0.0.0/24")
"""Kept for protocols; clouds answer there with what only the machine itself may know."""


def _outside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if mapped is not None:
        return _outside(mapped)
    given = address in _WORLD if address.version == 6 else address not in _PROTOCOLS
    return given and address.is_global and not address.is_multicast


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<seconds since 1970>,v1=<HMAC-SHA256 in hex>` over the time, a dot and the body."""
    made = hmac.digest(secret.encode(), b"%d.%b" % (at, body), "sha256").hex()
    return f"t={at},v1={made}"


class Subscriber(Protocol):
    """Somebody to tell."""

    @property
    def owner(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def failures(self) -> int: ...


class News(Protocol):
    """What there is to tell; `core.store.subscribers.News` says more."""

    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def message_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def provider(self) -> str | None: ...
    @property
    def segments(self) -> int | None: ...
    @property
    def cost(self) -> Any: ...
    @property
    def words(self) -> str: ...
    @property
    def test(self) -> bool: ...


S = TypeVar("S", bound=Subscriber)
N = TypeVar("N", bound=News)


class Shelf(Protocol[S, N]):
    """Knows whom to tell what; `core.store.subscribers.Subscribers` does."""

    def due(self) -> Sequence[S]: ...
    def news(self, to: S, most: int) -> Sequence[N]: ...
    def heard(self, to: S, news: Sequence[N]) -> None: ...
    def deaf(self, to: S, try_at: datetime) -> None: ...


def body_of(news: Sequence[News]) -> bytes:
    """The JSON of a request."""
    events = [
        {
            "id": one.id,
            "type": f"message.{one.status}",
            "at": one.at.astimezone(VIETNAM).isoformat(),
            "message": {
                "id": one.message_id,
                "status": one.status,
                "purpose": one.purpose,
                "provider": one.provider,
                "segments": one.segments,
                "cost": None if one.cost is None else str(one.cost),
                "words": one.words,
                "test": one.test,
            },
        }
        for one in news
    ]
    return json.dumps({"events": events}, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Teller:
    """Tells everybody what is new; a round may run anywhere, also twice at once.

    Each event arrives at least once: what was taken and could not be written down is told again,
    with the same id.
    """

    shelf: Shelf[Any, Any]
    clock: Clock
    internal: bool = False
    jitter: Callable[[], float] = random.random
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        where = None if self.internal else outwards
        object.__setattr__(self, "wire", Wire("webhook", size_limit=64 * 1024, where=where))

    def round(self) -> int:
        """Tells everybody who is due what is new; how many events were taken."""
        due = self.shelf.due()
        if not due:
            return 0
        with ThreadPoolExecutor(min(AT_ONCE, len(due))) as tellers:
            return sum(tellers.map(self._tell, due))

    def _tell(self, to: Subscriber) -> int:
        end, count = Deadline.after(ROUND), 0
        while not end.passed and (news := self.shelf.news(to, MOST)):
            words = self._refused(to, body_of(news))
            _told.labels("taken" if words is None else "refused").inc()
            if words is not None:
                pause = min(LONGEST_PAUSE, 5.0 * 2 ** min(to.failures, 10))
                wait = timedelta(seconds=pause * (0.5 + 0.5 * self.jitter()))
                self.shelf.deaf(to, self.clock() + wait)
                _log.warning("webhook_not_taken", owner=to.owner, words=words)
                break
            self.shelf.heard(to, news)
            count += len(news)
        return count

    def _refused(self, to: Subscriber, body: bytes) -> str | None:
        """Why they did not take it; None when they did."""
        try:
            check_url(to.url, internal=self.internal)
            raw = self.wire.send(
                "POST",
                to.url,
                headers={
                    "Content-Type": "application/json",
                    "Motcua-Signature": signature(to.secret, int(self.clock().timestamp()), body),
                },
                content=body,
                deadline=Deadline.after(SECONDS),
            )
        except BadUrl as error:
            return str(error)
        except PlatformError as error:
            return type(error).__name__
        return None if 200 <= raw.status < 300 else f"HTTP {raw.status}"
