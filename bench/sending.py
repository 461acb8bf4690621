"""What sends in the benches: our worker, and the same client without one.

`python -m bench.sending worker <database> <redis> <url> <hands> <connections>` works until it is
killed; `python -m bench.sending bare <url> <connections> <count>` posts so many and ends.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import redis

from core.clock import Deadline, now
from core.message import Channel, Network
from core.outbox.conduct import Conduct
from core.outbox.doors import Doors
from core.outbox.manners import Manners
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Wire
from core.store.database import Database
from core.store.deferred import Deferred
from core.store.doors import RedisDoorkeeper
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from gateway.memory import settle
from gateway.worker import Worker

TEXT = "Moi ban den tiem vac xin tai tram y te phuong vao ngay 30/11. Tra loi TIEM de xem."


class Post:
    """Implements `core.outbox.ports.Sender` with one request."""

    provider = "company"
    serves: Collection[tuple[Network, Channel]] = {("phone", Channel.SMS)}
    honours_key = False
    receipt_names_us = False

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._wire = Wire(self.provider, connections=connections)

    def post(self, name: str, to: str, text: str) -> str:
        """What both have in common; the company's id for it."""
        raw = self._wire.send(
            "POST",
            self._url,
            headers={"Content-Type": "application/json"},
            content=json.dumps({"id": name, "to": to, "text": text}).encode(),
            deadline=Deadline.after(10.0),
        )
        return str(json.loads(raw.body)["ref"])

    def send(self, outgoing: Outgoing) -> Sent:
        self.post(outgoing.id, outgoing.address.value, outgoing.page.text)
        return Sent(outgoing.id, 1)


def vault() -> Vault:
    """The same keys in all processes."""
    return Vault([("k1", b"1" * 32)], b"s" * 32)


def outbox(database: Database) -> Outbox:
    return Outbox(database, vault(), now)


def work(database_url: str, redis_url: str, url: str, hands: int, connections: int) -> None:
    """The whole worker, with shared doors; at any hour."""
    database = Database(database_url)
    doors = Doors(now, RedisDoorkeeper(redis.Redis.from_url(redis_url)))
    worker = Worker(
        database=database,
        inbox=Inbox(database, vault(), now),
        outbox=outbox(database),
        deferred=Deferred(database, vault(), now),
        upkeep=Upkeep(database, now),
        handlers={},
        senders=[Post(url, connections)],
        deferred_handler=lambda _: (),
        conduct=Conduct(manners=Manners(quiet={}, rests=frozenset()), doors=doors),
        outbox_hands=hands,
    )
    settle()
    worker.run()


def bare(url: str, connections: int, count: int) -> None:
    """The posts and nothing else."""
    post = Post(url, connections)
    with ThreadPoolExecutor(connections) as pool:
        for number in range(count):
            pool.submit(post.post, f"{number:036}", f"+849{number:08}", TEXT)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        database, redis_at, address = sys.argv[2:5]
        work(database, redis_at, address, int(sys.argv[5]), int(sys.argv[6]))
    else:
        bare(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
