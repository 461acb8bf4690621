"""Waiting until the budget has room for one more message."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from core.errors import SendLater
from core.outbox.budget import Budget
from core.outbox.outgoing import Lane

LONGEST_NAP: Final = 1.5
"""Seconds a sending thread waits for the budget itself; longer waits are left to the outbox."""

EVERYBODY: Final = ""
"""The name of the budget of all chats together."""


def wait_turn(
    budget: Budget,
    chat: str,
    sleep: Callable[[float], None] = time.sleep,
    *,
    lane: Lane,
) -> None:
    """Returns when the budget has room for one message; raises SendLater when that takes long."""
    wait = budget.take(chat, lane=lane, patience=LONGEST_NAP)
    if wait > LONGEST_NAP:
        raise SendLater("our own rate", after=max(wait, 1.0), one_address=True)
    if wait > 0:
        sleep(wait)
