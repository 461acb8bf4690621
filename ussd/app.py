"""The addresses that USSD aggregators call: who may call, one turn a hop, and never a 500."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from core.asked import LIMIT, Answer, Asked, Gate, TooLarge, status_of
from core.engine import Engine, Voice
from core.errors import Busy, Malformed
from core.gsm import unaccent
from core.message import Inbound
from core.privacy import mask_phone
from core.text import DEFAULT_LANGUAGE, Text, _
from ussd.aggregators import AGGREGATORS
from ussd.aggregators.port import Aggregator

BUSY = _("We are still busy with your last answer. Please dial again in a minute.")
FAILED = _("Sorry, something went wrong here. Please dial again in a few minutes.")

USUAL_HOPS = 600
"""Hops of one phone a minute: far more than thumbs can do, far fewer than a loop."""

_log = structlog.get_logger("ussd")
_hops = Counter("motcua_ussd_hops", "USSD hops, by how they ended", ["aggregator", "outcome"])


def blueprint(
    *,
    engine: Engine,
    voice: Voice,
    secrets: Mapping[str, str],
    addresses: Mapping[str, Iterable[str]] = MappingProxyType({}),
    aggregators: Iterable[Aggregator] = AGGREGATORS,
    hops_per_minute: int = USUAL_HOPS,
    tick: Callable[[], float] = time.monotonic,
) -> Blueprint:
    """`POST /ussd/<aggregator>/<path secret>` and what each aggregator has below it.

    `secrets` and `addresses` (networks it may call from; none: any) are by aggregator's name; an
    aggregator without a secret has no address here. `hops_per_minute` 0: no limit. `tick` gives
    seconds of monotonic time.
    """
    blue = Blueprint("ussd", __name__, url_prefix="/ussd")
    limit = HopLimit(hops_per_minute, tick)
    for aggregator in aggregators:
        if not secrets.get(aggregator.name):
            continue
        gate = Gate(secrets[aggregator.name], addresses.get(aggregator.name, ()))
        line = _Line(aggregator, gate, engine, voice, limit, tick)
        for path, methods in aggregator.paths.items():
            blue.add_url_rule(
                f"/{aggregator.name}/<secret>" + (f"/{path}" if path else ""),
                endpoint=f"{aggregator.name}-{path or 'hop'}",
                view_func=line.view(path),
                methods=methods,
            )
    return blue


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

    def view(self, path: str) -> Callable[[str], Response]:
        """The Flask view of one of its addresses."""

        def answered(secret: str) -> Response:
            began = self.tick()
            hop = _Hop()
            answer = self._answer(secret, path, hop)
            self._note(hop, self.tick() - began)
            return Response(answer.text, answer.status, content_type=answer.content_type)

        return answered

    def _answer(self, secret: str, path: str, hop: _Hop) -> Answer:
        if not self.gate.lets_in(secret, request.remote_addr):
            hop.outcome = "forbidden"
            return Answer("Forbidden", 403)
        try:
            hop.inbound = self.aggregator.read(_asked(path))
            return self._turn(hop.inbound, hop)
        except Malformed as malformed:
            hop.outcome, hop.what = "malformed", malformed.what
            return self._sorry(FAILED, status_of(malformed))
        except Busy:
            hop.outcome = "busy"
            return self._sorry(BUSY)
        except Exception:  # noqa: BLE001
            # The edge of the house: whatever went wrong inside, the person at the other end has a
            # telephone in hand and reads one screen; the log has the rest.
            _log.exception("ussd_failed", aggregator=self.aggregator.name)
            return self._sorry(FAILED)

    def _turn(self, inbound: Inbound, hop: _Hop) -> Answer:
        if inbound.event != "close" and self.limit.over(inbound.address.value):
            hop.outcome = "too many"
            return self._sorry(BUSY)
        page = self.engine.turn(inbound, self.voice)
        if inbound.event == "close":
            hop.outcome = "closed"
            return self.aggregator.write(None)
        if page is None:
            hop.outcome = "silent"
            return self._sorry(FAILED)
        hop.outcome = "end" if page.end else "page"
        return self.aggregator.write(page)

    def _sorry(self, text: Text, status: int = 200) -> Answer:
        return self.aggregator.sorry(unaccent(text.to(DEFAULT_LANGUAGE)), status)

    def _note(self, hop: _Hop, seconds: float) -> None:
        """The one line about this request, without what was said."""
        _hops.labels(self.aggregator.name, hop.outcome).inc()
        about: dict[str, object] = {}
        if hop.inbound is not None:
            about["phone"] = mask_phone(hop.inbound.address.value)
            if hop.inbound.event == "close":
                about["ended"] = hop.inbound.trace.get("ended")
        if hop.what is not None:
            about["what"] = hop.what
        _log.info(
            "ussd_hop",
            aggregator=self.aggregator.name,
            outcome=hop.outcome,
            ms=round(seconds * 1000, 1),
            **about,
        )


def _asked(path: str) -> Asked:
    """Flask's request without Flask; raises TooLarge before reading more than may come."""
    request.max_content_length = LIMIT
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge("body") from None
    except HTTPException:  # the caller hung up in the middle of it
        raise Malformed("body") from None
    if len(request.query_string) > LIMIT:
        raise TooLarge("query")
    return Asked(path, request.query_string, body, request.content_type or "")
