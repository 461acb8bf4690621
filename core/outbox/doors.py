"""Which providers are open: one in trouble is left alone, tried again with a few, then let back in.

The rules are plain functions over a `Door`; where doors are kept is somebody else's business, so
that all workers can see the same ones (`core.store.doors`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, Protocol

import structlog
from prometheus_client import Gauge

from core.clock import Clock

_log = structlog.get_logger("outbox")
_out = Gauge(
    "motcua_provider_out",
    "1 while a provider is left alone, as the worker says that noticed the last change",
    ["provider"],
)

CALM = 10.0
"""A provider that was well for so many times its last pause starts with a short one again."""


@dataclass(frozen=True, slots=True)
class ErrorBudget:
    """How much trouble is too much, and how a provider comes back; times in seconds.

    Out: at least `least` failures, and `share` of everything, within about `window`. Then nothing
    for `pause`, twice as long each time it fails again, at most `longest`. Then `trials` messages
    at a time; after `back_after` successes without a failure it is in again.
    """

    share: float = 0.5
    least: int = 5
    window: float = 30.0
    pause: float = 15.0
    longest: float = 300.0
    trials: int = 3
    trial_window: float = 15.0
    back_after: int = 10


@dataclass(frozen=True, slots=True)
class Door:
    """One provider's state; moments are seconds since 1970.

    `since` is when the counting began; `until` is when an "out" ends, `asked` until when the
    provider itself asked to be left alone.
    """

    state: Literal["in", "out", "trial"] = "in"
    since: float = 0.0
    until: float = 0.0
    asked: float = 0.0
    pause: float = 0.0
    good: float = 0.0
    bad: float = 0.0
    given: int = 0


def heard(door: Door, good: int, bad: int, now: float, budget: ErrorBudget) -> Door:
    """The door after so many sends that went well and so many that failed."""
    door = _awake(door, now)
    match door.state:
        case "out":
            return door  # what was on its way when it went out tells nothing new
        case "trial" if bad:
            return _closed(door, now, budget)
        case "trial":
            proven = door.good + good
            if proven >= budget.back_after:
                return replace(door, state="in", since=now, good=0.0, bad=0.0, given=0)
            return replace(door, good=proven, given=max(0, door.given - good))
    if now - door.since > budget.window:
        # Half of what was before counts on: a steady trickle of failures is trouble, too.
        calm = now - door.since > CALM * max(door.pause, budget.window)
        kept = 0.0 if calm else 0.5
        pause = 0.0 if now - door.until > CALM * max(door.pause, 1.0) else door.pause
        door = replace(door, since=now, good=door.good * kept, bad=door.bad * kept, pause=pause)
    door = replace(door, good=door.good + good, bad=door.bad + bad)
    over = door.bad >= budget.least and door.bad >= budget.share * (door.good + door.bad)
    return _closed(door, now, budget) if bad and over else door


def ask(door: Door, now: float, budget: ErrorBudget) -> tuple[Door, float]:
    """Whether one message may go: the door after that, and the moment until which it is shut (0: go)."""
    door = _awake(door, now)
    shut = shut_until(door, now, budget)
    if shut or door.state != "trial":
        return door, shut
    if now - door.since > budget.trial_window:
        # Those who were let through never told how it went: others try.
        return replace(door, since=now, given=1), 0.0
    return replace(door, given=door.given + 1), 0.0


def shut_until(door: Door, now: float, budget: ErrorBudget) -> float:
    """The moment until which nobody is let through; 0 when somebody would be."""
    door = _awake(door, now)
    until = door.until if door.state == "out" else 0.0
    if door.state == "trial" and door.given >= budget.trials:
        until = door.since + budget.trial_window
    until = max(until, door.asked)
    return until if until > now else 0.0


def _awake(door: Door, now: float) -> Door:
    """After its pause a door that was out is on trial."""
    if door.state == "out" and now >= door.until:
        return replace(door, state="trial", since=now, good=0.0, bad=0.0, given=0)
    return door


def _closed(door: Door, now: float, budget: ErrorBudget) -> Door:
    pause = min(budget.longest, 2 * door.pause) if door.pause else budget.pause
    return replace(
        door, state="out", since=now, until=now + pause, pause=pause, good=0.0, bad=0.0, given=0
    )


Change = Callable[[Door], Door]


class Doorkeeper(Protocol):
    """Keeps doors."""

    def read(self, provider: str) -> Door:
        """The door as it is."""

    def change(self, provider: str, change: Change) -> Door:
        """Changes it, one after the other whoever else does; the door after that."""


class OwnDoorkeeper:
    """Keeps the doors of one process."""

    def __init__(self) -> None:
        self._doors: dict[str, Door] = {}
        self._lock = threading.Lock()

    def read(self, provider: str) -> Door:
        return self._doors.get(provider, Door())

    def change(self, provider: str, change: Change) -> Door:
        with self._lock:
            door = self._doors[provider] = change(self._doors.get(provider, Door()))
            return door


@dataclass(slots=True)
class _Seen:
    """A door as it was a moment ago, and what went well there since."""

    door: Door
    at: float
    good: int = 0


@dataclass
class Doors:
    """What one worker knows about the providers. Thread-safe.

    What goes well is told every `every` seconds and not each time; failures are told at once.
    """

    clock: Clock
    keeper: Doorkeeper = field(default_factory=OwnDoorkeeper)
    budget: ErrorBudget = field(default_factory=ErrorBudget)
    every: float = 0.2
    _seen: dict[str, _Seen] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def may(self, provider: str) -> datetime | None:
        """None when one more message may go to this provider, else when to ask again."""
        now = self._now()
        shut = 0.0

        def change(door: Door) -> Door:
            nonlocal shut
            door, shut = ask(door, now, self.budget)
            return door

        seen = self._look(provider, now)
        if seen.state == "in":
            shut = shut_until(seen, now, self.budget)
        else:
            self._change(provider, change, now)
        return _moment(shut)

    def shut(self, provider: str) -> datetime | None:
        """Until when nobody is let through there, as far as this worker knows; takes no turn."""
        now = self._now()
        return _moment(shut_until(self._look(provider, now), now, self.budget))

    def went_well(self, provider: str) -> None:
        """A message was taken, or refused for reasons of its own."""
        now = self._now()
        with self._lock:
            seen = self._seen.get(provider)
            if seen is not None and seen.door.state == "in":
                if now - seen.at < self.every:
                    seen.good += 1
                    return
                seen.at = now  # one of many threads tells; the others count on
        self._tell(provider, 1, 0, now)

    def went_badly(self, provider: str) -> None:
        """A message was not taken, and the provider is to blame."""
        self._tell(provider, 0, 1, self._now())

    def close(self, provider: str, seconds: float) -> datetime:
        """The provider asked to be left alone for so long; when that is over."""
        now = self._now()
        until = now + seconds
        self._change(provider, lambda door: replace(door, asked=max(door.asked, until)), now)
        return datetime.fromtimestamp(until, UTC)

    def _tell(self, provider: str, good: int, bad: int, now: float) -> None:
        with self._lock:
            seen = self._seen.get(provider)
            if seen is not None:
                good, seen.good = good + seen.good, 0
        self._change(provider, lambda door: heard(door, good, bad, now, self.budget), now)

    def _look(self, provider: str, now: float) -> Door:
        with self._lock:
            seen = self._seen.get(provider)
            if seen is not None and now - seen.at < self.every:
                return seen.door
            good = 0
            if seen is not None:
                good, seen.at = seen.good, now  # one of many threads asks
        if good:
            self._tell(provider, 0, 0, now)
            return self._seen[provider].door
        return self._note(provider, self.keeper.read(provider), now)

    def _change(self, provider: str, change: Change, now: float) -> None:
        self._note(provider, self.keeper.change(provider, change), now)

    def _note(self, provider: str, door: Door, now: float) -> Door:
        with self._lock:
            before = self._seen.get(provider)
            self._seen[provider] = _Seen(door, now, 0 if before is None else before.good)
        state = "in" if before is None else before.door.state
        if state != door.state and "in" in (state, door.state):
            _out.labels(provider).set(door.state != "in")
            if door.state == "in":
                _log.info("provider_back", provider=provider)
            else:
                _log.error("provider_out", provider=provider, seconds=door.pause)
        return door

    def _now(self) -> float:
        return self.clock().timestamp()


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
