"""A sender to Zalo as production makes it, with a stand-in that keeps the rules behind the socket."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from bot.app import blueprint
from bot.notes import OwnNotes
from bot.windows import Windows
from bot.zalo_line import ZaloLine
from bot.zalo_oauth import ZaloOAuth
from bot.zalo_send import ZaloSender
from bot.zalo_tokens import ZaloTokens
from core.message import Address, Channel, Page
from core.outbox.budget import OwnBudget, Rate
from core.outbox.outgoing import Outgoing, Purpose
from core.qr.image import png
from core.token_pairs import Kept, Pair, Renewal
from tests.bot.conftest import blind, served
from tests.peers.zalo import APP_SECRET, ZaloPeer
from tests.peers.zalo_events import APP_ID, LINH
from tests.peers.zalo_rules import Person

ROOMY = Rate(10_000.0, 10_000)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class MemoryShelf:
    """A pair of tokens in memory; `broken` makes storing fail so often."""

    clock: Clock
    kept: Kept | None = None
    until: datetime | None = None
    broken: int = 0

    def read(self) -> Kept | None:
        return self.kept

    def put(self, pair: Pair) -> None:
        self.kept, self.until = Kept(pair, self.kept.version + 1 if self.kept else 1), None

    def begin(self, version: int, lease: timedelta) -> Renewal | None:
        if self.kept is None or self.kept.version != version:
            return None
        if self.until is not None and self.until > self.clock():
            return None
        before, self.until = self.until, self.clock() + lease
        return Renewal(version, taken_up=before is not None)

    def finish(self, renewal: Renewal, pair: Pair) -> bool:
        if self.broken:
            self.broken -= 1
            raise ConnectionError("the store is away")
        if self.kept is None or self.kept.version != renewal.version:
            return False
        self.put(pair)
        return True

    def failed(self, renewal: Renewal, again: datetime, *, refused: bool) -> None:
        assert self.kept is not None
        self.kept = Kept(self.kept.pair, self.kept.version, refused)
        self.until = again


@dataclass
class MemoryPictures:
    """Pictures behind addresses, each of them to be fetched once."""

    base: str = ""
    payloads: dict[str, str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def address_of(self, payload: str) -> str:
        name = f"picture-{len(self.payloads):020d}"
        self.payloads[name] = payload
        return f"{self.base}/bot/qr/{name}.png"

    def fetch(self, name: str, look: bool) -> bytes | None:
        payload = self.payloads.pop(name, None)
        self.fetched.append(name)
        return None if payload is None else png(payload)


@dataclass
class ZaloHouse:
    """Everything on our side of the socket, and Zalo on the other."""

    peer: ZaloPeer
    clock: Clock
    shelf: MemoryShelf
    pictures: MemoryPictures
    notes: OwnNotes = field(default_factory=OwnNotes)

    def __post_init__(self) -> None:
        self.oauth = ZaloOAuth(APP_ID, APP_SECRET, self.peer.url)
        self.tokens = ZaloTokens(self.shelf, self.oauth, self.clock, sleep=lambda _: None)
        self.line = ZaloLine(self.tokens, self.peer.url, self.peer.url)
        self.windows = Windows(self.notes, blind, self.clock)
        self.budget = OwnBudget(ROOMY, ROOMY)

    def sender(self, **more: Any) -> ZaloSender:
        """A sender which nothing slows down."""
        made: dict[str, Any] = {
            "notes": self.notes,
            "blind": blind,
            "budget": self.budget,
            "windows": self.windows,
            "clock": self.clock,
            "pictures": self.pictures,
            **more,
        }
        return ZaloSender(made.pop("line", self.line), **made)

    def authorise(self) -> None:
        """Whoever runs the account has let our app in."""
        access, refresh = self.peer.pair()
        until = self.clock() + timedelta(hours=25)
        self.shelf.put(
            Pair(access, refresh, self.clock(), until, self.clock() + timedelta(days=90))
        )

    def linh(self, **known: Any) -> Person:
        """Somebody who has just been in touch."""
        self.windows.heard(Address("zalo", LINH))
        return self.peer.person(LINH, **known)


@contextmanager
def zalo_house() -> Iterator[ZaloHouse]:
    """An authorised account, and a web process that shows pictures."""
    clock, pictures = Clock(), MemoryPictures()
    app = Flask(__name__)
    app.register_blueprint(blueprint([], picture=pictures.fetch))
    with ZaloPeer(clock) as peer, served(app) as pictures.base:
        house = ZaloHouse(peer, clock, MemoryShelf(clock), pictures)
        house.authorise()
        yield house


_keys = itertools.count()


def to(
    who: str, page: Page, *, purpose: Purpose = Purpose.REPLY, key: str | None = None
) -> Outgoing:
    return Outgoing(
        key=key or f"reply:zalo:{next(_keys)}",
        address=Address("zalo", who),
        channel=Channel.CHAT,
        page=page,
        purpose=purpose,
    )
