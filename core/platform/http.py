"""The one HTTP client of the platforms: by a deadline, again where safe, never telling about people.

The retries are a small loop of our own and not stamina's: each wait has to fit into what the
deadline leaves and to honour `Retry-After`, which its schedule is told nothing of.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit
from uuid import uuid4

import pybreaker

from core.clock import Clock, Deadline, now
from core.errors import Absent, Down, Late, PlatformError, Refused
from core.platform.auth import Credentials, Tokens
from core.platform.breaker import Breaker
from core.platform.limits import Limits
from core.platform.reading import Json, NotJson, Object, mapping, parsed, retry_after
from core.platform.watch import Outcome, anomaly, called
from core.platform.wire import LONGEST_WAIT, Hopeless, Raw, Unwilling, Wire

ATTEMPTS = 3
FIRST_WAIT = 0.1
"""Seconds before the second attempt, doubled each time; the real wait is half to all of it."""
LEAST_SECONDS = 0.1
"""With less than this left there is no use in another attempt."""
LONGEST_HOLD = 30.0
"""However long a platform asks everybody to wait, after so many seconds it is tried again."""
GATE = frozenset({401, 403, 407, 408})
"""Refused at the door: the same to every question, as if the platform were away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `operation` and `path` (a template) go into logs; the rest never does."""

    operation: str
    path: str
    method: Literal["GET", "POST"] = "GET"
    parts: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    page: str | None = None
    """The whole address of a further page, instead of path and query; see `PlatformHttp.page_of`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Object | None = None
    repeatable: bool = True
    """True for a look-up, or for a write that carries an idempotency key."""
    settled: frozenset[int] = frozenset()
    """Statuses outside 2xx which mean that all is well."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its status, its header fields by lower-case name, its JSON (None: no body)."""

    status: int
    headers: Mapping[str, str]
    body: Json


