"""Twilio's calls to us, for texts and for WhatsApp: signed forms, answered in TwiML.

Source: twilio.com/docs/messaging (webhooks, status callbacks) and docs/usage/security. Retries carry
an `I-Twilio-Idempotency-Token`, but the signature does not cover it; the MessageSid, which is the
same on a retry and is signed, tells repeats.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.datastructures import MultiDict

from core.asked import LIMIT, Answer, Asked, wanted
from core.errors import Malformed, Unauthentic
from core.message import Address, Channel, Inbound, Page
from core.outbox.outgoing import Receipt, Status
from core.people.phone import BadPhone, read_phone
from sms.providers.port import MESSAGE, RECEIPT, bad_request, our_id, sender_of

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


OPTED_OUT: Final = "21610"
UNKNOWN_HANDSET: Final = "30005"

OPT_OUT_TYPES: Final = frozenset({"STOP", "START", "HELP"})
"""What Advanced Opt-Out has taken a text for, and answered."""

WHATSAPP: Final = "whatsapp"
WHATSAPP_PREFIX: Final = "whatsapp:"
"""What stands before an address on WhatsApp, in both directions."""


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
        sender, to = wanted(fields, "From"), wanted(fields, "To")
        chat = sender.startswith(WHATSAPP_PREFIX)
        address, person = _writer(sender, to) if chat else sender_of(sender, to, self._ours)
        # With Advanced Opt-Out, Twilio has answered STOP, START or HELP itself.
        silent = {"silent": "opt-out"} if fields.get("OptOutType") else {}
        # Which words mean STOP there is set in its console; what it took them for counts here too.
        meant = fields.get("OptOutType", "")
        said = meant if meant in OPT_OUT_TYPES else fields["Body"]
        wire = WHATSAPP if chat else self.name
        return Inbound(
            channel=Channel.CHAT if chat else Channel.SMS,
            provider=wire,
            address=address,
            wire=wire,
            hop=wanted(fields, "MessageSid", 64),
            event="resume" if person else "close",
            said=(said,),
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
            outgoing_id=our_id(asked.query),
            opted_out=code == OPTED_OUT,
            gone=code == UNKNOWN_HANDSET,
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


def _writer(sender: str, to: str) -> tuple[Address, bool]:
    """Who wrote on WhatsApp: a number, or another id of an account that keeps its number to itself.

    Raises Malformed.
    """
    account = sender.removeprefix(WHATSAPP_PREFIX)
    if not account:
        raise Malformed("From")
    try:
        account = read_phone(account) if account[:1] == "+" else account
    except BadPhone:
        raise Malformed("From") from None
    return Address(WHATSAPP, account), sender != to
