"""Moolre: JSON with the latest input; what follows the code is told apart. Source: docs.moolre.com."""

from __future__ import annotations

from collections.abc import Mapping

from core.asked import wanted
from core.message import Inbound, Page
from ussd.aggregators.hops import Fields, JsonLine, address_of, latest_only, text_of, truth_of


class Moolre(JsonLine):
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "moolre"

    def hop(self, fields: Fields) -> Inbound:
        new, text = truth_of(fields, "new"), text_of(fields, "message")
        ahead = tuple(part for part in fields.get("data", "").split("*") if part)
        session, address = wanted(fields, "sessionid"), address_of(fields, "msisdn")
        return latest_only(self.name, address, session, ahead if new else (text,), new=new)

    def reply(self, page: Page) -> Mapping[str, object]:
        return {"message": page.text, "reply": not page.end}
