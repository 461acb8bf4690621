"""The addresses that USSD aggregators call: who may call, one turn a hop, and never a 500."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from logging import DEBUG, INFO
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter
from werkzeug.routing import Rule

from core.asked import LIMIT, Answer, Asked, Gate, TooLarge, status_of
from core.engine import Engine
from core.errors import Busy, Malformed, Unauthentic
from core.gsm import unaccent
from core.message import Inbound, Page
from core.privacy import mask_phone
from core.text import DEFAULT_LANGUAGE, Text, _
from core.voice import Voice
from ussd.aggregators.port import Aggregator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BUSY = _("We are still busy with your last answer. Please dial again in a minute.")
FAILED = _("Sorry, something went wrong here. Please dial again in a few minutes.")

PREFIX = "/ussd/"

USUAL_HOPS = 600
"""Hops of one phone a minute: far more than thumbs can do, far fewer than a loop."""

_log = structlog.get_logger("ussd")
_hops = Counter("motcua_ussd_hops", "USSD hops, by how they ended", ["aggregator", "outcome"])
_QUIET = frozenset({"page", "end"})
"""How nearly all hops end: the metrics count them, and the log tells of them when it tells all."""


class Door:
    """`POST /ussd/<aggregator>/<path secret>` and what each aggregator has below it.

    A WSGI application in front of another one, which gets whatever is not for an aggregator. The
    web framework's way in and out would cost a menu step as much as the whole conversation.
    """

    def __init__(
        self,
        behind: WSGIApplication,
        *,
        engine: Engine,
        voice: Voice,
        voices: Mapping[str, Voice] = MappingProxyType({}),
        secrets: Mapping[str, str],
        addresses: Mapping[str, Iterable[str]] = MappingProxyType({}),
        aggregators: Iterable[Aggregator],
        hops_per_minute: int = USUAL_HOPS,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """`secrets` and `addresses` (networks it may call from; none: any) are by aggregator's name;
        an aggregator without a secret has no address here. `voices`, by the same name, are for
        those whose pages have another size or less time. `hops_per_minute` 0: no limit. `tick`
        gives seconds of monotonic time.
        """
        limit = HopLimit(hops_per_minute, tick)
        self._behind = behind
        self._lines: dict[str, _Line] = {}
        for one in aggregators:
            if secrets.get(one.name):
                gate = Gate(secrets[one.name], addresses.get(one.name, ()))
                spoken = voices.get(one.name, voice)
                headers = getattr(one, "headers", ())
                self._lines[one.name] = _Line(one, gate, engine, spoken, limit, tick, headers)

    def rules(self) -> Iterable[Rule]:
        """Its addresses, to be listed with the framework's own; the framework never matches them."""
        for name, line in self._lines.items():
            for path, methods in line.aggregator.paths.items():
                address = f"{PREFIX}{name}/<secret>" + (f"/{path}" if path else "")
                endpoint = f"ussd.{name}-{path or 'hop'}"
                yield Rule(address, endpoint=endpoint, methods=methods, build_only=True)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        address: str = environ.get("PATH_INFO", "")
        if address.startswith(PREFIX):
            name, secret, path = (*address[len(PREFIX) :].split("/", 2), "", "")[:3]
            line = self._lines.get(name)
            methods = line.methods(path) if line else None
            if line and secret and methods:
                if environ["REQUEST_METHOD"] in methods:
                    return _give(line.answer(environ, secret, path), start_response)
                start_response("405 Method Not Allowed", [("Allow", ", ".join(methods))])
                return []
        return self._behind(environ, start_response)


