"""Sends texts through SpeedSMS under a registered name.

Source: the SpeedSMS documents for address, fields, rate and codes; the meaning of the codes is what
public clients say of them. There is no key for repeats: a text whose answer got lost is sent again.
"""

from __future__ import annotations

import base64
from types import MappingProxyType
from typing import Final

from core.gsm import segments
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.reading import mapping
from core.platform.wire import Wire
from sms.providers.port import Decision, refusal
from sms.providers.sending import (
    SMS,
    TAKEN,
    Codes,
    answered,
    digits,
    heed,
    no_sense,
    posted,
    text_of,
)

NAME = "speedsms"
PATH = "/index.php/sms/send"
WAIT = "x-rate-limit-reset"
"""Where it says when to come again: 60 requests a minute are allowed."""

CODES: Final[Codes] = MappingProxyType(
    {
        "00": ("taken", TAKEN),
        "007": ("not from this address", Decision.ALARM),
        "008": ("account locked", Decision.ALARM),
        "009": ("account may not use the interface", Decision.ALARM),
        "101": ("a field is missing or wrong", Decision.ALARM),
        "105": ("no such number", Decision.NEVER),
        "110": ("not documented", Decision.ALARM),
        "113": ("too long", Decision.NEVER),
        "300": ("no money left", Decision.ALARM),
        "500": ("an error there", Decision.RETRY),
    }
)
"""What each code means. What is not documented keeps the message and tells the operator."""


class SpeedSmsSender:
    """Implements `core.outbox.ports.Sender`."""

    provider = NAME
    serves = SMS
    honours_key = False
    receipt_names_us = False

    def __init__(
        self,
        *,
        token: str,
        sender: str,
        sms_type: int = 3,
        api_url: str = "https://api.speedsms.vn",
        wire: Wire | None = None,
    ) -> None:
        """`sms_type` 3 sends under the registered name `sender`."""
        self._url = f"{api_url.rstrip('/')}{PATH}"
        known = base64.b64encode(f"{token}:x".encode()).decode()
        self._headers = {"Authorization": f"Basic {known}"}
        self._fields = {"sms_type": sms_type, "sender": sender}
        self._wire = wire or Wire(NAME)

    def send(self, outgoing: Outgoing) -> Sent:
        text = text_of(outgoing)
        fields = {**self._fields, "to": [digits(outgoing.address)], "content": text}
        raw = posted(self._wire, NAME, self._url, fields, self._headers, wait=WAIT)
        answer = answered(NAME, raw)
        heed(NAME, CODES, str(answer.get("code")))
        told = mapping(answer.get("data"))
        if told.get("invalidPhone"):
            raise refusal(NAME, Decision.NEVER, "105 no such number")
        ref = told.get("tranId")
        if type(ref) is not int:
            raise no_sense(NAME)
        return Sent(str(ref), len(segments(text)))
