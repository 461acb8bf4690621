"""Throws generated updates at a house's webhooks, lets its worker handle them, and looks what came of it.

No update may be answered with 5xx, none may make the conversation fail, and whatever a chat brought
before, its next plain word is answered.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.notices.ports import PROVIDER
from core.store.tables import inbox, outgoing
from gateway import app, wiring
from gateway.worker import Worker
from tests.peers.any_updates import AnyUpdates, Event, mixed
from tests.peers.zalo_events import Events

CHUNK = 500
SECONDS = 60.0
"""For handling one chunk: a poison update would hold its chat up for longer than that."""


@dataclass
class Seen:
    """What was brought, and what came of it."""

    updates: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failed: int = 0
    """Messages whose handling was given up."""
    again: int = 0
    """Messages whose handling was tried more than once."""
    last_words: int = 0
    unanswered: list[str] = field(default_factory=list)

    @property
    def worst(self) -> int:
        return max((status for _network, status in self.statuses), default=0)


class Fuzz:
    """One house, with its webhooks called without a socket and its worker's hands used at once."""

    def __init__(self, house: wiring.House, seed: int, people: Sequence[Mapping[str, Any]]) -> None:
        settings = house.settings
        self.house = house
        self.client: FlaskClient = app.make(house).test_client()
        self.secret = settings.telegram_webhook_secret.get_secret_value()
        self.zalo = Events(
            app_id=settings.zalo_app_id,
            oa_id=settings.zalo_oa_id,
            secret=settings.zalo_oa_secret.get_secret_value(),
        )
        self.drawn = AnyUpdates(seed, oa_id=settings.zalo_oa_id, app_id=settings.zalo_app_id)
        self.people = people
        self.seen = Seen()
        self.worker = Worker(
            database=house.database,
            inbox=house.inbox,
            outbox=house.outbox,
            deferred=house.deferred,
            upkeep=house.upkeep,
            handlers={
                **dict.fromkeys(house.hearing.voices, house.hearing.hear),
                PROVIDER: house.events.news.hear,
            },
            senders=(),
            deferred_handler=house.hearing.finish,
            sorry=house.hearing.sorry,
        )

    def run(self, count: int, told: Callable[[Seen], None] = lambda _: None) -> Seen:
        """Brings so many updates; `told` hears of every chunk."""
        self._link()
        left = count
        while left > 0:
            for network, event in mixed(self.drawn, min(CHUNK, left)):
                self._brings(network, event)
            left -= CHUNK
            self._handled()
            self._last_words()
            told(self.seen)
        return self.seen

    def _brings(self, network: str, event: Event) -> None:
        body = self.drawn.body(event)
        headers = (
            {"X-Telegram-Bot-Api-Secret-Token": self.secret, "Content-Type": "application/json"}
            if network == "telegram"
            else self.zalo.signed(body)
        )
        answer = self.client.post(f"/bot/{network}/webhook", data=body, headers=headers)
        self.seen.updates += 1
        self.seen.statuses[network, answer.status_code] += 1

    def _link(self) -> None:
        """Some of them are known, so that what comes reaches further than "who are you?"."""
        for chat, person in enumerate(self.people):
            paper = next(iter(person["papers"]), {"number": "0"})["number"]
            words = ("/qr", None, "1", paper, str(person["birthDate"])[:4], "menu")
            for said in words:
                _id, update = self.drawn.last_word("telegram", chat)
                message = update["message"]
                message["text"] = said
                if said is None:
                    del message["text"]
                    contact = {"phone_number": person["phone"], "user_id": message["from"]["id"]}
                    message["contact"] = contact
                self._brings("telegram", update)
        self._handled()

    def _handled(self) -> None:
        give_up = time.monotonic() + SECONDS
        while self._waiting():
            assert time.monotonic() < give_up, "something holds up those behind it"
            claimed = self.house.inbox.claim(50)
            for one in claimed:
                self.worker.handle(one)
            if not claimed:
                time.sleep(0.05)
        with self.house.database.begin() as connection:
            failed = select(func.count()).where(inbox.c.state == "failed")
            self.seen.failed = connection.execute(failed).scalar_one()
            again = select(func.count()).where(inbox.c.attempts > 1)
            self.seen.again = connection.execute(again).scalar_one()

    def _waiting(self) -> bool:
        with self.house.database.begin() as connection:
            waiting = select(inbox.c.id).where(inbox.c.state == "new").limit(1)
            return connection.execute(waiting).scalar() is not None

    def _last_words(self) -> None:
        """Every chat says MENU, and must be answered."""
        keys: dict[str, str] = {}
        for network in ("telegram", "zalo"):
            for chat in range(40):
                named, event = self.drawn.last_word(network, chat)
                keys[f"reply:{network}:{named}"] = f"{network} {chat}"
                self._brings(network, event)
        self._handled()
        with self.house.database.begin() as connection:
            found = set(
                connection.scalars(select(outgoing.c.key).where(outgoing.c.key.in_(keys))).all()
            )
        self.seen.last_words += len(keys)
        self.seen.unanswered += [chat for key, chat in keys.items() if key not in found]


def shown(seen: Seen) -> str:
    """One line for people."""
    statuses = ", ".join(
        f"{network} {status}: {count:,}"
        for (network, status), count in sorted(seen.statuses.items())
    )
    return json.dumps(
        {
            "updates": seen.updates,
            "answers": statuses,
            "handled more than once": seen.again,
            "given up": seen.failed,
            "chats asked for their menu": seen.last_words,
            "unanswered": len(seen.unanswered),
        },
        ensure_ascii=False,
    )
