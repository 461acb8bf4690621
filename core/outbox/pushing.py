"""Notices shown on the screen as USSD messages, where a line can show them; texts where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.message import Channel
from core.outbox.outgoing import Outgoing, Purpose


@dataclass(frozen=True, slots=True)
class Pushing:
    """Which texts set out as USSD messages: those of these purposes that `fits` on one page."""

    purposes: frozenset[Purpose]
    fits: Callable[[str], bool]

    def __call__(self, outgoing: Outgoing) -> Outgoing:
        """The message as it sets out. Its key, and so its id, stay the same."""
        is_text = outgoing.channel is Channel.SMS and outgoing.page.qr is None
        if not is_text or outgoing.purpose not in self.purposes:
            return outgoing
        if not self.fits(outgoing.page.text):
            return outgoing
        return replace(outgoing, channel=Channel.USSD)


def as_text(outgoing: Outgoing) -> Outgoing | None:
    """The same message as a text, when it could not be shown; None when it was none to be shown."""
    if outgoing.channel is not Channel.USSD:
        return None
    return replace(outgoing, channel=Channel.SMS)


def as_it_is(outgoing: Outgoing) -> Outgoing:
    """Every message sets out as it was written."""
    return outgoing
