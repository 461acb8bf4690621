"""Sends what is due: claims it, hands it to a provider outside any transaction, marks each one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from core.errors import SendError, SendLater, SendNever
from core.outbox.hands import Hands
from core.outbox.outgoing import Outgoing, Status
from core.outbox.ports import Claimed, Queue, Sender, Sent

_log = structlog.get_logger()

ATTEMPTS = 10
"""Failed attempts after which a message is given up: about half an hour of a provider in trouble."""

PATIENCE = timedelta(days=2)
"""A message that providers only ever put off is given up after this."""

_MARK_PAUSES = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)


class Dispatcher:
    """Carries each message to a provider that serves its network and channel.

    Providers are tried in the order given. One that asks to wait is left alone for that long and
    the next one is asked; after a failed attempt the message starts with the next one.
    """

    def __init__(
        self,
        queue: Queue,
        senders: Sequence[Sender],
        clock: Clock,
        *,
        opted_out: Callable[[Outgoing], None] = lambda _: None,
        attempts: int = ATTEMPTS,
        patience: timedelta = PATIENCE,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._queue = queue
        self._senders = tuple(senders)
        self._clock = clock
        self._opted_out = opted_out
        self._attempts = attempts
        self._patience = patience
        self._jitter = jitter
        self._sleep = sleep
        self._closed_until: dict[str, datetime] = {}
        self._doors = threading.Lock()

    def hands(self, *, count: int, lease: timedelta) -> Hands[Claimed]:
        """Threads that do this dispatcher's work."""
        return Hands(
            "outbox",
            count=count,
            lease=lease,
            claim=self._queue.claim,
            do=self.carry,
            renew=self._queue.renew,
        )

    def carry(self, claimed: Claimed) -> None:
        """Sends one message, and writes down what came of it."""
        message, now = claimed.outgoing, self._clock()
        if message.useless_after is not None and message.useless_after <= now:
            self._mark(self._end, claimed, Status.EXPIRED, "too late to be of use", None)
        elif claimed.attempt > self._attempts:
            words = f"given up after {self._attempts} attempts"
            self._mark(self._end, claimed, Status.FAILED, words, None)
        elif not (senders := self._serving(claimed)):
            words = f"no provider for {message.address.network}, {message.channel}"
            self._mark(self._end, claimed, Status.FAILED, words, None)
        else:
            self._try(claimed, senders, now)

    def _try(self, claimed: Claimed, senders: Sequence[Sender], now: datetime) -> None:
        opens: list[tuple[datetime, str]] = []
        for sender in senders:
            closed = self._closed(sender.provider, now)
            if closed is not None:
                opens.append((closed, "waiting, as the provider asked"))
                continue
            try:
                sent = self._send(sender, claimed.outgoing)
            except SendLater as error:
                if error.after is None:
                    self._again(claimed, sender.provider, error)
                    return
                # A provider that says when is not in trouble: it counts as no attempt.
                opens.append((self._opens(sender.provider, error, error.after), error.words))
            except SendNever as error:
                self._never(claimed, sender.provider, error)
                return
            else:
                self._mark(self._queue.sent, claimed, sender.provider, sent)
                return
        at, words = min(opens)
        self._put_off(claimed, at, words)

    def _send(self, sender: Sender, message: Outgoing) -> Sent:
        try:
            return sender.send(message)
        except SendError:
            raise
        except Exception as error:
            kind = type(error).__name__
            _log.exception("provider broke", provider=sender.provider, id=message.id)
            raise SendLater(f"our own mistake ({kind})") from error

    def _again(self, claimed: Claimed, provider: str, error: SendLater) -> None:
        """After 5, 10, 20 … seconds, at most 10 minutes; half of it by chance, to spread them."""
        if claimed.attempt >= self._attempts:
            self._mark(self._end, claimed, Status.FAILED, error.words, provider)
            return
        seconds = min(600.0, 5.0 * 2 ** (claimed.attempt - 1)) * (0.5 + 0.5 * self._jitter())
        at = self._clock() + timedelta(seconds=seconds)
        self._mark(self._later, claimed, at, error.words, True)

    def _put_off(self, claimed: Claimed, at: datetime, words: str) -> None:
        if at > claimed.created_at + self._patience:
            self._mark(self._end, claimed, Status.FAILED, words, None)
        else:
            self._mark(self._later, claimed, at, words, False)

    def _never(self, claimed: Claimed, provider: str, error: SendNever) -> None:
        self._mark(self._end, claimed, Status.FAILED, error.words, provider)
        if error.opted_out:
            self._mark(self._opted_out, claimed.outgoing)

    def _serving(self, claimed: Claimed) -> Sequence[Sender]:
        """Who could carry it, beginning with somebody else after each failed attempt."""
        message = claimed.outgoing
        wanted = (message.address.network, message.channel)
        serving = [sender for sender in self._senders if wanted in sender.serves]
        first = (claimed.attempt - 1) % len(serving) if serving else 0
        return (*serving[first:], *serving[:first])

    def _closed(self, provider: str, now: datetime) -> datetime | None:
        with self._doors:
            until = self._closed_until.get(provider)
            return until if until is not None and until > now else None

    def _opens(self, provider: str, error: SendLater, seconds: float) -> datetime:
        """When to try again; until then the provider is left alone, unless others may go."""
        until = self._clock() + timedelta(seconds=seconds)
        if error.one_address:
            return until
        with self._doors:
            self._closed_until[provider] = max(until, self._closed_until.get(provider, until))
        return until

    def _later(self, claimed: Claimed, at: datetime, words: str, counted: bool) -> None:
        self._queue.later(claimed, at, words, counted=counted)

    def _end(self, claimed: Claimed, status: Status, words: str, provider: str | None) -> None:
        self._queue.end(claimed, status, words, provider)

    def _mark(self, write: Callable[..., None], *what: object) -> None:
        """Writes what happened, again and again while the store is away.

        A message that was sent and not marked is sent a second time when its lease ends.
        """
        for pause in _MARK_PAUSES:
            try:
                return write(*what)
            except Exception as error:  # noqa: BLE001  (whatever it is, the message has been sent)
                _log.warning("could not write what was sent", error=type(error).__name__)
                self._sleep(pause)
        return write(*what)
