"""A worker that really sends over HTTP, in a process of its own, for tests that kill it.

`python -m tests.gateway.a_sending_worker <JSON of Setting>`. Its leases are short, so that nobody
waits long for a dead one's work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import redis

from core.clock import Deadline, now
from core.errors import Down, Late, SendLater
from core.message import Channel, Network
from core.outbox.conduct import Conduct
from core.outbox.doors import Doors, ErrorBudget
from core.outbox.manners import Manners
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Unreached, Wire
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.doors import RedisDoorkeeper
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from gateway.worker import Worker

LEASE = timedelta(seconds=4)
PATIENCE = 3.0
"""Seconds that the sender waits for an answer."""
PROVIDER = "company"


@dataclass(frozen=True)
class Setting:
    """Where everything is, and what the company can do."""

    database: str
    redis: str
    company: str
    honours_key: bool = False
    receipt_names_us: bool = False
    hands: int = 16
    settle: float = 8.0


class Texting:
    """Posts to the company."""

    provider = PROVIDER
    serves: Collection[tuple[Network, Channel]] = {("phone", Channel.SMS)}

    def __init__(self, setting: Setting) -> None:
        self.honours_key = setting.honours_key
        self.receipt_names_us = setting.receipt_names_us
        self._url = setting.company
        self._wire = Wire(PROVIDER)

    def send(self, outgoing: Outgoing) -> Sent:
        """As the real ones do it: what was not answered in time may have been taken."""
        asked = {"id": outgoing.id, "to": outgoing.address.value, "text": outgoing.page.text}
        try:
            raw = self._wire.send(
                "POST",
                self._url,
                headers={"Content-Type": "application/json"},
                content=json.dumps(asked).encode(),
                deadline=Deadline.after(PATIENCE),
            )
        except Unreached:
            raise SendLater("no connection") from None
        except (Late, Down):
            raise SendLater("no answer", unsure=True) from None
        if raw.status != 200:
            raise SendLater(f"HTTP {raw.status}")
        return Sent(json.loads(raw.body)["ref"], 1)


def vault() -> Vault:
    """The same keys in the test and in its workers."""
    return Vault([("k1", b"1" * 32)], b"s" * 32)


def outbox(database: Database) -> Outbox:
    return Outbox(database, vault(), now, lease=LEASE)


def worker(setting: Setting) -> Worker:
    """All real parts; at any hour, without daily limits, and quick to try again."""
    database = Database(setting.database)
    line = redis.Redis.from_url(setting.redis, socket_timeout=1.0, socket_connect_timeout=1.0)
    budget = ErrorBudget(pause=0.5, longest=2.0, trial_window=1.0, back_after=3)
    return Worker(
        database=database,
        inbox=Inbox(database, vault(), now, lease=LEASE),
        outbox=outbox(database),
        deferred=Deferred(database, vault(), now, lease=LEASE),
        upkeep=Upkeep(database, now),
        handlers={},
        senders=[Texting(setting)],
        deferred_handler=lambda _: (),
        conduct=Conduct(
            manners=Manners(quiet={}, rests=frozenset(), limited=frozenset()),
            doors=Doors(now, RedisDoorkeeper(line), budget=budget),
            settle=timedelta(seconds=setting.settle),
            jitter=lambda: 0.0,
        ),
        outbox_hands=setting.hands,
    )


if __name__ == "__main__":
    worker(Setting(**json.loads(sys.argv[1]))).run()
