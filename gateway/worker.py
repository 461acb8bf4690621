"""The worker process: handles what came in, sends what goes out, finishes what took too long.

Everything it takes in hand is leased from PostgreSQL: a worker may be killed at any moment, and
another one goes on with its work within a minute. A second machine is one more worker.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import Protocol

import psycopg
import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from core.clock import Clock, Deadline
from core.clock import now as wall_clock
from core.outbox.conduct import Conduct
from core.outbox.dispatcher import Dispatcher
from core.outbox.hands import Hands
from core.outbox.outgoing import Lane, Outgoing
from core.outbox.ports import Sender
from core.records import Waiting
from core.store import deferred as deferred_module
from core.store import inbox as inbox_module
from core.store import outbox as outbox_module
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.upkeep import Upkeep
from gateway.jobs import Jobs
from gateway.kept_calls import KeptCalls, KeptHandler

_log = structlog.get_logger()

POLL_SECONDS = 1.0
TURN_SECONDS = 0.02
"""So long one thread may keep Python to itself. Dozens wait for it at any moment, and each looks
whether that time is over as often: after shorter times more was spent on looking than was gained."""
BEAT_SECONDS = 5.0
"""How often the worker says that it lives; `core.store.upkeep` says when it does not."""
OUTAGE = timedelta(minutes=30)
"""For so long a message waits for a server to come back; later, its answer would surprise."""

Handler = Callable[[Waiting], Sequence[Outgoing]]
"""Handles one message that came in; what it returns is sent."""


class Stepping(Protocol):
    """Hands, whatever they work on."""

    name: str

    def step(self) -> int: ...
    def wait_for_room(self, seconds: float) -> bool: ...
    def stop(self, seconds: float) -> bool: ...


@dataclass
class Worker:
    """Runs until it is told to stop. `handlers` are by provider, as named in the inbox."""

    database: Database
    inbox: Inbox
    outbox: Outbox
    deferred: Deferred
    upkeep: Upkeep
    handlers: Mapping[str, Handler]
    senders: Sequence[Sender]
    deferred_handler: KeptHandler
    give_up: KeptHandler = lambda _: ()
    conduct: Conduct = field(default_factory=Conduct)
    watch: Callable[[], None] = lambda: None
    feed: Callable[[], object] = lambda: None
    """Gives the outbox the next slice of every campaign."""
    tell: Callable[[], object] = lambda: None
    sorry: Handler = lambda _: ()
    """What to send when a message could not be handled, whatever was tried."""
    clock: Clock = wall_clock
    inbox_hands: int = 4
    outbox_hands: int = 16
    urgent_hands: int = 4
    """These send only what is urgent: a slow provider must not keep every hand busy."""
    kept_hands: int = 4
    stop_seconds: float = 8.0
    name: str = field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    )
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)
    _inbox_call: threading.Event = field(default_factory=threading.Event, init=False)
    _outbox_call: threading.Event = field(default_factory=threading.Event, init=False)
    _urgent_call: threading.Event = field(default_factory=threading.Event, init=False)
    _kept_call: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self, *, signals: bool = True) -> None:
        """Works until `stop` or, with `signals`, SIGTERM or SIGINT; finishes what is in hand."""
        sys.setswitchinterval(TURN_SECONDS)
        if signals:
            signal.signal(signal.SIGTERM, self._on_signal)
            signal.signal(signal.SIGINT, self._on_signal)
        dispatcher = Dispatcher(self.outbox, self.senders, self.clock, self.conduct)
        carriers = dispatcher.hands(count=self.outbox_hands, lease=self.outbox.lease)
        runners = dispatcher.hands(
            count=self.urgent_hands, lease=self.outbox.lease, lanes=(Lane.URGENT,)
        )
        readers = Hands[Waiting](
            "inbox",
            count=self.inbox_hands,
            lease=self.inbox.lease,
            claim=self.inbox.claim,
            do=self.handle,
            renew=self.inbox.renew,
        )
        kept = KeptCalls(
            self.database, self.deferred, self.outbox, self.deferred_handler, self.give_up
        ).hands(self.kept_hands)
        jobs = Jobs(self.database, self.upkeep, self.watch, self.tell, self.feed)
        threads = [
            threading.Thread(target=self._work, args=(readers, self._inbox_call), name="readers"),
            threading.Thread(
                target=self._work, args=(carriers, self._outbox_call), name="carriers"
            ),
            threading.Thread(target=self._work, args=(runners, self._urgent_call), name="runners"),
            threading.Thread(target=self._work, args=(kept, self._kept_call), name="kept"),
            threading.Thread(target=self._listen, name="listener"),
            threading.Thread(
                target=jobs.run, args=(self._stopping, self.stop_seconds), name="jobs"
            ),
        ]
        for thread in threads:
            thread.start()
        _log.info("worker started", worker=self.name)
        self._live()
        end = Deadline.after(self.stop_seconds + 2)
        for thread in threads:
            thread.join(end.left())
        _log.info("worker stopped", worker=self.name)

    def stop(self) -> None:
        """Ends `run` from another thread, within seconds."""
        self._stopping.set()
        self._inbox_call.set()
        self._outbox_call.set()
        self._urgent_call.set()
        self._kept_call.set()

    def handle(self, waiting: Waiting) -> None:
        """Handles one message that came in: what comes of it is committed with its being done."""
        handler = self.handlers.get(waiting.provider)
        try:
            if handler is None:
                raise LookupError(f"no handler for {waiting.provider}")
            messages = handler(waiting)
        except Exception as error:  # noqa: BLE001  (whatever a message does, others must pass by it)
            self._failed(waiting, error)
            return
        with self.database.begin() as connection:
            for message in messages:
                self.outbox.put(connection, message)
            if not self.inbox.done(connection, waiting):
                # Somebody else has it by now: what they make of it counts.
                connection.rollback()

    def _failed(self, waiting: Waiting, error: Exception) -> None:
        """To be tried again; after the last attempt the person is told, so that nobody waits."""
        age = self.clock() - waiting.received_at
        outage = is_outage(error) and age < OUTAGE
        seconds = age.total_seconds() / 4 if outage else 0.5 * 2 ** (waiting.attempt - 1)
        pause = timedelta(seconds=min(30.0, max(0.5, seconds)))
        last = self.inbox.failed(waiting, after=pause, counted=not outage)
        _log.warning(
            "message failed" if last else "message will be tried again",
            provider=waiting.provider,
            inbox=waiting.id,
            error=type(error).__name__,
            exc_info=error if last else None,
        )
        if last:
            with self.database.begin() as connection:
                for message in self.sorry(waiting):
                    self.outbox.put(connection, message)

    def _work(self, hands: Stepping, call: threading.Event) -> None:
        outage = Outage(hands.name)
        while not self._stopping.is_set():
            try:
                call.clear()
                took = hands.step()
            except Exception as error:  # noqa: BLE001  (the store is away: wait for it to come back)
                self._stopping.wait(outage.began(error))
                continue
            outage.over()
            if not (took and hands.wait_for_room(POLL_SECONDS)):
                call.wait(POLL_SECONDS)
        if not hands.stop(self.stop_seconds):
            _log.warning("stopped with work in hand", hands=hands.name)

    def _listen(self) -> None:
        """Wakes the hands when PostgreSQL says that there is something to do."""
        calls = {
            inbox_module.CHANNEL: (self._inbox_call,),
            outbox_module.CHANNEL: (self._outbox_call, self._urgent_call),
            deferred_module.CHANNEL: (self._kept_call,),
        }
        outage = Outage("listener")
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    self.database.libpq_url, autocommit=True, connect_timeout=5
                ) as connection:
                    for channel in calls:
                        connection.execute(f"LISTEN {channel}".encode())
                    outage.over()
                    while not self._stopping.is_set():
                        for notice in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                            for call in calls[notice.channel]:
                                call.set()
            except psycopg.Error as error:
                self._stopping.wait(outage.began(error))

    def _live(self) -> None:
        outage = Outage("heartbeat")
        while not self._stopping.is_set():
            try:
                self.upkeep.beat(self.name)
                outage.over()
            except Exception as error:  # noqa: BLE001  (without PostgreSQL there is nothing to tell)
                outage.began(error)
            self._stopping.wait(BEAT_SECONDS)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Not here: the signal may have come while this very thread held one of the events' locks.
        threading.Thread(target=self.stop, name="stop").start()


def is_outage(error: Exception) -> bool:
    """Whether a server was away, so that the message itself is not to blame."""
    return isinstance(error, RedisError | OperationalError) or bool(getattr(error, "retry", False))


class Outage:
    """PostgreSQL is away: one line when it goes and one when it is back, waiting longer each time."""

    def __init__(self, name: str, *, tick: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._tick = tick
        self._since: float | None = None
        self._pause = 0.1

    def began(self, error: Exception) -> float:
        """Seconds to wait before the next try."""
        if self._since is None:
            self._since = self._tick()
            self._pause = 0.1
            _log.warning("trouble", part=self._name, error=type(error).__name__)
        self._pause = min(self._pause * 2, 5.0)
        return self._pause

    def over(self) -> None:
        """It works (again)."""
        if self._since is not None:
            lasted = round(self._tick() - self._since, 1)
            _log.info("trouble over", part=self._name, seconds=lasted)
        self._since = None
