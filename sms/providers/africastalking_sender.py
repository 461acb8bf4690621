"""Sends texts through Africa's Talking.

Source: the Africa's Talking documents on bulk SMS. Its receipts go to the address that is set in its
dashboard, and name its own id; there is no key for repeats.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from core.asked import FORM
from core.gsm import segments
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.reading import mapping, objects
from core.platform.wire import Wire
from sms.providers.port import Decision
from sms.providers.sending import SMS, TAKEN, Codes, answered, heed, no_sense, request, text_of

NAME = "africastalking"
PATH = "/version1/messaging"

CODES: Final[Codes] = MappingProxyType(
    {
        "Success": ("taken", TAKEN),
        "100": ("taken", TAKEN),
        "101": ("sent", TAKEN),
        "102": ("queued", TAKEN),
        "401": ("held back as a risk", Decision.ALARM),
        "402": ("no such sender", Decision.ALARM),
        "403": ("no such number", Decision.NEVER),
        "404": ("not a mobile", Decision.NEVER),
        "405": ("no money left", Decision.ALARM),
        "406": ("on a black list", Decision.NEVER),  # whether the person meant us is not known
        "407": ("no way there", Decision.ANOTHER),
        "409": ("on a do-not-disturb list", Decision.NEVER),
        "500": ("an error there", Decision.RETRY),
        "501": ("an error of the gateway", Decision.RETRY),
        "502": ("refused by the gateway", Decision.ANOTHER),
    }
)
"""What each statusCode means. Beside "Success" the documents that could be had name none of them;
the meanings are what public clients say of them."""

SENTENCES: Final[Codes] = MappingProxyType(
    {
        "InvalidSenderId": ("no such sender", Decision.ALARM),
        "InsufficientBalance": ("no money left", Decision.ALARM),
    }
)
"""What is said where nobody is written to. Any other: again, and again."""


class AfricasTalkingSender:
    """Implements `core.outbox.ports.Sender`."""

    provider = NAME
    serves = SMS
    honours_key = False
    receipt_names_us = False

    def __init__(
        self,
        *,
        username: str,
        api_key: str,
        sender: str = "",
        api_url: str = "https://api.africastalking.com",
        wire: Wire | None = None,
    ) -> None:
        """`sender` is a registered name or short number; empty: the account's own."""
        self._url = f"{api_url.rstrip('/')}{PATH}"
        self._headers = {"apikey": api_key, "Accept": "application/json", "Content-Type": FORM}
        self._fields = {"username": username, **({"from": sender} if sender else {})}
        self._wire = wire or Wire(NAME)

    def send(self, outgoing: Outgoing) -> Sent:
        text = text_of(outgoing)
        form = urlencode({**self._fields, "to": outgoing.address.value, "message": text})
        raw = request(
            self._wire, NAME, "POST", self._url, headers=self._headers, content=form.encode()
        )
        told = mapping(answered(NAME, raw).get("SMSMessageData"))
        first = next(objects(told.get("Recipients")), None)
        if first is None:
            heed(NAME, SENTENCES, str(told.get("Message")))
            raise no_sense(NAME)
        heed(NAME, CODES, str(first.get("statusCode", first.get("status"))))
        ref = first.get("messageId")
        if not isinstance(ref, str) or not ref:
            raise no_sense(NAME)
        return Sent(ref, len(segments(text)))
