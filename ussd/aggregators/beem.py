"""Beem: JSON with the latest input inside a payload. Source: public clients of its USSD service."""

from __future__ import annotations

from collections.abc import Mapping

from core.asked import wanted
from core.message import Inbound, Page
from ussd.aggregators.hops import Fields, JsonLine, address_of, latest_only, left, said_first

ECHOED = ("msisdn", "operator", "session_id")


class Beem(JsonLine):
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "beem"

    def hop(self, fields: Fields) -> Inbound:
        address, session = address_of(fields, "msisdn"), wanted(fields, "session_id")
        command, text = wanted(fields, "command", 20).lower(), fields.get("payload.response", "")
        if command == "terminate":
            return left(self.name, address, session, command)
        new = command == "initiate"
        said = said_first(text, self.service_code) if new else (text,)
        trace = {name: fields.get(name, "") for name in (*ECHOED, "payload.request_id")}
        return latest_only(self.name, address, session, said, new=new, trace=trace)

    def reply(self, page: Page) -> Mapping[str, object]:
        payload = {"request_id": page.trace.get("payload.request_id", ""), "request": page.text}
        echoed = {name: page.trace.get(name, "") for name in ECHOED}
        command = "terminate" if page.end else "continue"
        return {**echoed, "command": command, "payload": payload}
