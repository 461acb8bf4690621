"""`python -m bench chat-fuzz`: 100,000 generated updates at the webhooks of Telegram and Zalo."""

from __future__ import annotations

import os
import sys
import time

import httpx2
import structlog

from bench import house as servers
from bench.platform import sandbox
from gateway import settings, wiring
from gateway.run_plans import sandbox_settings
from tests.gateway.chat_fuzz import Fuzz, Seen, shown

UPDATES = 100_000
SEED = 20261126
PEOPLE = 300
KNOWN = 8
"""Of them so many write as people that are linked."""


def main(arguments: list[str] | None = None) -> None:
    """Prints what came of it; `arguments`: how many, and the seed. Fails when anything went wrong."""
    count, seed = [*map(int, arguments or ()), *(UPDATES, SEED)[len(arguments or ()) :]][:2]
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with servers.servers() as base, sandbox(PEOPLE) as address:
        os.environ.update({**base, **sandbox_settings(address)})
        built = wiring.build(settings.load(join=False))
        listed = httpx2.get(f"{address}/people", params={"limit": PEOPLE}).json()
        known = [one for one in listed if one["phone"] and one["papers"]][:KNOWN]
        began = time.monotonic()
        seen = Fuzz(built, seed, known).run(count, lambda so_far: _tell(so_far, began))
    print(shown(seen))
    if seen.worst >= 500 or seen.failed or seen.unanswered:
        sys.exit("something went wrong")


def _tell(seen: Seen, began: float) -> None:
    print(f"{seen.updates:,} in {time.monotonic() - began:,.0f} s", file=sys.stderr, flush=True)
