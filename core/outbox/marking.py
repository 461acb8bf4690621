"""Writes down what came of a message: that a send begins or is done, and why one was not sent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

import structlog

from core.clock import Clock
from core.outbox.conduct import Conduct
from core.outbox.outgoing import Lane, Status
from core.outbox.ports import Begin, Claimed, Done, Note, Queue, Verdict
from core.outbox.scribe import Scribe

_log = structlog.get_logger("outbox")

T = TypeVar("T")

CAMPAIGN_PAUSED = "its campaign is paused"
CAMPAIGN_STOPPED = "its campaign was stopped"
WHILE_HELD = timedelta(minutes=1)
"""So long what a worker had in hand waits before it is asked about again; a resume makes it due."""

_PAUSES = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
_WHY = MappingProxyType(
    {
        Verdict.REFUSED: "the person wants no such messages",
        Verdict.IN_DOUBT: "the number must be proven again",
        Verdict.OVERTAKEN: "a newer message says it better",
        Verdict.WITHDRAWN: CAMPAIGN_STOPPED,
    }
)


class Marking:
    """Marks message by message; those that come at the same moment share a transaction."""

    def __init__(self, queue: Queue, clock: Clock, conduct: Conduct) -> None:
        self._queue = queue
        self._clock = clock
        self._how = conduct
        self._scribe = Scribe[Note, Verdict](queue.write, hurried=_in_a_hurry)

    def begin(self, note: Begin) -> Verdict:
        """Writes that a send begins; whether it may."""
        return self._write(lambda: self._scribe.ask(note))

    def done(self, note: Done) -> Future[None]:
        """Writes that the provider took it, no later than whatever this thread begins next.

        The future ends when it is written, or when that was given up: then another worker may send
        the message a second time.
        """
        written = Future[None]()
        self._scribe.tell(note, lambda error: self._told(note, error, written))
        return written

    def _told(self, note: Done, error: Exception | None, written: Future[None]) -> None:
        if error is None:
            written.set_result(None)
        else:
            # Not on the thread that writes: it goes on with what others bring.
            threading.Thread(target=self._insist, args=(note, written), name="insist").start()

    def _insist(self, note: Done, written: Future[None]) -> None:
        try:
            self._write(lambda: self._queue.write([note]))
        except Exception:  # noqa: BLE001  (whatever it is, the message has been sent)
            _log.exception("left to its lease, though it was sent", id=note.claimed.outgoing.id)
        written.set_result(None)

    def end(
        self, claimed: Claimed, status: Status, words: str, provider: str | None = None
    ) -> None:
        """It will not be sent."""
        self._write(lambda: self._queue.end(claimed, status, words, provider))

    def missed(self, claimed: Claimed, words: str) -> None:
        """A provider did not take it, and the next one is asked."""
        self._write(lambda: self._queue.missed(claimed, words))

    def again(self, claimed: Claimed, words: str, *, unsure: bool = False) -> None:
        """A failed attempt: to be tried again less and less often."""
        at = self._clock() + self.back_off(claimed)
        self._write(lambda: self._queue.later(claimed, at, words, counted=True, unsure=unsure))

    def unsettled(
        self, claimed: Claimed, until: datetime, words: str, *, counted: bool = False
    ) -> None:
        """A provider may have it: nothing is done before then, unless a receipt comes."""
        self._write(lambda: self._queue.unsettled(claimed, until, words, counted=counted))

    def put_off(self, claimed: Claimed, at: datetime, words: str, *, polite: bool = False) -> None:
        """Not now, and nobody is to blame; `polite`: it was our own wish to wait."""
        useless = claimed.outgoing.useless_after
        if useless is not None and at >= useless:
            self.end(claimed, Status.EXPIRED, words)
        elif not polite and at > claimed.due_at + self._how.patience:
            self.end(claimed, Status.FAILED, words)
        else:
            self._write(lambda: self._queue.later(claimed, at, words, counted=False, polite=polite))

    def held_back(self, claimed: Claimed, verdict: Verdict) -> None:
        """It may not go, or not today; what is in other hands is left to them."""
        if verdict is Verdict.ENOUGH:
            tomorrow = self._how.manners.another_day(claimed.outgoing.purpose, self._clock())
            self.put_off(claimed, tomorrow, "enough for today", polite=True)
        elif verdict is Verdict.HELD:
            self.put_off(claimed, self._clock() + WHILE_HELD, CAMPAIGN_PAUSED, polite=True)
        elif verdict in _WHY:
            self.end(claimed, Status.STOPPED, _WHY[verdict])

    def redirected(self, claimed: Claimed, words: str) -> bool:
        """Whether the message goes on to another address of the same person."""
        try:
            other = self._how.other_way(claimed.outgoing)
        except Exception as error:  # noqa: BLE001  (without another way it stays on this one)
            _log.warning("no other way", error=type(error).__name__)
            return False
        if other is None:
            return False
        self._write(lambda: self._queue.redirect(claimed, other, words))
        return True

    def refused(self, claimed: Claimed) -> None:
        """The person refused us at the provider: that holds here too."""
        self._write(lambda: self._how.opted_out(claimed.outgoing))

    def number_gone(self, claimed: Claimed) -> None:
        """The provider says that the number is nobody's by now, or somebody else's."""
        self._write(lambda: self._how.number_gone(claimed.outgoing))

    def back_off(self, claimed: Claimed) -> timedelta:
        """5, 10, 20 … seconds, at most 10 minutes; half of it by chance, to spread them."""
        seconds = min(600.0, 5.0 * 2 ** (claimed.attempt - 1))
        return timedelta(seconds=seconds * (0.5 + 0.5 * self._how.jitter()))

    def _write(self, write: Callable[[], T]) -> T:
        """Again and again while the store is away.

        A message that was sent and not marked may be sent a second time when its lease ends.
        """
        for pause in _PAUSES:
            try:
                return write()
            except Exception as error:  # noqa: BLE001  (whatever it is, the message has been sent)
                _log.warning("could not write what was sent", error=type(error).__name__)
                self._how.sleep(pause)
        return write()


def _in_a_hurry(note: Note) -> bool:
    return note.claimed.outgoing.lane is Lane.URGENT
