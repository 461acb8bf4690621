"""Takes in one event of a chat network, however it came: by webhook or by polling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from prometheus_client import Counter

from bot.network import Blocked, Ignored, Network, Remark, TakenOver, Told
from bot.ports import Blind, Block, Inbox, Notes
from core.message import Address, Inbound
from core.outbox.outgoing import Receipt

ONCE_IN: Final = 30 * 86400
"""A group is told once in so many seconds that we do not talk there."""

_log = structlog.get_logger("chat")

_events = Counter(
    "motcua_chat_events",
    "Events that chat networks brought, by what became of them",
    ["network", "outcome"],
)


class Reception:
    """Puts what people say into the inbox; a worker answers it. Thread-safe."""

    def __init__(
        self,
        network: Network,
        *,
        inbox: Inbox,
        block: Block,
        notes: Notes,
        blind: Blind,
        settle: Callable[[Receipt], object] = lambda _: None,
        heard: Callable[[Address], None] = lambda _: None,
    ) -> None:
        """`settle` takes receipts in; `heard` is told of everybody who does something there."""
        self.network = network
        self._inbox = inbox
        self._block = block
        self._notes = notes
        self._blind = blind
        self._settle = settle
        self._heard = heard

    def take(self, event: Mapping[str, Any]) -> Remark | None:
        """Stores what was said; the same event again changes nothing.

        Gives a remark where one is to be made at once, without any conversation. Raises Malformed
        when it is no event, and else only what the store raises: then nothing was taken in, and
        the event must be brought again.
        """
        meant = self.network.read(event)
        match meant:
            case Inbound():
                self._heard(meant.address)
                self._accept(meant)
                self.count("taken in")
            case Blocked(address):
                self._block(address)
                self.count("blocked")
            case Remark():
                return self._once(meant)
            case Told(receipts):
                for receipt in receipts:
                    self._settle(receipt)
                self.count("receipt")
            case TakenOver(inbound):
                # In its turn: what the person wrote before that is ours to answer.
                self._accept(inbound)
                self.count("by hand")
            case Ignored(why):
                self.count(why)
        return None

    def count(self, outcome: str) -> None:
        """The one line about what was brought, in a few fixed words."""
        _events.labels(self.network.name, outcome).inc()
        _log.info("chat_event", network=self.network.name, outcome=outcome)

    def _accept(self, inbound: Inbound) -> None:
        self._inbox.accept(
            provider=self.network.name,
            provider_id=inbound.hop,
            order_key=f"{self.network.name}:{inbound.wire}",
            body=inbound.to_json(),
        )

    def _once(self, remark: Remark) -> Remark | None:
        group = self._blind(f"{self.network.name}-group", str(remark.chat)).hex()
        if not self._notes.first(f"group:{group}", ONCE_IN):
            self.count("group")
            return None
        self.count("group told")
        return remark
