"""Africa's Talking's calls to us about texts: forms.

Source: the Africa's Talking documents on SMS notifications. It signs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from core.asked import Asked, wanted
from core.errors import Malformed
from core.message import Inbound
from core.outbox.outgoing import Receipt, Status
from sms.providers.port import Unsigned, code_word, text_message

STATUSES: Final[Mapping[str, Status]] = MappingProxyType(
    {
        "Sent": Status.SENT,
        "Buffered": Status.SENT,
        "Success": Status.DELIVERED,
        "Rejected": Status.FAILED,
        "Failed": Status.FAILED,
        "Expired": Status.FAILED,
        "Submitted": Status.SENT,  # this one and the next are not in the list we could check
        "AbsentSubscriber": Status.FAILED,
    }
)
"""What each status means to us."""


class AfricasTalking(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    name = "africastalking"

    def __init__(self, *, ours: Collection[str] = ()) -> None:
        """`ours`: our own sender names and numbers, which are never answered."""
        self._ours = ours

    def read(self, asked: Asked) -> Inbound:
        fields = dict(asked.form())
        if "text" not in fields:
            raise Malformed("text")
        return text_message(
            self.name,
            hop=wanted(fields, "id", 64),
            written=wanted(fields, "from"),
            to=wanted(fields, "to"),
            text=fields["text"],
            ours=self._ours,
        )

    def read_receipt(self, asked: Asked) -> Receipt | None:
        fields = dict(asked.form())
        ref = wanted(fields, "id", 100)
        word = wanted(fields, "status", 40)
        if word not in STATUSES:
            raise Malformed("status")
        words = code_word(fields.get("failureReason", ""))
        return Receipt(self.name, ref, STATUSES[word], words=words)
