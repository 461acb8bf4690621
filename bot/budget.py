"""How many messages a network lets us send: so many a second in all, and so many to one chat.

A token bucket without a counter (the generic cell rate algorithm): all that is kept of a bucket is
the moment at which it will be full again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, cast

import redis


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second on the long run, and so many at once after a rest."""

    per_second: float
    at_once: int


OVERALL: Final = Rate(30.0, 30)
"""Telegram: about 30 messages a second to all chats together."""

ONE_CHAT: Final = Rate(1.0, 3)
"""Telegram: one message a second to one chat, short bursts allowed."""


class Budget(Protocol):
    """What may still be sent; shared by everybody who sends for the same bot."""

    def take(self, chat: str) -> float:
        """0 when a message to this chat may go (and is counted), else the seconds to wait first."""

    def pause(self, chat: str, seconds: float) -> None:
        """The network wants no message to this chat for so long."""


class OwnBudget:
    """A budget of one process alone."""

    def __init__(
        self,
        overall: Rate = OVERALL,
        one_chat: Rate = ONE_CHAT,
        *,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = (overall, one_chat)
        self._tick = tick
        self._lock = threading.Lock()
        self._full: dict[str, float] = {}

    def take(self, chat: str) -> float:
        with self._lock:
            now = self._tick()
            buckets = list(zip(("", chat), self._rates, strict=True))
            full = [max(self._full.get(name, now), now) for name, _ in buckets]
            wait = max(
                moment - (rate.at_once - 1) / rate.per_second - now
                for moment, (_, rate) in zip(full, buckets, strict=True)
            )
            if wait > 0:
                return wait
            for moment, (name, rate) in zip(full, buckets, strict=True):
                self._full[name] = moment + 1 / rate.per_second
            self._forget_full(now)
            return 0.0

    def pause(self, chat: str, seconds: float) -> None:
        rate = self._rates[1]
        with self._lock:
            until = self._tick() + seconds + (rate.at_once - 1) / rate.per_second
            self._full[chat] = max(self._full.get(chat, until), until)

    def _forget_full(self, now: float) -> None:
        if len(self._full) > 10_000:
            self._full = {name: moment for name, moment in self._full.items() if moment > now}


# Keys: a bucket each. Arguments: seconds per message and messages at once, for each bucket.
# Redis's own clock, so that it does not matter whose clock is wrong.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local wait, full = 0, {}
for i = 1, #KEYS do
  local each, at_once = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local moment = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now)
  wait = math.max(wait, moment - each * (at_once - 1) - now)
  full[i] = moment + each
end
if wait > 0 then return string.format('%.6f', wait) end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.6f', full[i]),
             'PX', math.ceil((full[i] - now) * 1000) + 1)
end
return '0'
"""

_PAUSE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local until_full = now + ARGV[1] + ARGV[2]
if until_full > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.6f', until_full),
             'PX', math.ceil((until_full - now) * 1000) + 1)
end
"""


class RedisBudget:
    """A budget shared by all workers. `chat` must be blind already: it becomes part of a key."""

    def __init__(
        self,
        client: redis.Redis,
        name: str,
        overall: Rate = OVERALL,
        one_chat: Rate = ONE_CHAT,
    ) -> None:
        self._name = f"budget:{name}:"
        self._one_chat = one_chat
        self._arguments = [
            str(number)
            for rate in (overall, one_chat)
            for number in (1 / rate.per_second, rate.at_once)
        ]
        self._take = client.register_script(_TAKE)
        self._pause = client.register_script(_PAUSE)

    def take(self, chat: str) -> float:
        keys = [self._name, self._name + chat]
        return float(cast("bytes | str", self._take(keys=keys, args=self._arguments)))

    def pause(self, chat: str, seconds: float) -> None:
        rate = self._one_chat
        self._pause(
            keys=[self._name + chat],
            args=[str(seconds), str((rate.at_once - 1) / rate.per_second)],
        )
