"""Arkesel: JSON with the latest input, which it wants echoed with the page.

Source: public integrations of the company's USSD service.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.asked import wanted
from core.message import Inbound, Page
from ussd.aggregators.hops import (
    Fields,
    JsonLine,
    address_of,
    latest_only,
    said_first,
    text_of,
    truth_of,
)

ECHOED = ("sessionID", "userID", "msisdn")


class Arkesel(JsonLine):
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "arkesel"

    def hop(self, fields: Fields) -> Inbound:
        new, text = truth_of(fields, "newSession"), text_of(fields, "userData")
        said = said_first(text, self.service_code) if new else (text,)
        session, address = wanted(fields, "sessionID"), address_of(fields, "msisdn")
        trace = {name: fields.get(name, "")[:200] for name in ECHOED}
        return latest_only(self.name, address, session, said, new=new, trace=trace)

    def reply(self, page: Page) -> Mapping[str, object]:
        echoed = {name: page.trace.get(name, "") for name in ECHOED}
        return {**echoed, "message": page.text, "continueSession": not page.end}
