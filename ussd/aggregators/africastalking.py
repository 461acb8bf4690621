"""Africa's Talking: a form with everything said so far, answered in text that begins CON or END.

Source: the company's USSD pages (developers.africastalking.com/docs/ussd). It waits 15 seconds,
signs nothing, and ends the session politely by itself when we answer 4xx.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.asked import Answer, Asked, wanted
from core.errors import Malformed
from core.message import Inbound, Page
from ussd.aggregators.hops import address_of, left, whole_history

NOTICE = "notice"
"""Where its end-of-session event is posted, below the address of the hops."""

_ENDINGS = frozenset({"Success", "Incomplete", "Failed"})


class AfricasTalking:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "africastalking"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("POST",), NOTICE: ("POST",)})

    def read(self, asked: Asked) -> Inbound:
        """A hop: the whole history is both what was said and what makes a repeat the same."""
        fields = dict(asked.form())
        session = wanted(fields, "sessionId")
        address = address_of(fields, "phoneNumber")
        if asked.path == NOTICE:
            ended = fields.get("status", "")
            return left(self.name, address, session, ended if ended in _ENDINGS else "unknown")
        wanted(fields, "serviceCode")
        if "text" not in fields:
            raise Malformed("text")
        return whole_history(self.name, address, session, fields["text"])

    def write(self, page: Page | None) -> Answer:
        if page is None:
            return Answer()
        return Answer(f"{'END' if page.end else 'CON'} {page.text}")

    def sorry(self, text: str, status: int = 200) -> Answer:
        return Answer(f"END {text}", status)
