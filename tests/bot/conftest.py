"""What the tests of the chat networks share: a Telegram that keeps the rules, and a line to it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.notes import OwnNotes
from bot.reception import Reception
from bot.telegram_line import TelegramLine
from bot.telegram_send import TelegramSender
from core.message import Address, Channel, Page
from core.outbox.budget import OwnBudget, Rate
from core.outbox.outgoing import Outgoing, Purpose
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
        assert provider == "telegram"
        if self.broken:
            self.broken -= 1
            raise ConnectionError("the store is away")
        self.taken.setdefault(provider_id, body)
        self.order_keys.append(order_key)
        return None


@dataclass
class Front:
    """A reception with everything behind it in memory."""

    inbox: ListInbox = field(default_factory=ListInbox)
    blocked: list[Address] = field(default_factory=list)
    notes: OwnNotes = field(default_factory=OwnNotes)

    @property
    def reception(self) -> Reception:
        return Reception(inbox=self.inbox, block=self.blocked.append, notes=self.notes, blind=blind)


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
