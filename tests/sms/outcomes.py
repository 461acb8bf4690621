"""What the outbox is told for each decision."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import SendError, SendLater, SendNever
from sms.providers.port import Decision

OUTCOME: Mapping[Decision, type[SendError]] = {
    Decision.RETRY: SendLater,
    Decision.ANOTHER: SendLater,
    Decision.ALARM: SendLater,
    Decision.NEVER: SendNever,
    Decision.NEVER_AND_ALARM: SendNever,
    Decision.GONE: SendNever,
    Decision.OPTED_OUT: SendNever,
}
