"""Airtel's gateway (Comviva Flares): a GET with the latest input, answered in text and headers.

Source: public clients of the gateway. The first input is the dialled code without its first star and
its #; nothing else marks a new session.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.asked import Answer, Asked, wanted
from core.message import Inbound, Page
from ussd.aggregators.hops import (
    address_of,
    latest_only,
    left,
    query_of,
    said_first,
    text_of,
)


class Airtel:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "airtel"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("GET",)})

    def __init__(self, service_code: str) -> None:
        self._service_code = service_code
        self._bare = service_code.strip("*#")

    def read(self, asked: Asked) -> Inbound:
        fields = query_of(asked)
        session = wanted(fields, "SessionID")
        if fields.get("clean"):
            return left(self.name, address_of(fields, "msisdn"), session, "cleaned up")
        address, text = address_of(fields, "MSISDN"), text_of(fields, "input")
        new = text == self._bare or text.startswith(f"{self._bare}*")
        said = said_first(text, self._service_code) if new else (text,)
        return latest_only(self.name, address, session, said, new=new)

    def write(self, page: Page | None) -> Answer:
        if page is None:
            return Answer()
        return Answer(page.text, headers=_flow(end=page.end))

    def sorry(self, text: str, status: int = 200) -> Answer:
        return Answer(text, status, headers=_flow(end=True))


def _flow(*, end: bool) -> Mapping[str, str]:
    """Go on (FC) or break off (FB); the person is charged nothing."""
    return {"Freeflow": "FB" if end else "FC", "charge": "N", "amount": "0"}
