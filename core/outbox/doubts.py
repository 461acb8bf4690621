"""What becomes of a message that some provider may have, although nobody could mark it as sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.clock import Clock
from core.errors import SendLater
from core.outbox.conduct import RECEIPTS_COME, SETTLE_URGENT, Conduct
from core.outbox.doors import Doors
from core.outbox.marking import Marking
from core.outbox.outgoing import Lane, Status
from core.outbox.ports import Claimed, Sender
from core.outbox.routes import Way

GONE: Final = 10
"""A provider that drops repeats is waited for so many times longer than a receipt."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Waits for receipts where they may tell, and goes by the purpose where they do not come."""

    senders: Sequence[Sender]
    clock: Clock
    how: Conduct
    doors: Doors
    mark: Marking

    def ways_left(
        self, claimed: Claimed, ways: Sequence[Way], now: datetime
    ) -> Sequence[Way] | None:
        """The ways left to a message that somebody may have; None: it waits for its receipt."""
        assert claimed.doubt is not None
        before, since = claimed.doubt.provider, claimed.doubt.since
        until = self._receipt_until(claimed, before, since, now)
        if until is None:
            mine = [way for way in ways if way.sender.provider == before]
            others = [way for way in ways if way not in mine]
            if not any(way.sender.honours_key for way in mine):
                return others + mine
            # It drops what it has; another one would not know that it has it.
            shut = self.doors.shut(before)
            if shut is None:
                return mine
            again = claimed.outgoing.purpose in self.how.manners.again
            gone = since + GONE * self.how.settle
            if again and now >= gone:
                return others + mine
            until = min(shut, gone) if again else shut
        if until <= now:
            words = "nobody knows whether it was sent; not sent again"
            self.mark.end(claimed, Status.FAILED, words)
        else:
            self.mark.unsettled(claimed, until, "waits for its receipt")
        return None

    def _receipt_until(
        self, claimed: Claimed, provider: str, since: datetime, now: datetime
    ) -> datetime | None:
        """Until when a receipt may tell; None: it may be sent again now."""
        sender = next((one for one in self.senders if one.provider == provider), None)
        if sender is not None and sender.honours_key:
            return None
        urgent = claimed.outgoing.lane is Lane.URGENT
        settle = min(self.how.settle, SETTLE_URGENT) if urgent else self.how.settle
        if sender is not None and sender.receipt_names_us and now < since + settle:
            return since + settle
        again = claimed.outgoing.purpose in self.how.manners.again
        return None if again else since + RECEIPTS_COME

    def unsure(self, claimed: Claimed, sender: Sender, error: SendLater) -> None:
        """Nobody knows whether this provider took it."""
        now = self.clock()
        until = self._receipt_until(claimed, sender.provider, now, now)
        if until is None and sender.honours_key:
            until = now + self.mark.back_off(claimed)
        if until is None:
            self.mark.again(claimed, error.words, unsure=True)
        else:
            self.mark.unsettled(claimed, until, error.words, counted=True)
