"""A rate budget in Redis: all workers together send no more than a provider allows.

While Redis is away each worker counts for itself.
"""

from __future__ import annotations

from typing import Final, cast

import redis
import structlog

from core.outbox.budget import OwnBudget, Rate, share_of
from core.outbox.outgoing import Lane

# Keys: a bucket each. Arguments: the patience in seconds; then, for each bucket, seconds per
# message and messages at once. Redis's own clock, so that it does not matter whose clock is wrong.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local wait, full = 0, {}
for i = 1, #KEYS do
  local each, at_once = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local moment = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now)
  wait = math.max(wait, moment - each * (at_once - 1) - now)
  full[i] = moment + each
end
if wait <= tonumber(ARGV[1]) then
  for i = 1, #KEYS do
    redis.call('SET', KEYS[i], string.format('%.6f', full[i]),
               'PX', math.ceil((full[i] - now) * 1000) + 1)
  end
end
return string.format('%.6f', wait)
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


_log = structlog.get_logger("outbox")


class RedisBudget:
    """A budget shared by all workers. `chat` must be blind already: it becomes part of a key."""

    def __init__(
        self,
        client: redis.Redis,
        name: str,
        overall: Rate,
        one_chat: Rate | None = None,
    ) -> None:
        self._name = f"budget:{name}:"
        self._overall = overall
        self._one_chat = one_chat
        self._own = OwnBudget(overall, one_chat)
        self._take = client.register_script(_TAKE)
        self._pause = client.register_script(_PAUSE)

    def take(self, chat: str = "", *, lane: Lane = Lane.URGENT, patience: float = 0.0) -> float:
        keys, rates = [self._name], [share_of(self._overall, lane)]
        if self._one_chat is not None and chat:
            keys.append(self._name + chat)
            rates.append(self._one_chat)
        numbers = [number for rate in rates for number in (1 / rate.per_second, rate.at_once)]
        arguments = [str(patience), *map(str, numbers)]
        try:
            return float(cast("bytes | str", self._take(keys=keys, args=arguments)))
        except redis.RedisError as error:
            _log.warning("budget_kept_here", error=type(error).__name__)
            return self._own.take(chat, lane=lane, patience=patience)

    def pause(self, chat: str, seconds: float) -> None:
        rate = self._one_chat or self._overall
        self._own.pause(chat, seconds)
        try:
            self._pause(
                keys=[self._name + chat],
                args=[str(seconds), str((rate.at_once - 1) / rate.per_second)],
            )
        except redis.RedisError as error:
            _log.warning("budget_kept_here", error=type(error).__name__)
