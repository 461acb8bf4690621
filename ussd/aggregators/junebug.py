"""Junebug, in front of Vumi: a hop is posted to us, and our page is posted back to its channel.

Source: Junebug's documentation. It waits ten seconds for our 200, sends nothing twice, and drops a
reply that comes too late. The session is saved by the time the page goes out.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.asked import Answer, Asked, wanted
from core.errors import Malformed, Unauthentic
from core.message import Inbound, Page
from ussd.aggregators.hops import (
    address_of,
    json_answer,
    json_of,
    latest_only,
    left,
    said_first,
)

Post = Callable[[Mapping[str, object]], bool]
"""Posts a message to the channel; False when it was not taken."""


class Junebug:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "junebug"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("POST",)})
    headers = ("authorization",)

    def __init__(self, service_code: str, *, token: str, post: Post) -> None:
        """`token`: what it proves itself with; empty when the path secret alone must do."""
        self._service_code = service_code
        self._token = token
        self._post = post

    def read(self, asked: Asked) -> Inbound:
        told = asked.headers.get("authorization", "")
        if self._token and not hmac.compare_digest(told.encode(), f"Token {self._token}".encode()):
            raise Unauthentic("token")
        fields = json_of(asked)
        address, message = address_of(fields, "from"), wanted(fields, "message_id")
        event = fields.get("channel_data.session_event", "resume")
        # It names no session: a telephone has one at a time.
        session = "telephone"
        if event == "close":
            return left(self.name, address, session, event)
        if event not in ("new", "resume"):
            raise Malformed("session_event")
        new, text = event == "new", fields.get("content", "")
        said = said_first(wanted(fields, "to"), self._service_code) if new else (text,)
        trace = {"message": message}
        return latest_only(
            self.name, address, session, said, new=new, hop=f"m:{message}", trace=trace
        )

    def write(self, page: Page | None) -> Answer:
        if page is None:
            return json_answer({})
        event = {"session_event": "close" if page.end else "resume"}
        reply = {"reply_to": page.trace["message"], "content": page.text, "channel_data": event}
        return json_answer({}, 200 if self._post(reply) else 502)

    def sorry(self, text: str, status: int = 200) -> Answer:
        """There is no message to reply to: only Junebug reads this."""
        return json_answer({"error": text}, status)
