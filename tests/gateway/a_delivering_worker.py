"""The worker of the whole house in a process of its own, with a short lease, for tests that kill it.

`python -m tests.gateway.a_delivering_worker <journal>`: settings from the environment; what is sent
is written to the journal.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from core.clock import now
from core.store.deferred import Deferred
from core.store.outbox import Outbox
from gateway import logs, wiring
from gateway.settings import load
from gateway.worker import Worker
from tests.gateway.a_worker import Journal

LEASE = timedelta(seconds=2)


def worker(house: wiring.House, journal: Path) -> Worker:
    """All the real parts; only the provider writes to a journal."""
    return Worker(
        database=house.database,
        inbox=house.inbox,
        outbox=Outbox(house.database, house.vault, now, lease=LEASE),
        deferred=Deferred(house.database, house.vault, now, lease=LEASE),
        upkeep=house.upkeep,
        handlers={},
        senders=[Journal(journal, 0)],
        deferred_handler=house.hearing.finish,
        give_up=house.hearing.give_up,
    )


if __name__ == "__main__":
    settings = load()
    logs.set_up(settings)
    worker(wiring.build(settings), Path(sys.argv[1])).run()
