"""How many messages a provider lets us send: so many a second in all, and so many to one address.

A token bucket without a counter (the generic cell rate algorithm): all that is kept of a bucket is
the moment at which it will be full again. `core.store.budget` keeps it for all workers together.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from core.outbox.outgoing import Lane


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second on the long run, and so many at once after a rest."""

    per_second: float
    at_once: int


SHARES: Final = MappingProxyType({Lane.URGENT: 1.0, Lane.NORMAL: 0.75, Lane.BULK: 0.5})
"""How much of what may go at once a lane uses up: whoever is in a hurry always finds some left."""


def share_of(rate: Rate, lane: Lane) -> Rate:
    """The same rate, as this lane may use it."""
    return Rate(rate.per_second, max(1, int(rate.at_once * SHARES[lane])))


_WRITTEN: Final = re.compile(r"([a-z][a-z0-9_-]*)\s+(\d+(?:\.\d+)?)/s(?:\s+(\d+))?")


def read_rates(written: str) -> dict[str, Rate]:
    """`kannel 50/s, twilio 1/s 5`: rates by provider; at once as many as in a second, or as said.

    Raises ValueError.
    """
    rates = {}
    for part in (one.strip() for one in written.split(",") if one.strip()):
        found = _WRITTEN.fullmatch(part)
        if found is None or float(found[2]) <= 0 or found[3] == "0":
            raise ValueError("each rate is a provider and messages a second: kannel 50/s")
        each = float(found[2])
        rates[found[1]] = Rate(each, int(found[3] or max(1, int(each))))
    return rates


class Budget(Protocol):
    """What may still be sent; shared by everybody who sends through the same account."""

    def take(self, chat: str = "", *, lane: Lane = Lane.URGENT, patience: float = 0.0) -> float:
        """Seconds to wait before one message may go; without `chat` only the whole is counted.

        Up to `patience` seconds (0: at once) its place is kept, and it must be sent then; for a
        longer wait nothing is counted, and one must ask again.
        """

    def pause(self, chat: str, seconds: float) -> None:
        """The network wants no message to this chat for so long."""


class OwnBudget:
    """A budget of one process alone."""

    def __init__(
        self,
        overall: Rate,
        one_chat: Rate | None = None,
        *,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._overall = overall
        self._one_chat = one_chat
        self._tick = tick
        self._lock = threading.Lock()
        self._full: dict[str, float] = {}

    def take(self, chat: str = "", *, lane: Lane = Lane.URGENT, patience: float = 0.0) -> float:
        with self._lock:
            now = self._tick()
            buckets = [("", share_of(self._overall, lane))]
            if self._one_chat is not None and chat:
                buckets.append((chat, self._one_chat))
            full = [max(self._full.get(name, now), now) for name, _ in buckets]
            wait = max(
                moment - (rate.at_once - 1) / rate.per_second - now
                for moment, (_, rate) in zip(full, buckets, strict=True)
            )
            if wait > patience:
                return wait
            for moment, (name, rate) in zip(full, buckets, strict=True):
                self._full[name] = moment + 1 / rate.per_second
            self._forget_full(now)
            return max(wait, 0.0)

    def pause(self, chat: str, seconds: float) -> None:
        rate = self._one_chat or self._overall
        with self._lock:
            until = self._tick() + seconds + (rate.at_once - 1) / rate.per_second
            self._full[chat] = max(self._full.get(chat, until), until)

    def _forget_full(self, now: float) -> None:
        if len(self._full) > 10_000:
            self._full = {name: moment for name, moment in self._full.items() if moment > now}
