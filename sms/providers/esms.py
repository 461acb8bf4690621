"""eSMS's calls to us: what became of a text, as a GET request; texts do not come in through it.

Source: the eSMS documents. It calls up to five times until it is answered, and signs nothing. Our
own id comes back as RequestId, and so is what we call the message by here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.asked import Asked, read_fields, wanted
from core.errors import Malformed
from core.message import Inbound
from core.outbox.outgoing import Receipt, Status
from sms.providers.port import RECEIPT, Unsigned

STATUSES: Final[Mapping[str, tuple[str, Status | None]]] = MappingProxyType(
    {
        "1": ("awaiting approval", None),
        "2": ("waiting", None),
        "4": ("refused", Status.FAILED),
        "5": ("finished", Status.DELIVERED),  # unless SendFailed says otherwise
        "7": ("given to the network", Status.SENT),
    }
)
"""What each SendStatus means."""

_COUNTS = ("SendSuccess", "SendFailed")


class Esms(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    name = "esms"
    method = "GET"
    paths = (RECEIPT,)

    def read(self, asked: Asked) -> Inbound:
        raise Malformed("no texts come from here")

    def read_receipt(self, asked: Asked) -> Receipt | None:
        fields = dict(read_fields(asked.query))
        try:
            ours = str(uuid.UUID(wanted(fields, "RequestId", 64)))
        except ValueError:
            raise Malformed("RequestId") from None
        word = wanted(fields, "SendStatus", 8)
        if word not in STATUSES:
            raise Malformed("SendStatus")
        status = STATUSES[word][1]
        if word == "5":
            status = _finished(fields)
        if status is None:
            return None
        return Receipt(self.name, ref=ours, status=status, words=word, outgoing_id=ours)


def _finished(fields: Mapping[str, str]) -> Status:
    """Finished is not arrived: some may have failed, and where nobody is counted nobody knows."""
    arrived, failed = (fields.get(name, "").strip() or "0" for name in _COUNTS)
    for name, count in zip(_COUNTS, (arrived, failed), strict=True):
        if not (count.isascii() and count.isdecimal() and len(count) < 10):
            raise Malformed(name)
    if int(failed) > 0:
        return Status.FAILED
    return Status.DELIVERED if int(arrived) > 0 else Status.SENT
