"""Sends what is due: claims it, hands it to a provider outside any transaction, marks each one."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, get_args

import structlog
from prometheus_client import Counter

from core.clock import Clock
from core.errors import SendError, SendLater, SendNever
from core.message import Network
from core.outbox.conduct import Conduct
from core.outbox.doors import Doors
from core.outbox.doubts import Doubts
from core.outbox.hands import Hands
from core.outbox.marking import Marking
from core.outbox.outgoing import Lane, Outgoing, Status
from core.outbox.ports import Begin, Claimed, Done, Places, Queue, Sender, Sent, Verdict
from core.outbox.routes import Way, pieces

_log = structlog.get_logger("outbox")
_sends = Counter(
    "motcua_sends", "Messages given to providers, by how that ended", ["provider", "outcome"]
)

LONGEST_NAP: Final = 1.0
"""Seconds a hand waits for our own rate; longer waits are left to the queue."""

REST: Final = timedelta(seconds=1)
"""Where everything must wait, nothing more is claimed for at most so long."""

ANOTHER_WAY: Final = timedelta(seconds=30)
"""When nobody carries a message for so long to come, the person's other address is tried."""

ATTEMPTS_ONE_WAY: Final = 3
"""After so many failed attempts, too."""

_SHUT: Final = "waiting, as the provider asked"
_OUR_RATE: Final = "our own rate"
_NETWORKS: Final[tuple[Network, ...]] = get_args(Network)


@dataclass(slots=True)
class _Tried:
    """What the ways said so far."""

    waits: list[tuple[datetime, str]] = field(default_factory=list)
    failed: SendLater | None = None
    provider: str | None = None
    open: str | None = None
    """The words of the last refusal, while they are not written down."""
    asked: bool = False
    done: Future[None] | None = None
    """It was taken; this ends when that is written down."""


