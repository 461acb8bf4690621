"""Ten thousand USSD sessions at once, and what becomes of them when Valkey dies in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from rich.console import Console

from bench import crowd
from bench.running import running
from core.gsm import unaccent
from core.text import LANGUAGES, _

SESSIONS = 10_000
KNOWN = 300
"""So many of them are of people whom their phone knows, and see their own name and code."""
KILLED_IN = 3
"""The round in which Valkey dies."""

OFFERS = tuple(
    unaccent(_("You were not finished. Continue?").to(language)) for language in LANGUAGES
)
"""What somebody may read instead of the menu who dials again after being interrupted."""

console = Console()


class Quake:
    """Kills Valkey without a word of warning in the middle of one round; `empty`: it loses all."""

    def __init__(self, redis_url: str, sessions: int, *, empty: bool) -> None:
        self._redis = Redis.from_url(redis_url)
        self._pause = sessions / 10_000
        self._empty = empty

    async def __call__(self, number: int) -> None:
        if number != KILLED_IN:
            return
        await asyncio.sleep(self._pause)
        process = int(self._redis.info("server")["process_id"])
        if self._empty:
            self._redis.flushall()
        os.kill(process, signal.SIGKILL)

    async def is_over(self) -> None:
        """Waits until Valkey is back."""
        while True:
            try:
                self._redis.ping()
                break
            except RedisConnectionError:
                await asyncio.sleep(0.1)
        self._redis.close()


async def gather(ready: Mapping[str, Any], sessions: int) -> list[crowd.Caller]:
    """The callers, known ones and strangers; nobody has dialled yet."""
    base, urls = ready["web"], ready["ussd"]
    known = min(KNOWN, sessions // 4)
    callers = await crowd.introduced(base, urls, crowd.people_of(ready["sandbox"], known))
    ways = await crowd.walked(base, urls)
    return callers + crowd.strangers(sessions - len(callers), ways)


async def calm(ready: Mapping[str, Any], sessions: int) -> crowd.Crowded:
    """Nothing happens to anybody."""
    callers = await gather(ready, sessions)
    return await crowd.together(ready["web"], ready["ussd"], callers)


async def shaken(
    ready: Mapping[str, Any], sessions: int, *, empty: bool
) -> tuple[crowd.Crowded, int, int]:
    """Valkey is killed in the middle; then everybody who was asked to begin again dials anew.

    Gives also how many did, and how many of them saw the menu, or were asked whether to go on.
    """
    base, urls = ready["web"], ready["ussd"]
    callers = await gather(ready, sessions)
    quake = Quake(ready["redis_url"], sessions, empty=empty)
    crowded = await crowd.together(base, urls, callers, quake)
    await quake.is_over()
    again = [
        crowd.Caller(one.phone, (), (one.screens[0],), one.latest) for one in callers if one.over
    ]
    if not again:
        return crowded, 0, 0
    redialled = await crowd.together(base, urls, again)
    # Somebody who had changed the language sees the menu in it.
    others = [screen[4:] for _wanted, screen in redialled.wrong]
    menus = ("One Door - Health\n", "Mot Cua - Y te\n", *OFFERS)
    return crowded, len(again), redialled.right + sum(one.startswith(menus) for one in others)


def main(arguments: list[str] | None = None) -> None:
    """Prints what became of a crowd on a calm day and on bad ones; `arguments`: how many."""
    sessions = int(arguments[0]) if arguments else SESSIONS
    days: dict[str, Callable[[Mapping[str, Any], int], str]] = {
        "a calm day": _calm,
        "Valkey killed in the middle": partial(_shaken, empty=False),
        "Valkey killed in the middle, its memory lost": partial(_shaken, empty=True),
    }
    for name, play in days.items():
        # Each day has a house of its own: the callers of another one would be known here.
        with running() as ready, console.status(f"{sessions:,} sessions: {name}"):
            told = play(ready, sessions)
        console.print(f"{name}: {sessions:,} sessions open at once, {told}", soft_wrap=True)


def _calm(ready: Mapping[str, Any], sessions: int) -> str:
    return _told(asyncio.run(calm(ready, sessions)))


def _shaken(ready: Mapping[str, Any], sessions: int, *, empty: bool) -> str:
    crowded, redialled, welcome = asyncio.run(shaken(ready, sessions, empty=empty))
    return f"{_told(crowded)}; {welcome:,} of {redialled:,} who dialled again were let in at once"


def _told(crowded: crowd.Crowded) -> str:
    return (
        f"{crowded.hops:,} hops in {crowded.seconds:.0f} s, p99 {crowded.p99:.0f} ms: "
        f"{crowded.right:,} right screens, {len(crowded.wrong)} wrong, {crowded.others} with "
        f"another person's name, {crowded.asked_to_begin_again:,} asked to begin again"
    )
