"""A worker in a process of its own, for tests that stop and kill it.

`python -m tests.gateway.a_worker <database URL> <journal> <seconds that a send takes>`: whatever is
given to the provider is written to the journal, a line each, when its sending begins.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from core.clock import now
from core.message import Address, Channel, Network, Page
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.outbox.ports import Sent
from core.records import Waiting
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from gateway.worker import Worker

LEASE = timedelta(seconds=2)


class Journal:
    """A provider that writes down what it is given."""

    provider = "journal"
    serves: Collection[tuple[Network, Channel]] = {("phone", Channel.SMS)}
    honours_key = False
    receipt_names_us = False

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds

    def send(self, outgoing: Outgoing) -> Sent:
        """Writes the key down, and takes its time."""
        with self._path.open("a") as file:
            file.write(f"{outgoing.key}\n")
        time.sleep(self._seconds)
        return Sent(outgoing.id)


def reply(key: str, phone: str) -> Outgoing:
    """An urgent text."""
    page = Page("Xin chào")
    return Outgoing(key, Address("phone", phone), Channel.SMS, page, Purpose.REPLY, Lane.URGENT)


def answer(waiting: Waiting) -> list[Outgoing]:
    """Whoever writes gets one text."""
    return [reply(f"reply-{waiting.provider_id}", waiting.body["from"])]


def vault() -> Vault:
    """The same keys in the test and in its worker."""
    return Vault([("k1", b"1" * 32)], b"s" * 32)


def worker(database: Database, journal: Path, seconds: float) -> Worker:
    """All the parts, with short leases so that nobody waits long for a dead worker's work."""
    return Worker(
        database=database,
        inbox=Inbox(database, vault(), now, lease=LEASE),
        outbox=Outbox(database, vault(), now, lease=LEASE),
        deferred=Deferred(database, vault(), now),
        upkeep=Upkeep(database, now),
        handlers={"test": answer},
        senders=[Journal(journal, seconds)],
        deferred_handler=lambda kept: [reply(kept.key, "+84912345678")],
    )


if __name__ == "__main__":
    worker(Database(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])).run()
