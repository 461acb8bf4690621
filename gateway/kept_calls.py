"""Delivers kept calls: in each person's order, no faster than a platform that was away can bear."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from prometheus_client import Counter

from core.errors import Down, GatewayError, Late
from core.outbox.hands import Hands
from core.outbox.outgoing import Outgoing
from core.platform.breaker import LeftAlone
from core.store.database import Database
from core.store.deferred import Deferred, Kept
from core.store.outbox import Outbox

_log = structlog.get_logger()

_calls = Counter(
    "motcua_kept_calls", "Kept calls, by what became of a try", ["platform", "outcome"]
)

MOST_A_SECOND = 40.0
"""Kept calls that one worker gives to one platform in a second, when all is well."""
LEAST_A_SECOND = 1.0
REST_SECONDS = 3.0
"""For so long a platform that is left alone gets no kept call either; then one tries."""
LONGEST_PAUSE = 60.0
"""Seconds after which a call that failed again and again is tried once more."""

KeptHandler = Callable[[Kept], Sequence[Outgoing]]
"""Finishes one kept call, or gives it up; what it returns is sent. May raise Late or Down."""


class Pace:
    """How fast kept calls go to one platform: slowly after a failure, faster with every success."""

    def __init__(self, tick: Callable[[], float], chance: random.Random) -> None:
        self._tick = tick
        self._chance = chance
        self._lock = threading.Lock()
        self._rate = LEAST_A_SECOND
        self._room = 1.0
        self._at = tick()

    def room(self) -> int:
        """How many may go out now."""
        with self._lock:
            now = self._tick()
            if now > self._at:
                gained = (now - self._at) * self._rate
                self._room = min(max(1.0, self._rate), self._room + gained)
                self._at = now
            return int(self._room)

    def took(self, count: int) -> None:
        with self._lock:
            self._room -= count

    def went_well(self) -> None:
        with self._lock:
            self._rate = min(MOST_A_SECOND, self._rate + 1.0)

    def failed(self) -> None:
        with self._lock:
            self._rate = max(LEAST_A_SECOND, self._rate / 2)
            self._room = min(self._room, 1.0)

    def rest(self, seconds: float) -> None:
        """Nothing for half to all of this time; then a single one."""
        with self._lock:
            self._rate, self._room = LEAST_A_SECOND, 0.0
            rest = seconds * self._chance.uniform(0.5, 1.0)
            self._at = max(self._at, self._tick() + rest)


@dataclass
class KeptCalls:
    """One for each worker process. `finish` does a call again, `give_up` says that it was in vain."""

    database: Database
    deferred: Deferred
    outbox: Outbox
    finish: KeptHandler
    give_up: KeptHandler
    tick: Callable[[], float] = time.monotonic
    chance: random.Random = field(default_factory=random.Random)
    _paces: dict[str, Pace] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def hands(self, count: int) -> Hands[Kept]:
        """Threads that work on kept calls."""
        return Hands[Kept](
            "kept",
            count=count,
            lease=self.deferred.lease,
            claim=self.claim,
            do=self.do,
            renew=self.deferred.renew,
        )

    def claim(self, limit: int) -> Sequence[Kept]:
        """Up to `limit` calls, of each platform no more than its pace allows."""
        due = list(self.deferred.due())
        if not due:
            return ()
        claimed = list(self.deferred.claim_over(limit))
        self.chance.shuffle(due)
        for platform in due:
            pace = self.pace(platform)
            room = min(limit - len(claimed), pace.room())
            if room > 0:
                calls = self.deferred.claim(platform, room)
                pace.took(len(calls))
                claimed += calls
        return claimed

    def do(self, kept: Kept) -> None:
        """Tries one call; whatever happens, it has ended or is to be tried again."""
        if kept.over:
            self._give_up(kept, "patience")
            return
        try:
            messages = self.finish(kept)
        except (Late, Down) as error:
            self._trouble(kept, error)
        except Exception as error:  # noqa: BLE001  (a call that was promised is tried again)
            if isinstance(error, GatewayError) and not error.retry:
                self._give_up(kept, type(error).__name__)
                return
            self._again(kept, error, platform=kept.platform)
        else:
            self.pace(kept.platform).went_well()
            self._end(kept, messages, self.deferred.finish, "done")

    def pace(self, platform: str) -> Pace:
        """The pace of this platform's calls."""
        with self._lock:
            if platform not in self._paces:
                self._paces[platform] = Pace(self.tick, self.chance)
            return self._paces[platform]

    def _trouble(self, kept: Kept, error: Late | Down) -> None:
        """The platform in trouble may be another than the one that the call was kept for."""
        pace = self.pace(error.platform)
        told = error.after if isinstance(error, Down) else None
        if isinstance(error, LeftAlone) or told is not None:
            # It was not tried: that counts for nothing, and everybody waits.
            pace.rest(REST_SECONDS if told is None else max(told * 2, REST_SECONDS))
            after = timedelta(seconds=self.chance.uniform(0.2, 1.0))
            self.deferred.again(kept, after=after, platform=error.platform, tried=False)
            _calls.labels(error.platform, "left alone").inc()
            return
        pace.failed()
        self._again(kept, error, platform=error.platform)

    def _again(self, kept: Kept, error: Exception, *, platform: str) -> None:
        longest = min(LONGEST_PAUSE, 2.0 * 2 ** min(kept.attempt - 1, 10))
        after = timedelta(seconds=longest * self.chance.uniform(0.5, 1.0))
        self.deferred.again(kept, after=after, platform=platform)
        _calls.labels(platform, "again").inc()
        _log.warning(
            "deferred call will be tried again",
            deferred=kept.id,
            attempt=kept.attempt,
            error=type(error).__name__,
            exc_info=not getattr(error, "retry", False),
        )

    def _give_up(self, kept: Kept, why: str) -> None:
        _log.warning("deferred call given up", deferred=kept.id, attempt=kept.attempt, why=why)
        try:
            messages = self.give_up(kept)
        except Exception:  # noqa: BLE001  (who cannot be told must not be told for ever)
            _log.exception("nobody could be told", deferred=kept.id)
            messages = ()
        self._end(kept, messages, self.deferred.give_up, "given up")

    def _end(
        self,
        kept: Kept,
        messages: Sequence[Outgoing],
        end: Callable[..., bool],
        outcome: str,
    ) -> None:
        with self.database.begin() as connection:
            for message in messages:
                self.outbox.put(connection, message)
            if not end(connection, kept):
                # Somebody else has it by now: what they make of it counts.
                connection.rollback()
                return
        _calls.labels(kept.platform, outcome).inc()
