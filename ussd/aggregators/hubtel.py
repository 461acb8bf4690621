"""Hubtel: JSON with the latest input and a number for every hop, the best there is for repeats.

Source: the company's USSD pages. It spells its types in either case, and brings `ClientState` back,
which we do not use: what comes from outside is not to be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.asked import wanted
from core.errors import Malformed
from core.message import Inbound, Page
from core.session import NUMBERED
from ussd.aggregators.hops import (
    Fields,
    JsonLine,
    address_of,
    latest_only,
    left,
    said_first,
    text_of,
)


class Hubtel(JsonLine):
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "hubtel"

    def hop(self, fields: Fields) -> Inbound:
        address, session = address_of(fields, "Mobile"), wanted(fields, "SessionId")
        kind = wanted(fields, "Type", 20).lower()
        trace = {"session": session}
        match kind:
            case "initiation":
                # Its own service code may hold stars (711*2).
                said = said_first(text_of(fields, "Message"), wanted(fields, "ServiceCode", 40))
            case "response":
                said = (text_of(fields, "Message"),)
            case "release" | "timeout":
                return left(self.name, address, session, kind)
            case _:
                raise Malformed("Type")
        new = kind == "initiation"
        number = wanted(fields, "Sequence", 9)
        if not number.isdecimal():
            raise Malformed("Sequence")
        hop = f"{NUMBERED}{number}"
        return latest_only(self.name, address, session, said, new=new, hop=hop, trace=trace)

    def reply(self, page: Page) -> Mapping[str, object]:
        return {
            "SessionId": page.trace.get("session", ""),
            "Type": "release" if page.end else "response",
            "Message": page.text,
            "ClientState": "",
        }
