"""Takes in one event of a chat network, however it came: by webhook or by polling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import structlog
from prometheus_client import Counter

from bot.network import Blocked, Ignored, Network, Remark, TakenOver, Told
from bot.ports import Blind, Block, Inbox, Notes
from core import hear
from core.message import Address, Inbound
from core.outbox.outgoing import Receipt

ONCE_IN: Final = 30 * 86400
"""A group is told once in so many seconds that we do not talk there."""

BY_HAND: Final = 30 * 60
"""Seconds for which we stay silent after somebody of ours wrote to a person by hand."""

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
        by_hand: int = BY_HAND,
    ) -> None:
        """`settle` takes receipts in; `heard` is told of everybody who does something there."""
        self.network = network
        self._inbox = inbox
        self._block = block
        self._notes = notes
        self._blind = blind
        self._settle = settle
        self._heard = heard
        self._by_hand = by_hand

    def take(self, event: Mapping[str, Any]) -> Remark | None:
        """Stores what was said; the same event again changes nothing.

        Gives a remark where one is to be made at once, without any conversation. Raises Malformed
        when it is no event, and else only what the store raises: then nothing was taken in, and
        the event must be brought again.
        """
        meant = self.network.read(event)
        match meant:
            case Inbound():
                self._accept(meant)
            case Blocked(address):
                self._block(address)
                self.count("blocked")
            case Remark():
                return self._once(meant)
            case Told(receipts):
                for receipt in receipts:
                    self._settle(receipt)
                self.count("receipt")
            case TakenOver(address):
                self._notes.put(self._note(address), "1", self._by_hand)
                self.count("by hand")
            case Ignored(why):
                self.count(why)
        return None

    def count(self, outcome: str) -> None:
        """The one line about what was brought, in a few fixed words."""
        _events.labels(self.network.name, outcome).inc()
        _log.info("chat_event", network=self.network.name, outcome=outcome)

    def _accept(self, inbound: Inbound) -> None:
        self._heard(inbound.address)
        heard = self._between_people(inbound)
        self._inbox.accept(
            provider=self.network.name,
            provider_id=inbound.hop,
            order_key=f"{self.network.name}:{inbound.wire}",
            body=heard.to_json(),
        )
        self.count("taken in" if heard is inbound else "left to a person")

    def _between_people(self, inbound: Inbound) -> Inbound:
        """What is written to somebody of ours is not for us; a button, or the menu's word, is."""
        note = self._note(inbound.address)
        if inbound.event != "resume" or self._notes.get(note) is None:
            return inbound
        if inbound.option is not None or any(hear.is_menu(one) for one in inbound.said):
            self._notes.forget(note)
            return inbound
        return replace(inbound, event="close")

    def _note(self, address: Address) -> str:
        return f"by-hand:{self._blind(f'{address.network}-by-hand', address.value).hex()}"

    def _once(self, remark: Remark) -> Remark | None:
        group = self._blind(f"{self.network.name}-group", str(remark.chat)).hex()
        if not self._notes.first(f"group:{group}", ONCE_IN):
            self.count("group")
            return None
        self.count("group told")
        return remark
