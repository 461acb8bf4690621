"""What the tests of the chat networks share: a Telegram that keeps the rules, and a line to it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from bot.app import blueprint
from bot.network import Network
from bot.notes import OwnNotes
from bot.reception import Reception
from bot.telegram import Telegram
from bot.telegram_line import TelegramLine
from bot.telegram_send import TelegramSender
from core.message import Address, Channel, Page
from core.outbox.budget import OwnBudget, Rate
from core.outbox.outgoing import Outgoing, Purpose, Receipt
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat


def blind(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()[:16]


@dataclass
class ListInbox:
    """An inbox in memory: what was taken in, once each; `broken` makes it raise."""

    taken: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    order_keys: list[str] = field(default_factory=list)
    broken: int = 0

    def accept(
        self, *, provider: str, provider_id: str, order_key: str, body: Mapping[str, Any]
    ) -> object:
        assert provider == order_key.partition(":")[0]
        if self.broken:
            self.broken -= 1
            raise ConnectionError("the store is away")
        self.taken.setdefault(provider_id, body)
        self.order_keys.append(order_key)
        return None


SECRET = "a-Secret_0123456789"


@dataclass
class Front:
    """A reception with everything behind it in memory."""

    network: Network = field(default_factory=lambda: Telegram(secret=SECRET))
    inbox: ListInbox = field(default_factory=ListInbox)
    blocked: list[Address] = field(default_factory=list)
    notes: OwnNotes = field(default_factory=OwnNotes)
    receipts: list[Receipt] = field(default_factory=list)
    heard: list[Address] = field(default_factory=list)

    @property
    def reception(self) -> Reception:
        return Reception(
            self.network,
            inbox=self.inbox,
            block=self.blocked.append,
            notes=self.notes,
            blind=blind,
            settle=self.receipts.append,
            heard=self.heard.append,
        )

    def app(self) -> Flask:
        app = Flask(__name__)
        app.register_blueprint(blueprint([self.reception]))
        return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a real socket; gives its base address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def peer() -> Iterator[TelegramPeer]:
    with TelegramPeer() as telegram:
        yield telegram


@pytest.fixture
def line(peer: TelegramPeer) -> Iterator[TelegramLine]:
    opened = TelegramLine(peer.token, api_url=peer.url, patience=10.0, read_seconds=0.5)
    yield opened
    opened.close()


@pytest.fixture
def notes() -> OwnNotes:
    return OwnNotes()


@pytest.fixture
def sender(line: TelegramLine, notes: OwnNotes) -> TelegramSender:
    """A sender which nothing slows down."""
    roomy = Rate(10_000.0, 10_000)
    return TelegramSender(line, notes=notes, blind=blind, budget=OwnBudget(roomy, roomy))


_keys = itertools.count()


def to(
    chat: Chat | int, page: Page, *, purpose: Purpose = Purpose.REPLY, key: str | None = None
) -> Outgoing:
    number = chat if isinstance(chat, int) else chat.id
    return Outgoing(
        key=key or f"reply:telegram:{next(_keys)}",
        address=Address("telegram", str(number)),
        channel=Channel.CHAT,
        page=page,
        purpose=purpose,
    )


@pytest.fixture
def phuong(peer: TelegramPeer) -> Chat:
    return peer.chat(5551001)
