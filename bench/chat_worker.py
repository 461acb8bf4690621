"""The gateway's worker without the networks' limits, which would be all that a bench could see.

Telegram lets a bot send 30 messages a second, and one a second to a chat; Zalo at most 4,000 a
minute. Everything else is the worker of `python -m gateway worker`.
"""

from __future__ import annotations

from core.outbox.budget import Rate
from core.store.budget import RedisBudget
from gateway import senders, worker_process
from gateway.wiring import House

ROOMY = Rate(100_000.0, 100_000)


def _no_limit(house: House, name: str, most: int) -> RedisBudget:
    return RedisBudget(house.redis, name, ROOMY, ROOMY)


if __name__ == "__main__":
    for name in ("OVERALL", "ONE_CHAT"):
        setattr(senders, name, ROOMY)
    senders._by_the_minute = _no_limit
    worker_process.command.main(args=[])
