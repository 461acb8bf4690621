"""Kannel's calls to us: GET requests with the text in whatever bytes the network sent.

Source: the Kannel 1.4.5 user's guide. Its configuration is docs/kannel-sms.conf; `max-messages = 0` there,
or the words of an error answer would be sent to the person.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from core.asked import Asked, wanted
from core.errors import Malformed
from core.kannel import raw_fields, text_of
from core.message import Inbound
from core.outbox.outgoing import Receipt, Status
from sms.providers.port import Unsigned, text_message

STATUSES: Final[Mapping[str, Status]] = MappingProxyType(
    {
        "1": Status.DELIVERED,
        "2": Status.FAILED,  # the network gave up
        "4": Status.SENT,  # the network keeps it
        "8": Status.SENT,  # the network took it
        "16": Status.FAILED,  # the network refused it
    }
)
"""What each type (%d) of delivery report means to us."""

_STATE = re.compile(rb"\b(stat:[A-Z]{1,10}|err:[0-9A-Fa-f]{1,5})")


class Kannel(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    name = "kannel"
    method = "GET"

    def __init__(self, *, ours: Collection[str] = ()) -> None:
        """`ours`: our own sender names and numbers, which are never answered."""
        self._ours = ours

    def read(self, asked: Asked) -> Inbound:
        raw = raw_fields(asked.query)
        fields = {name: value.decode("latin-1") for name, value in raw.items()}
        text = text_of(raw)
        return text_message(
            self.name,
            hop=wanted(fields, "id", 64),
            written=wanted(fields, "from"),
            to=wanted(fields, "to"),
            text=text,
            ours=self._ours,
        )

    def read_receipt(self, asked: Asked) -> Receipt | None:
        raw = raw_fields(asked.query)
        fields = {name: value.decode("latin-1") for name, value in raw.items()}
        try:
            ours = str(uuid.UUID(wanted(fields, "id")))
        except ValueError:
            raise Malformed("id") from None
        status = STATUSES.get(wanted(fields, "type", 3))
        if status is None:
            return None
        # Of the network's own words only the codes: they also repeat how the text begins.
        codes = b" ".join(_STATE.findall(raw.get("answer", b""))).decode()
        return Receipt(self.name, ref=ours, status=status, words=codes, outgoing_id=ours)
