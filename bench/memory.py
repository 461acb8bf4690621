"""How much memory sessions take in Valkey."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from redis import Redis
from rich.console import Console
from rich.progress import track

from bench import crowd
from bench.crowded import gather
from bench.running import running

SESSIONS = 100_000
REAL = 400
"""So many people really dialled, three in four of them strangers, and stand somewhere in a dialogue;
their sessions are laid down again and again under other names."""
AT_ONCE = 1_000

console = Console()


def main(arguments: list[str] | None = None) -> None:
    """Prints the memory of so many sessions; `arguments`: how many."""
    sessions = int(arguments[0]) if arguments else SESSIONS
    with running() as ready, Redis.from_url(ready["redis_url"]) as memory:
        callers = asyncio.run(_in_the_middle(ready))
        real = [(key, memory.get(key)) for key in memory.scan_iter("s:*", count=1000)]
        found = [(key, value) for key, value in real if isinstance(value, bytes)]
        before = _used(memory)
        for first in track(range(0, sessions, AT_ONCE), "laying down", transient=True):
            with memory.pipeline(transaction=False) as pipe:
                for number in range(first, min(first + AT_ONCE, sessions)):
                    key, value = found[number % len(found)]
                    name = b"s:" + secrets.token_hex((len(key) - 2) // 2).encode()
                    pipe.set(name, value, ex=86400)
                pipe.execute()
        took = _used(memory) - before
    sealed = sum(len(value) for _, value in found) / len(found)
    console.print(
        f"{sessions:,} sessions take {took / 2**20:.0f} MiB in Valkey ({took / sessions:,.0f} bytes "
        f"each, of which {sealed:,.0f} are the sealed session); the sessions of {len(callers):,} "
        "people in the middle of a dialogue, copied",
        soft_wrap=True,
    )


async def _in_the_middle(ready: Mapping[str, Any]) -> list[crowd.Caller]:
    callers = await gather(ready, REAL)
    await crowd.together(ready["web"], ready["ussd"], callers)
    return callers


def _used(memory: Redis) -> int:
    return int(memory.info("memory")["used_memory"])