class PlatformHttp:
    """One national platform behind its base address. Raises nothing but `PlatformError`s."""

    def __init__(
        self,
        platform: str,
        base_url: str,
        *,
        media_type: str = "application/json",
        credentials: Credentials | None = None,
        reason: Callable[[Json], tuple[str | None, Mapping[str, str]]] = lambda body: (None, {}),
        wire: Wire | None = None,
        breaker_storage: pybreaker.CircuitBreakerStorage | None = None,
        limits: Limits | None = None,
        clock: Clock = now,
        tick: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: random.Random | None = None,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        """`reason` finds, in the body of a refusal, words meant for people, and their translations."""
        self.platform = platform
        self._base = base_url.rstrip("/")
        self._media_type = media_type
        self._reason = reason
        self._limits = limits = limits or Limits()
        self._wire = wire or Wire(
            platform,
            connections=limits.connections,
            size_limit=limits.body,
            connect_seconds=limits.connect_seconds,
        )
        self._tokens = (
            Tokens(platform, credentials, self._wire, clock=clock, tick=tick)
            if credentials
            else None
        )
        self._breaker = Breaker(
            platform, failures=limits.failures, rest=limits.rest, storage=breaker_storage
        )
        self._clock = clock
        self._tick = tick
        self._sleep = sleep
        self._chance = chance or random.Random()
        self._new_id = new_id
        self._held_until = 0.0

    def ask(self, call: Call, *, deadline: Deadline) -> Answer:
        """Makes the call; it has ended when the deadline passes, or our own limit.

        Raises Late, Down, Absent (404, 410) or Refused (422, and 400 to what was posted).
        """
        course = _Course(self._new_id())
        started = deadline.tick()
        if deadline.left() > self._limits.seconds:
            deadline = replace(deadline, at=started + self._limits.seconds)
        outcome: Outcome = "down"
        try:
            answer = self._persevere(call, course, deadline)
            outcome = "ok"
            return answer
        except PlatformError as error:
            outcome = _outcome(error)
            raise
        finally:
            called(
                platform=self.platform,
                operation=call.operation,
                method=call.method,
                path=call.path,
                status=course.status,
                outcome=outcome,
                seconds=deadline.tick() - started,
                attempts=course.attempts,
                request_id=course.request_id,
            )

    def page_of(self, link: Json) -> str | None:
        """The whole address of a further page, or None: only the platform's own are followed."""
        if not isinstance(link, str):
            return None
        try:
            address = urljoin(f"{self._base}/", link)
            base, page = urlsplit(self._base), urlsplit(address)
            ours = (
                _origin(page) == _origin(base)
                and f"{page.path}/".startswith(f"{base.path}/")
                and not {".", ".."} & set(page.path.split("/"))
            )
        except ValueError:
            return None
        return address if ours else None

    @property
    def state(self) -> str:
        """The state of the circuit breaker: "closed" is well."""
        return self._breaker.state

    def close(self) -> None:
        self._wire.close()

    def _persevere(self, call: Call, course: _Course, deadline: Deadline) -> Answer:
        while True:
            course.attempts += 1
            try:
                self._keep_away()
                return self._breaker.run(
                    lambda: self._exchange(call, course, deadline), patience=deadline.left()
                )
            except Down as error:
                wait = self._wait(course.attempts, error)
                last = course.attempts >= ATTEMPTS or isinstance(error, Hopeless)
                if last or not call.repeatable or wait + LEAST_SECONDS > deadline.left():
                    raise
            self._sleep(wait)

    def _keep_away(self) -> None:
        """Somebody was told to come back later; so were we all."""
        left = self._held_until - self._tick()
        if left > 0:
            raise Down(self.platform, "asked to wait", after=left)

    def _wait(self, attempts: int, error: Down) -> float:
        wait: float = FIRST_WAIT * 2.0 ** (attempts - 1) * self._chance.uniform(0.5, 1.0)
        return wait if error.after is None else error.after + wait

    def _exchange(self, call: Call, course: _Course, deadline: Deadline) -> Answer:
        """One attempt; a refused token is renewed once."""
        course.status = None
        token = self._tokens.token(deadline=deadline) if self._tokens else None
        raw = self._send(call, course, token, deadline)
        if raw.status == 401 and self._tokens and token:
            self._tokens.forget(token)
            raw = self._send(call, course, self._tokens.token(deadline=deadline), deadline)
        return self._judged(call, raw)

    def _send(self, call: Call, course: _Course, token: str | None, deadline: Deadline) -> Raw:
        headers = {
            "Accept": self._media_type,
            "X-Request-Id": course.request_id,
            **call.headers,
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        content = None
        if call.method == "GET":
            # Some servers answer a search from a memory of their own (HAPI FHIR: for a minute).
            headers["Cache-Control"] = "no-cache"
        if call.body is not None:
            headers["Content-Type"] = self._media_type
            content = json.dumps(call.body, ensure_ascii=False).encode("utf-8", "replace")
        raw = self._wire.send(
            call.method,
            self._address(call),
            headers=headers,
            content=content,
            deadline=deadline,
        )
        course.status = raw.status
        return raw

    def _address(self, call: Call) -> str:
        if call.page is not None:
            return call.page
        if {"", ".", ".."} & set(call.parts.values()):
            raise Absent(self.platform, "nothing can have such a name")
        parts = {name: quote(value, safe="") for name, value in call.parts.items()}
        query = f"?{urlencode(call.query)}" if call.query else ""
        return f"{self._base}/{call.path.format_map(parts)}{query}"

    def _judged(self, call: Call, raw: Raw) -> Answer:
        """The answer, or the error that the status means."""
        if 200 <= raw.status < 300 or raw.status in call.settled:
            return Answer(raw.status, raw.headers, self._body(call, raw))
        match raw.status:
            case 404 | 410:
                raise Absent(self.platform)
            case 422:
                raise self._refused(raw)
            case 400 if call.method == "POST" and mapping(_lenient(raw)):
                # It was read and will never be taken: kept and sent again it would only be in the way.
                anomaly(self.platform, call.operation, "status 400")
                raise self._refused(raw)
            case 429 | 503:
                raise self._told_to_wait(raw)
            case status if status >= 500:
                raise Down(self.platform, f"status {status}")
            case status:
                anomaly(self.platform, call.operation, f"status {status}")
                kind = Hopeless if status in GATE or status < 400 else Unwilling
                raise kind(self.platform, f"status {status}")

    def _refused(self, raw: Raw) -> Refused:
        reason, translations = self._reason(_lenient(raw))
        return Refused(self.platform, "refused", reason=reason, translations=translations)

    def _told_to_wait(self, raw: Raw) -> Down:
        after = retry_after(raw.headers.get("retry-after"), at=self._clock())
        if after is not None:
            after = min(after, LONGEST_WAIT)
            self._held_until = self._tick() + min(after, LONGEST_HOLD)
        return Down(self.platform, f"status {raw.status}", after=after)

    def _body(self, call: Call, raw: Raw) -> Json:
        """The JSON of a good answer; a write may be answered without a word."""
        if not raw.body and (call.method != "GET" or raw.status == 204):
            return None
        if not 200 <= raw.status < 300:
            return _lenient(raw)
        try:
            if "json" not in raw.headers.get("content-type", "").lower():
                raise NotJson
            return parsed(raw.body)
        except NotJson:
            anomaly(self.platform, call.operation, "not JSON")
            raise Down(self.platform, "a body that is not JSON") from None


@dataclass(slots=True)
class _Course:
    """How one call has gone so far."""

    request_id: str
    attempts: int = 0
    status: int | None = None


def _origin(address: SplitResult) -> tuple[str, str | None, int | None, str | None]:
    port = address.port or {"http": 80, "https": 443}.get(address.scheme)
    return address.scheme, address.hostname, port, address.username


def _lenient(raw: Raw) -> Json:
    try:
        return parsed(raw.body)
    except NotJson:
        return None


def _outcome(error: PlatformError) -> Outcome:
    match error:
        case Late():
            return "late"
        case Absent():
            return "absent"
        case Refused():
            return "refused"
        case _:
            return "down"
