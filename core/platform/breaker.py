"""The circuit breaker: a platform that fails again and again is left alone for a while.

pybreaker counts and remembers. Its `call` holds one lock for as long as the platform takes to
answer, so that threads would queue behind a slow one, and its half-open state lets everybody
through at once; `calling` does not hold the lock, and the gate here lets one trial through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pybreaker

from core.errors import Absent, Down, Refused
from core.platform.wire import Hopeless, Unwilling

T = TypeVar("T")


class LeftAlone(Hopeless):
    """The platform was not asked: after failures it is left alone for a while."""


PATIENT_SECONDS = 1.0
"""Who had less time than this learns nothing about the platform by being late."""


class Breaker:
    """Opens after `failures` in a row; after `rest` seconds one trial decides what follows."""

    def __init__(
        self,
        platform: str,
        *,
        failures: int = 5,
        rest: float = 5.0,
        storage: pybreaker.CircuitBreakerStorage | None = None,
    ) -> None:
        """`storage` shares the state between processes, for example a `CircuitRedisStorage` on a
        client with `decode_responses=False`; without it each process counts for itself."""
        self._platform = platform
        self._trial = threading.Lock()
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=rest,
            exclude=[_alive],
            state_storage=storage,
            name=platform,
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> str:
        """ "closed" while calls go through, "open" while the platform is left alone, or "half-open"."""
        return str(self._breaker.current_state)

    def run(self, attempt: Callable[[], T], *, patience: float) -> T:
        """Makes one attempt and remembers how it ended; raises Down at once while open.

        `patience` is how many seconds the attempt has: too short a time counts for nothing.
        """
        closed = self._breaker.current_state == pybreaker.STATE_CLOSED
        if closed and patience < PATIENT_SECONDS:
            return attempt()
        if not closed and not self._trial.acquire(blocking=False):
            raise self._resting()
        try:
            with self._breaker.calling():
                return attempt()
        except pybreaker.CircuitBreakerError:
            raise self._resting() from None
        finally:
            if not closed:
                self._trial.release()

    def _resting(self) -> LeftAlone:
        return LeftAlone(self._platform, "left alone after failures")


def _alive(error: object) -> bool:
    """An answer nobody likes is an answer; so is being told when to come back."""
    return isinstance(error, Absent | Refused | Unwilling) or (
        isinstance(error, Down) and error.after is not None
    )
