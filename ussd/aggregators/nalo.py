"""Nalo: JSON with the latest input. `MSGTYPE` means "first" on the way in, and "go on" on the way out.

Source: the company's USSD pages. A page holds 120 signs there. Older integrations name no session:
then the telephone itself is the session.
"""

from __future__ import annotations

from collections.abc import Mapping

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


class Nalo(JsonLine):
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "nalo"

    def hop(self, fields: Fields) -> Inbound:
        new, text = truth_of(fields, "MSGTYPE"), text_of(fields, "USERDATA")
        said = said_first(text, self.service_code) if new else (text,)
        session = fields.get("SESSIONID", "")[:200] or "telephone"
        trace = {"user": fields.get("USERID", "")[:40], "phone": fields.get("MSISDN", "")}
        address = address_of(fields, "MSISDN")
        return latest_only(self.name, address, session, said, new=new, trace=trace)

    def reply(self, page: Page) -> Mapping[str, object]:
        return {
            "USERID": page.trace.get("user", ""),
            "MSISDN": page.trace.get("phone", ""),
            "MSG": page.text,
            "MSGTYPE": not page.end,
        }