class Dispatcher:
    """Carries each message to a provider that serves its network and channel, the preferred first.

    One that did not take it is followed by the next one at once; one that may have taken it is
    not: then the receipt is waited for, or the purpose decides whether it is sent again.
    """

    def __init__(
        self, queue: Queue, senders: Sequence[Sender], clock: Clock, conduct: Conduct | None = None
    ) -> None:
        self._queue = queue
        self._senders = tuple(senders)
        self._clock = clock
        self._how = conduct or Conduct()
        self._doors = self._how.doors or Doors(clock)
        self._mark = Marking(queue, clock, self._how)
        self._doubts = Doubts(self._senders, clock, self._how, self._doors, self._mark)
        self._resting: dict[tuple[Network, Lane], datetime] = {}
        self._rests = threading.Lock()

    def hands(
        self, *, count: int, lease: timedelta, lanes: Collection[Lane] = tuple(Lane)
    ) -> Hands[Claimed]:
        """Threads that do this dispatcher's work, or that of some lanes."""
        return Hands(
            "outbox" if set(lanes) == set(Lane) else f"outbox-{'-'.join(lanes)}",
            count=count,
            lease=lease,
            claim=lambda limit: self._queue.claim(limit, self._places(lanes)),
            do=self.carry,
            renew=self._queue.renew,
        )

    def carry(self, claimed: Claimed) -> Future[None] | None:
        """Sends one message, and writes down what came of it.

        A future ends when it is written that a provider took it; None: nothing is left to write.
        """
        message, now = claimed.outgoing, self._clock()
        ways: Sequence[Way] | None = self._ways(claimed)
        if claimed.doubt is not None:
            ways = self._doubts.ways_left(claimed, ways or (), now)
            if ways is None:
                return None
        decent = self._how.manners.decent(message.purpose, now)
        if message.useless_after is not None and message.useless_after <= now:
            self._mark.end(claimed, Status.EXPIRED, "too late to be of use")
        elif claimed.attempt > self._how.attempts:
            words = f"given up after {self._how.attempts} attempts"
            self._mark.end(claimed, Status.FAILED, words)
        elif decent > now:
            self._mark.put_off(claimed, decent, "not at this hour", polite=True)
        elif not ways:
            words = f"no provider for {message.address.network}, {message.channel}"
            if not self._mark.redirected(claimed, words):
                self._mark.end(claimed, Status.FAILED, words)
        else:
            return self._try(claimed, ways)
        return None

    # Trying one way after the other

    def _try(self, claimed: Claimed, ways: Sequence[Way]) -> Future[None] | None:
        tried = _Tried()
        for number, way in enumerate(ways, 1):
            shut = self._shut(claimed, way)
            if shut is not None:
                tried.waits.append(shut)
                if shut[1] == _OUR_RATE and claimed.outgoing.lane is not Lane.URGENT:
                    break  # who is not in a hurry waits for the better way
                continue
            if tried.open is not None:
                self._mark.missed(claimed, tried.open)
            verdict = self._mark.begin(self._begin(claimed, number, way))
            if verdict is not Verdict.GO:
                self._mark.held_back(claimed, verdict)
                return None
            if self._sent(claimed, way, tried):
                return tried.done
        self._wait(claimed, tried)
        return None

    def _shut(self, claimed: Claimed, way: Way) -> tuple[datetime, str] | None:
        """Until when, and why, this provider may be given nothing; naps when that is soon over."""
        provider = way.sender.provider
        shut = self._doors.may(provider)
        if shut is not None:
            return shut, _SHUT
        budget = self._how.budgets.get(provider)
        if budget is None:
            return None
        wait = budget.take(lane=claimed.outgoing.lane, patience=LONGEST_NAP)
        if wait > LONGEST_NAP:
            return self._clock() + timedelta(seconds=wait), _OUR_RATE
        if wait > 0:
            self._how.sleep(wait)
        return None

    def _begin(self, claimed: Claimed, number: int, way: Way) -> Begin:
        purpose, manners = claimed.outgoing.purpose, self._how.manners
        parts = pieces(claimed.outgoing)
        return Begin(
            claimed,
            number,
            way.sender.provider,
            segments=parts,
            cost=way.cost(parts),
            daily=manners.daily(purpose, self._clock()),
            consent=manners.consents.get(purpose),
        )

    def _sent(self, claimed: Claimed, way: Way, tried: _Tried) -> bool:
        """Gives it to this provider; False when the next one may be asked at once."""
        provider = way.sender.provider
        tried.asked = True
        try:
            sent = self._send(way.sender, claimed.outgoing)
        except SendLater as error:
            _sends.labels(provider, "unsure" if error.unsure else "later").inc()
            return self._not_taken(claimed, way.sender, error, tried)
        except SendNever as error:
            _sends.labels(provider, "never").inc()
            self._doors.went_well(provider)
            if error.opted_out:
                self._mark.refused(claimed)
            if error.gone:
                self._mark.number_gone(claimed)
            if not self._mark.redirected(claimed, error.words):
                self._mark.end(claimed, Status.FAILED, error.words, provider)
            return True
        _sends.labels(provider, "sent").inc()
        self._doors.went_well(provider)
        parts = pieces(claimed.outgoing) if sent.segments is None else sent.segments
        taken = Sent(sent.provider_ref, parts)
        tried.done = self._mark.done(Done(claimed, provider, taken, way.cost(parts)))
        return True

    def _not_taken(self, claimed: Claimed, sender: Sender, error: SendLater, tried: _Tried) -> bool:
        if error.after is None and not error.elsewhere:
            self._doors.went_badly(sender.provider)
        if error.unsure:
            self._doubts.unsure(claimed, sender, error)
            return True
        tried.open = error.words
        if error.after is not None:
            # A provider that says when is not in trouble: it counts as no attempt.
            tried.waits.append((self._opens(sender.provider, error, error.after), error.words))
        else:
            tried.failed, tried.provider = error, sender.provider
        return False

    def _send(self, sender: Sender, message: Outgoing) -> Sent:
        try:
            return sender.send(message)
        except SendError:
            raise
        except Exception as error:
            kind = type(error).__name__
            _log.exception("provider broke", provider=sender.provider, id=message.id)
            raise SendLater(f"our own mistake ({kind})") from error

    def _opens(self, provider: str, error: SendLater, seconds: float) -> datetime:
        """When to try again; until then the provider is left alone, unless others may go."""
        if error.one_address:
            return self._clock() + timedelta(seconds=seconds)
        return self._doors.close(provider, seconds)

    def _wait(self, claimed: Claimed, tried: _Tried) -> None:
        """No way was open, or none of them took it."""
        if tried.failed is None:
            until, words = min(tried.waits)
            if not tried.asked:
                self._rest(claimed, until)
            far = until > self._clock() + ANOTHER_WAY
            if not (far and self._mark.redirected(claimed, words)):
                self._mark.put_off(claimed, until, words)
            return
        words = tried.failed.words
        if claimed.attempt >= ATTEMPTS_ONE_WAY and self._mark.redirected(claimed, words):
            return
        if claimed.attempt >= self._how.attempts:
            self._mark.end(claimed, Status.FAILED, words, tried.provider)
        else:
            self._mark.again(claimed, words)

    # Who and where

    def _ways(self, claimed: Claimed) -> Sequence[Way]:
        """Who could carry it, beginning with somebody else after each failed attempt."""
        ways = self._how.routes.ways(claimed.outgoing, self._senders)
        first = (claimed.attempt - 1) % len(ways) if ways else 0
        return (*ways[first:], *ways[:first])

    def _places(self, lanes: Collection[Lane]) -> Places:
        """All networks, but for those where the last message of that lane had to wait."""
        now = self._clock()
        with self._rests:
            self._resting = {place: end for place, end in self._resting.items() if end > now}
            resting = set(self._resting)
        return {lane: [one for one in _NETWORKS if (one, lane) not in resting] for lane in lanes}

    def _rest(self, claimed: Claimed, until: datetime) -> None:
        place = (claimed.outgoing.address.network, claimed.outgoing.lane)
        with self._rests:
            self._resting[place] = min(until, self._clock() + REST)
