"""Asks a platform, keeps what it says, and finds it again when the platform says nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

import structlog
from prometheus_client import Counter
from pydantic import TypeAdapter

from core.clock import VIETNAM, Clock
from core.errors import Absent, Down, Late
from core.platform.ports import Known

T = TypeVar("T")

REST_SECONDS = 10.0
"""After trouble with the storage it is left alone for so long: people wait for their answers."""

_log = structlog.get_logger("platform")

_silent = Counter(
    "motcua_platform_remembered",
    "Look-ups that a platform did not answer, by whether an earlier answer could be told",
    ["what", "outcome"],
)
_trouble = Counter(
    "motcua_remembered_trouble", "Answers that could not be kept or found again", ["doing"]
)


class Memory(Protocol):
    """Where answers are kept; whatever it raises, nobody who asks a platform will notice."""

    def recall(self, what: str, about: str) -> tuple[str, datetime] | None:
        """What was said about this and when, if it is not too old."""

    def keep(self, what: str, about: str, said: str, as_of: datetime) -> None:
        """Keeps an answer, unless a newer one is kept already."""

    def forget(self, what: str, about: str) -> None:
        """There is no such thing any more."""


class Recollection:
    """One for each process, shared by all its threads."""

    def __init__(
        self, memory: Memory, clock: Clock, *, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._tick = tick
        self._rests_until = 0.0

    def known(
        self, what: str, about: str, form: TypeAdapter[T], ask: Callable[[], Known[T]]
    ) -> Known[T]:
        """What the platform says, or what it said before; raises what it raised when nothing is known."""
        try:
            answer = ask()
        except Absent:
            self.forget(what, about)
            raise
        except (Down, Late):
            before = self.recall(what, about, form)
            _silent.labels(what, "nothing" if before is None else "told").inc()
            if before is None:
                raise
            return before
        self.keep(what, about, form, answer)
        return answer

    def plain(self, what: str, about: str, form: TypeAdapter[T], ask: Callable[[], T]) -> T:
        """The same for answers that do not tell their age."""
        return self.known(what, about, form, lambda: Known(ask(), self._clock())).value

    def keep(self, what: str, about: str, form: TypeAdapter[T], answer: Known[T]) -> None:
        """Keeps an answer for the day on which there is none."""
        said = form.dump_json(answer.value).decode()
        self._try("keep", lambda: self._memory.keep(what, about, said, answer.as_of))

    def forget(self, what: str, about: str) -> None:
        """The platform knows of no such thing: neither do we."""
        self._try("forget", lambda: self._memory.forget(what, about))

    def recall(self, what: str, about: str, form: TypeAdapter[T]) -> Known[T] | None:
        """What was said before, with its age."""

        def find() -> Known[T] | None:
            found = self._memory.recall(what, about)
            if found is None:
                return None
            said, as_of = found
            return Known(form.validate_json(said), as_of.astimezone(VIETNAM), fresh=False)

        return self._try("recall", find)

    def _try(self, doing: str, do: Callable[[], T]) -> T | None:
        if self._tick() < self._rests_until:
            return None
        try:
            return do()
        except Exception as error:  # noqa: BLE001  (no trouble of the storage may break a look-up)
            _trouble.labels(doing).inc()
            # What the error says may hold an answer: only its kind is told.
            _log.warning("remembered_trouble", doing=doing, error=type(error).__name__)
            if not isinstance(error, ValueError):
                self._rests_until = self._tick() + REST_SECONDS
            return None
