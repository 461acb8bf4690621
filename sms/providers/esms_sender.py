"""Sends texts through eSMS under a registered name (brandname).

Source: the eSMS documents (SendMultipleMessage_V4). HTTP says 200 whatever happens; CodeResult
tells. The words go out as they are: they must match a template registered with the networks, and
the documents name no field in which a template could be chosen.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.gsm import segments
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Wire
from sms.providers.port import Decision
from sms.providers.sending import (
    SMS,
    TAKEN,
    Codes,
    answered,
    heed,
    local,
    posted,
    receipts_at,
    text_of,
)

NAME = "esms"
PATH = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
CARE = "2"
"""SmsType of messages to people who are looked after; 1 would be advertising."""

CODES: Final[Codes] = MappingProxyType(
    {
        "100": ("taken", TAKEN),
        "124": ("this RequestId was taken before", TAKEN),
        "99": ("unknown error, or blocked", Decision.RETRY),
        "101": ("wrong key", Decision.ALARM),
        "103": ("no money left", Decision.ALARM),
        "104": ("no such brandname", Decision.ALARM),
        "107": ("advertising to too few numbers", Decision.ALARM),  # we send none
        "108": ("no such number", Decision.NEVER),
        "118": ("not documented", Decision.ALARM),
        "120": ("not documented", Decision.ALARM),
        "140": ("not from this address", Decision.ALARM),
        "146": ("the words match no registered template", Decision.NEVER_AND_ALARM),
        "177": ("the brandname is not registered with this network", Decision.ANOTHER),
    }
)
"""What each CodeResult means. What is not documented keeps the message and tells the operator."""


class EsmsSender:
    """Implements `core.outbox.ports.Sender`. Repeats are dropped there, by our own id."""

    provider = NAME
    serves = SMS
    honours_key = True
    receipt_names_us = True

    def __init__(
        self,
        *,
        api_key: str,
        secret_key: str,
        brandname: str,
        public_url: str,
        path_secret: str | None,
        api_url: str = "https://rest.esms.vn",
        wire: Wire | None = None,
    ) -> None:
        """`public_url` and `path_secret` take the receipts; without a secret none are asked for."""
        self._url = f"{api_url.rstrip('/')}{PATH}"
        self._who = {"ApiKey": api_key, "SecretKey": secret_key, "Brandname": brandname}
        receipts = receipts_at(public_url, NAME, path_secret)
        self._receipts = {"CallbackUrl": receipts} if path_secret else {}
        self._wire = wire or Wire(NAME)

    def send(self, outgoing: Outgoing) -> Sent:
        text = text_of(outgoing)
        fields = {
            **self._who,
            **self._receipts,
            "Phone": local(outgoing.address),
            "Content": text,
            "SmsType": CARE,
            # "0" is for words without accents: the accented letters of GSM-7 are not among them.
            "IsUnicode": "0" if text.isascii() else "1",
            "RequestId": outgoing.id,
        }
        answer = answered(NAME, posted(self._wire, NAME, self._url, fields, {}))
        heed(NAME, CODES, str(answer.get("CodeResult")))
        return Sent(outgoing.id, len(segments(text)))
