"""Numbers change hands: when we no longer know whose one is, and what may still go to it."""

from __future__ import annotations

from datetime import timedelta

from core.outbox.outgoing import Purpose

SILENT = timedelta(days=365)
"""A number from which nothing was heard for so long may be somebody else's by now."""

SENSITIVE: frozenset[Purpose] = frozenset(
    {Purpose.RESULT, Purpose.TICKET, Purpose.REMINDER, Purpose.CHECKIN}
)
"""What says something about somebody's health, and waits until the number is proven again."""

RELINK = "relink:"
"""How the key begins of the one text that may go all the same: it asks to link again."""


def asks_to_link(key: str) -> bool:
    """Whether the message with this key asks to link again, and so tells no news."""
    return key.startswith(RELINK)
