"""Safaricom's own gateway: a GET with everything said so far, answered as Africa's Talking is.

Source: public clients of the operator's gateway. What was dialled after the code counts as said.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.asked import Answer, Asked, wanted
from core.message import Inbound, Page
from ussd.aggregators.hops import address_of, query_of, text_of, whole_history


class Safaricom:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "safaricom"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("GET",)})

    def read(self, asked: Asked) -> Inbound:
        fields = query_of(asked)
        wanted(fields, "DEST")
        address, session = address_of(fields, "ORIG"), wanted(fields, "SESSION_ID")
        return whole_history(self.name, address, session, text_of(fields, "USSD_PARAMS"))

    def write(self, page: Page | None) -> Answer:
        return Answer(f"{'END' if page.end else 'CON'} {page.text}" if page else "")

    def sorry(self, text: str, status: int = 200) -> Answer:
        return Answer(f"END {text}", status)
