"""What the stand-in for Telegram remembers: chats, the messages in them, the calls of the bot."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.peers.telegram_http import Form
from tests.peers.telegram_rules import ChatType, Photo


@dataclass
class Message:
    """A message in a chat, as the person sees it."""

    id: int
    chat: int
    text: str
    keys: dict[str, Any] | None = None
    photo: Photo | None = None
    protected: bool = False
    sent_at: float = field(default_factory=time.monotonic)

    @property
    def buttons(self) -> dict[str, str]:
        """Label → callback data of its inline keyboard."""
        rows = (self.keys or {}).get("inline_keyboard", [])
        return {key["text"]: key["callback_data"] for row in rows for key in row}

    @property
    def labels(self) -> list[str]:
        """The words of all its keys, of whatever kind."""
        keys = self.keys or {}
        rows = keys.get("inline_keyboard") or keys.get("keyboard") or []
        return [key["text"] for row in rows for key in row]


@dataclass
class Chat:
    """Somebody (or a group) the bot may write to."""

    id: int
    type: ChatType = "private"
    language: str | None = "vi"
    blocked: bool = False
    deactivated: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def last(self) -> Message:
        return self.messages[-1]


@dataclass
class Call:
    """A request that the bot made: the method, and what it sent along."""

    method: str
    form: Form
    at: float = field(default_factory=time.monotonic)
