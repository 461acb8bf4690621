"""Shows people what they have not dialled for, through the Mobicents/RestComm USSD gateway.

Source: the gateway's own examples of network-initiated dialogs. A notice is shown, and answered by
the handset itself; then the dialog is closed. A person who is in a session of their own is busy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import quoteattr

from core.clock import Deadline
from core.errors import Malformed, PlatformError, SendLater, SendNever
from core.gsm import is_gsm7
from core.message import Channel, Network
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Raw, Wire
from ussd.aggregators.mobicents import GSM_7, NOTHING, OVER, UCS_2
from ussd.pages import on_one_page
from ussd.xml_dialog import read_dialog

NAME: Final = "mobicents"
SECONDS = 70.0
"""TCAP waits 60 seconds for a handset."""

XML: Final = "text/xml"
"""Exactly so: the gateway refuses a content type that says more."""

NEVER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1": "unknown subscriber",
        "9": "illegal subscriber",
        "12": "illegal equipment",
        "21": "facility not supported",
        "71": "unknown alphabet",
    }
)
"""MAP errors (3GPP TS 29.002) after which the same message will not arrive either."""

_COOKIE: Final = re.compile(r"JSESSIONID=[^;,\s]+")


class MobicentsPush:
    """Implements `core.outbox.ports.Sender`."""

    provider = NAME
    serves: Collection[tuple[Network, Channel]] = frozenset({("phone", Channel.USSD)})
    honours_key = False
    receipt_names_us = False

    def __init__(self, url: str, *, limit: int = 160, wire: Wire | None = None) -> None:
        """`url` is where the gateway takes dialogs, such as `http://gateway:8080/restcomm`."""
        self._url = url
        self.limit = limit
        self._wire = wire or Wire(NAME)

    def send(self, outgoing: Outgoing) -> Sent:
        text = outgoing.page.text
        if not on_one_page(text, self.limit):
            raise SendNever("too long")
        answer = self._post(_notice(text, outgoing.address.value.lstrip("+")), "")
        if answer.status != 200:
            raise SendLater(f"HTTP {answer.status}")
        try:
            dialog = read_dialog(answer.body)
        except Malformed:
            raise SendLater("an answer that is no dialog") from None
        if dialog.error in NEVER:
            raise SendNever(f"MAP {dialog.error} {NEVER[dialog.error]}")
        over = f"MAP {dialog.error}" if dialog.error.isdecimal() else None
        over = over or next((name for name in OVER if dialog.about.get(name)), None)
        if over or dialog.element != "unstructuredSSNotify_Response":
            raise SendLater(over or "not shown")
        session = _COOKIE.search(answer.headers.get("set-cookie", ""))
        self._close(session[0] if session else "")
        return Sent(outgoing.id, 1)

    def _close(self, cookie: str) -> None:
        """It has been shown: whether the dialog ends now or by itself makes no difference."""
        try:
            self._post(NOTHING, cookie)
        except SendLater:
            return

    def _post(self, xml: str, cookie: str) -> Raw:
        headers = {
            "Content-Type": XML,
            **({"Cookie": cookie} if cookie else {}),
        }
        try:
            return self._wire.send(
                "POST",
                self._url,
                headers=headers,
                content=xml.encode(),
                deadline=Deadline.after(SECONDS),
            )
        except PlatformError as error:
            raise SendLater(type(error).__name__.lower()) from None


def _notice(text: str, phone: str) -> str:
    coding = GSM_7 if is_gsm7(text) else UCS_2
    string = quoteattr(text, {"\n": "&#10;"})
    return (
        '<dialog type="Begin" appCntx="networkUnstructuredSsContext_version2" networkId="0" '
        'mapMessagesSize="1" returnMessageOnError="false">'
        f'<unstructuredSSNotify_Request dataCodingScheme="{coding}" string={string}>'
        f'<msisdn nai="international_number" npi="ISDN" number="{phone}"/>'
        "</unstructuredSSNotify_Request></dialog>"
    )
