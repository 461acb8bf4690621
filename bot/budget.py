"""How many messages Telegram lets a bot send: so many a second in all, and so many to one chat."""

from __future__ import annotations

from typing import Final

from core.outbox.budget import Rate

OVERALL: Final = Rate(30.0, 30)
"""Telegram: about 30 messages a second to all chats together."""

ONE_CHAT: Final = Rate(1.0, 3)
"""Telegram: one message a second to one chat, short bursts allowed."""
