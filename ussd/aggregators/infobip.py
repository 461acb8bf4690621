"""Infobip: one address for each session, JSON with the latest input, trouble told inside of a 200.

Source: public clients of the company's USSD gateway. The end of a session is told without a number,
so it is only acknowledged; whoever was cut off is found when they do not come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.asked import Answer, Asked, wanted
from core.message import Inbound, Page
from ussd.aggregators.hops import (
    address_of,
    json_answer,
    json_of,
    latest_only,
    said_first,
    text_of,
)

GOOD: Mapping[str, object] = MappingProxyType({"responseExitCode": 200, "responseMessage": ""})


class Infobip:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "infobip"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {
            "session/<id>/start": ("POST",),
            "session/<id>/response": ("POST",),
            "session/<id>/end": ("PUT",),
            "session/<id>/status": ("GET",),
        }
    )

    def __init__(self, service_code: str) -> None:
        self._service_code = service_code

    def read(self, asked: Asked) -> Inbound | Answer:
        _, session, what = asked.path.split("/")
        wanted({"session": session}, "session")
        if what == "status":
            return json_answer({"sessionActive": True, **GOOD})
        fields = json_of(asked)
        if what == "end":
            return json_answer(GOOD)
        address, text = address_of(fields, "msisdn"), text_of(fields, "text")
        new = what == "start"
        said = self._dialled(fields) if new else (text,)
        return latest_only(self.name, address, session, said, new=new)

    def _dialled(self, fields: Mapping[str, str]) -> tuple[str, ...]:
        """What followed the code stands in the short code, or in the text when that is a code."""
        for name in ("text", "shortCode"):
            if said := said_first(fields.get(name, ""), self._service_code):
                return said
        return ()

    def write(self, page: Page | None) -> Answer:
        if page is None:
            return json_answer(GOOD)
        return json_answer({"shouldClose": page.end, "ussdMenu": page.text, **GOOD})

    def sorry(self, text: str, status: int = 200) -> Answer:
        told = {"responseExitCode": status, "responseMessage": "Bad request"}
        return json_answer({"shouldClose": True, "ussdMenu": text, **told})
