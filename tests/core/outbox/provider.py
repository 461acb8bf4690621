"""A provider that does as the test wants, and a clock that stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from core.message import Channel, Network
from core.outbox.conduct import Conduct
from core.outbox.dispatcher import Dispatcher
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Claimed, Sent
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import outgoing


class Clock:
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Provider:
    """Remembers what it was given, and answers as the test wants."""

    def __init__(
        self,
        name: str = "twilio",
        serves: tuple[Network, Channel] = ("phone", Channel.SMS),
        *,
        honours_key: bool = False,
        receipt_names_us: bool = False,
    ) -> None:
        self.honours_key = honours_key
        self.receipt_names_us = receipt_names_us
        self.provider = name
        self.serves: Collection[tuple[Network, Channel]] = {serves}
        self.got: list[Outgoing] = []
        self.answer: Callable[[Outgoing], Sent] = lambda one: Sent(f"ref-{one.key}", 1)
        self._lock = threading.Lock()

    def send(self, one: Outgoing) -> Sent:
        with self._lock:
            self.got.append(one)
        return self.answer(one)

    def refuses(self, error: Exception) -> None:
        def answer(_: Outgoing) -> Sent:
            raise error

        self.answer = answer

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.got]


def dispatcher(outbox: Outbox, clock: Clock, *senders: Provider, **more: Any) -> Dispatcher:
    conduct = Conduct(jitter=lambda: 1.0, sleep=lambda _: None, **more)
    return Dispatcher(outbox, senders, clock, conduct)


def dispatch(outbox: Outbox, one: Dispatcher) -> int:
    claimed = outbox.claim(100)
    for each in claimed:
        carry(one, each)
    return len(claimed)


def carry(one: Dispatcher, claimed: Claimed) -> None:
    """One message, until all about it is written down."""
    written = one.carry(claimed)
    if written is not None:
        written.result(30)


def row(database: Database, key: str) -> Any:
    with database.begin() as connection:
        return connection.execute(select(outgoing).where(outgoing.c.key == key)).one()