@dataclass(slots=True)
class HopLimit:
    """Counts each phone's hops in this minute, within this process.

    In the process, because a menu step may cost no third round trip to Redis; it stops an
    aggregator that has gone into a loop, for which a count per process is exact enough.
    """

    most: int
    tick: Callable[[], float]
    _minute: int = -1
    _counts: dict[str, int] = field(default_factory=dict)

    def over(self, phone: str) -> bool:
        """Counts one hop, and tells whether it is one too many."""
        if not self.most:
            return False
        minute = int(self.tick() // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        count = self._counts[phone] = self._counts.get(phone, 0) + 1
        return count > self.most


@dataclass(slots=True)
class _Hop:
    """What is to be logged and counted about one request."""

    outcome: str = "failed"
    inbound: Inbound | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """One aggregator's line into the conversation."""

    aggregator: Aggregator
    gate: Gate
    engine: Engine
    voice: Voice
    limit: HopLimit
    tick: Callable[[], float]
    headers: tuple[str, ...] = ()
    """Lower-case names of the headers that the aggregator proves itself with."""

    def methods(self, path: str) -> tuple[str, ...] | None:
        """By which methods this path below its address may be called; None: there is no such path."""
        exact = self.aggregator.paths.get(path)
        if exact is not None or not path:
            return exact
        parts = path.split("/")
        for pattern, methods in self.aggregator.paths.items():
            wanted = pattern.split("/")
            if len(wanted) == len(parts) and all(
                one in ("<id>", part) and part for one, part in zip(wanted, parts, strict=True)
            ):
                return methods
        return None

    def answer(self, environ: WSGIEnvironment, secret: str, path: str) -> Answer:
        """What is given back for a request at one of its addresses."""
        began = self.tick()
        hop = _Hop()
        answer = self._answer(environ, secret, path, hop)
        self._note(hop, self.tick() - began)
        return answer

    def _answer(self, environ: WSGIEnvironment, secret: str, path: str, hop: _Hop) -> Answer:
        if not self.gate.lets_in(_unicode(secret), environ.get("REMOTE_ADDR")):
            hop.outcome = "forbidden"
            return Answer("Forbidden", 403)
        try:
            read = self.aggregator.read(_asked(environ, path, self.headers))
            if isinstance(read, Answer):
                hop.outcome = "page"
                return read
            hop.inbound = read
            return self._turn(read, hop)
        except Unauthentic:
            hop.outcome = "forbidden"
            return Answer("Forbidden", 403)
        except Malformed as malformed:
            hop.outcome, hop.what = "malformed", malformed.what
            return self._sorry(FAILED, hop, status_of(malformed))
        except Busy:
            hop.outcome = "busy"
            return self._sorry(BUSY, hop)
        except Exception:  # noqa: BLE001  (whoever dialled reads one screen; the log has the rest)
            _log.exception("ussd_failed", aggregator=self.aggregator.name)
            return self._sorry(FAILED, hop)

    def _turn(self, inbound: Inbound, hop: _Hop) -> Answer:
        if inbound.event != "close" and self.limit.over(inbound.address.value):
            hop.outcome = "too many"
            return self._sorry(BUSY, hop)
        page = self.engine.turn(inbound, self.voice)
        if inbound.event == "close":
            hop.outcome = "closed"
            return self.aggregator.write(None)
        if page is None:
            hop.outcome = "silent"
            return self._sorry(FAILED, hop)
        hop.outcome = "end" if page.end else "page"
        return self.aggregator.write(replace(page, trace=inbound.trace))

    def _sorry(self, text: Text, hop: _Hop, status: int = 200) -> Answer:
        """An apology closes the session; where that is unknown, the aggregator does what it can."""
        plain = unaccent(text.to(DEFAULT_LANGUAGE))
        if hop.inbound is None:
            return self.aggregator.sorry(plain, status)
        if hop.inbound.event == "close":
            return self.aggregator.write(None)
        return self.aggregator.write(Page(plain, end=True, trace=hop.inbound.trace))

    def _note(self, hop: _Hop, seconds: float) -> None:
        """The one line about this request, without what was said."""
        _counted(self.aggregator.name, hop.outcome).inc()
        level = DEBUG if hop.outcome in _QUIET else INFO
        if not _log.is_enabled_for(level):
            return
        about: dict[str, object] = {}
        if hop.inbound is not None:
            about["phone"] = mask_phone(hop.inbound.address.value)
            if hop.inbound.event == "close":
                about["ended"] = hop.inbound.trace.get("ended")
        if hop.what is not None:
            about["what"] = hop.what
        _log.log(
            level,
            "ussd_hop",
            aggregator=self.aggregator.name,
            outcome=hop.outcome,
            ms=round(seconds * 1000, 1),
            **about,
        )


@cache
def _counted(aggregator: str, outcome: str) -> Counter:
    return _hops.labels(aggregator, outcome)


def _give(answer: Answer, start_response: StartResponse) -> list[bytes]:
    body = answer.text.encode()
    headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(body)))]
    headers += answer.headers.items()
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    return [body]


def _asked(environ: WSGIEnvironment, path: str, headers: tuple[str, ...]) -> Asked:
    """The request without its server, and of its headers these. Raises TooLarge or Malformed."""
    query: str = environ.get("QUERY_STRING", "")
    if len(query) > LIMIT:
        raise TooLarge("query")
    body, kind = _body(environ), environ.get("CONTENT_TYPE", "")
    told = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "") for name in headers}
    return Asked(path, query.encode("latin-1"), body, kind, told)


def _body(environ: WSGIEnvironment) -> bytes:
    """All that was posted. Raises TooLarge before reading more than may come, or Malformed."""
    told: str = environ.get("CONTENT_LENGTH", "")
    if not told and not environ.get("wsgi.input_terminated"):
        return b""  # nobody says where it ends
    if told and not told.isdecimal():
        raise Malformed("content length")
    length = int(told) if told else 0
    if length > LIMIT:
        raise TooLarge("body")
    try:
        body: bytes = environ["wsgi.input"].read(length if told else LIMIT + 1)
    except OSError:
        raise Malformed("body") from None
    if len(body) > LIMIT:
        raise TooLarge("body")
    if len(body) < length:  # the caller hung up in the middle of it
        raise Malformed("body")
    return body


def _unicode(told: str) -> str:
    """The text behind what WSGI hands on byte for byte (PEP 3333)."""
    return told.encode("latin-1").decode(errors="replace")
