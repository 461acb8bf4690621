"""Takes in one update of Telegram, however it came: by webhook or by polling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from prometheus_client import Counter

from bot.ports import Blind, Block, Inbox, Notes
from bot.telegram import PROVIDER, Blocked, Ignored, Remark, read
from core.message import Inbound

ONCE_IN: Final = 30 * 86400
"""A group is told once in so many seconds that we do not talk there."""

_log = structlog.get_logger("telegram")

_updates = Counter(
    "motcua_telegram_updates", "Updates that Telegram brought, by what became of them", ["outcome"]
)


class Reception:
    """Puts what people say into the inbox; a worker answers it. Thread-safe."""

    def __init__(self, *, inbox: Inbox, block: Block, notes: Notes, blind: Blind) -> None:
        self._inbox = inbox
        self._block = block
        self._notes = notes
        self._blind = blind

    def take(self, update: Mapping[str, Any]) -> Remark | None:
        """Stores what was said; the same update again changes nothing.

        Gives a remark where one is to be sent at once, without any conversation. Raises only what
        the store raises: then nothing was taken in, and the update must be brought again.
        """
        meant = read(update)
        match meant:
            case Inbound():
                self._inbox.accept(
                    provider=PROVIDER,
                    provider_id=meant.hop,
                    order_key=f"{PROVIDER}:{meant.wire}",
                    body=meant.to_json(),
                )
                count("taken in")
            case Blocked(address):
                self._block(address)
                count("blocked")
            case Remark():
                return self._once(meant)
            case Ignored(why):
                count(why)
        return None

    def _once(self, remark: Remark) -> Remark | None:
        group = self._blind("telegram-group", str(remark.chat)).hex()
        if not self._notes.first(f"group:{group}", ONCE_IN):
            count("group")
            return None
        count("group told")
        return remark


def count(outcome: str) -> None:
    """The one line about what was brought, in a few fixed words."""
    _updates.labels(outcome).inc()
    _log.info("telegram_update", outcome=outcome)
