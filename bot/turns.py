"""Waiting until the budget has room for one more message."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bot.budget import Budget
from core.errors import SendLater

LONGEST_NAP: Final = 1.5
"""Seconds a sending thread waits for the budget itself; longer waits are left to the outbox."""

EVERYBODY: Final = ""
"""The name of the budget of all chats together."""


def wait_turn(budget: Budget, chat: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Returns when there is room for one message; raises SendLater when that takes long."""
    for _ in range(3):
        wait = budget.take(chat)
        if wait <= 0:
            return
        if wait > LONGEST_NAP:
            break
        sleep(wait)
    raise SendLater("our own rate", after=max(wait, 1.0), one_address=True)
