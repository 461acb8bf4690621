"""Twilio's calls to us: signed forms, answered in TwiML.

Source: twilio.com/docs/messaging (webhooks, status callbacks) and docs/usage/security. Retries carry
an `I-Twilio-Idempotency-Token`, but the signature does not cover it; the MessageSid, which is the
same on a retry and is signed, tells repeats.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.datastructures import MultiDict

from core.asked import LIMIT, Answer, Asked, read_fields, wanted
from core.errors import Malformed, Unauthentic
from core.message import Channel, Inbound, Page
from core.outbox.outgoing import Receipt, Status
from sms.providers.port import MESSAGE, RECEIPT, bad_request, sender_of

STATUSES: Final[Mapping[str, Status | None]] = MappingProxyType(
    {
        "queued": None,
        "accepted": None,
        "scheduled": None,
        "sending": None,
        "sent": Status.SENT,
        "delivered": Status.DELIVERED,
        "read": Status.DELIVERED,
        "partially_delivered": Status.DELIVERED,
        "undelivered": Status.FAILED,
        "failed": Status.FAILED,
        "canceled": Status.FAILED,
        "receiving": None,
        "received": None,
    }
)
"""What each of Twilio's statuses means to us; None: nothing new."""


class Twilio:
    """Implements `sms.providers.port.Provider`."""

    name = "twilio"
    method = "POST"
    signs = True
    paths = (MESSAGE, RECEIPT)
    largest = LIMIT
    waits: float | None = 12.0
    """Twilio itself waits 15 s; the rest is for the network."""

    def __init__(self, *, auth_token: str, public_url: str, ours: Collection[str] = ()) -> None:
        """`public_url` is our address as Twilio calls it: the signature covers it.

        `ours`: our own sender names and numbers, which are never answered.
        """
        if not auth_token:
            raise ValueError("without a token, anybody could sign")
        self._validator = RequestValidator(auth_token)
        self._base = f"{public_url.rstrip('/')}/sms/{self.name}"
        self._ours = ours

    def prove(self, asked: Asked) -> None:
        signature = asked.headers.get("x-twilio-signature", "")
        if not signature:
            raise Unauthentic("no signature")
        query = f"?{asked.query.decode('latin-1')}" if asked.query else ""
        # All that came is signed, never a fixed list: Twilio adds fields.
        signed = MultiDict(asked.form())
        if not self._validator.validate(f"{self._base}/{asked.path}{query}", signed, signature):
            raise Unauthentic("wrong signature")

    def each(self, asked: Asked) -> tuple[Asked, ...]:
        return (asked,)

    def read(self, asked: Asked) -> Inbound:
        fields = dict(asked.form())
        if "Body" not in fields:
            raise Malformed("Body")
        address, person = sender_of(wanted(fields, "From"), wanted(fields, "To"), self._ours)
        # With Advanced Opt-Out, Twilio has answered STOP, START or HELP itself.
        silent = {"silent": "opt-out"} if fields.get("OptOutType") else {}
        return Inbound(
            channel=Channel.SMS,
            provider=self.name,
            address=address,
            wire=self.name,
            hop=wanted(fields, "MessageSid", 64),
            event="resume" if person else "close",
            said=(fields["Body"],),
            trace=silent,
        )

    def read_receipt(self, asked: Asked) -> Receipt | None:
        fields = dict(asked.form())
        ref = wanted(fields, "MessageSid", 64)
        word = wanted(fields, "MessageStatus", 64)
        if word not in STATUSES:
            raise Malformed("MessageStatus")
        status = STATUSES[word]
        if status is None:
            return None
        code = fields.get("ErrorCode", "")
        return Receipt(
            provider=self.name,
            ref=ref,
            status=status,
            words=code if code.isdecimal() and len(code) < 8 else "",
            outgoing_id=_our_id(asked.query),
        )

    def write(self, page: Page | None) -> Answer:
        response = MessagingResponse()
        if page is not None and page.text:
            response.message(page.text)
        return Answer(response.to_xml(), 200, "text/xml; charset=utf-8")

    def taken(self) -> Answer:
        return Answer("", 204)

    def sorry(self, malformed: Malformed) -> Answer:
        return bad_request(malformed)


def _our_id(query: bytes) -> str | None:
    """Our own id of the message, which we put into the callback's address."""
    try:
        return str(uuid.UUID(dict(read_fields(query)).get("id", "")))
    except ValueError:
        return None
