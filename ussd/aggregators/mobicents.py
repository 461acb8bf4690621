"""The Mobicents/RestComm USSD gateway: XML in, XML out, one dialog a session.

Source: the gateway's own examples. A hop after the first need not name the caller, so we have it
brought back in `userObject`, with the `invokeId` of the first request, which the last answer names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from core.asked import Answer, Asked, WrongType, wanted
from core.errors import Malformed
from core.gsm import is_gsm7
from core.message import Inbound, Page
from ussd.aggregators.hops import Fields, address_of, latest_only, left, said_first, text_of
from ussd.xml_dialog import Dialog, read_dialog

XML = "text/xml; charset=utf-8"
TYPES = frozenset({"text/xml", "application/xml"})
GSM_7, UCS_2 = "15", "72"
"""Data coding schemes of cell broadcast (3GPP TS 23.038), which USSD uses."""

NOTHING = '<dialog mapMessagesSize="0" prearrangedEnd="false"/>'
OVER = (
    "mapUserAbortChoice",
    "mapAbortProviderReason",
    "mapRefuseReason",
    "dialogTimedOut",
    "invokeTimedOut",
)
DIALLED = "processUnstructuredSSRequest_Request"
ANSWERED = "unstructuredSSRequest_Response"


class Mobicents:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "mobicents"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("POST",)})

    def __init__(self, service_code: str) -> None:
        self._service_code = service_code

    def read(self, asked: Asked) -> Inbound:
        if asked.content_type.partition(";")[0].strip().lower() not in TYPES:
            raise WrongType("content type")
        dialog = read_dialog(asked.body)
        phone, first = self._caller(dialog)
        address = address_of({"msisdn": phone}, "msisdn")
        session = f"{wanted(dialog.about, 'localId', 40)} {dialog.about.get('remoteId', '')[:40]}"
        over = next((name for name in OVER if dialog.about.get(name)), None)
        if over or dialog.about.get("type") in ("Abort", "End"):
            return left(self.name, address, session, over or "ended")
        number, text = wanted(dialog.said, "invokeId", 20), text_of(dialog.said, "string")
        new = dialog.element == DIALLED
        if not new and dialog.element != ANSWERED:
            raise Malformed("element")
        return latest_only(
            self.name,
            address,
            session,
            said_first(text, self._service_code) if new else (text,),
            new=new,
            # With the words: a gateway that always tells the same number must not get stuck.
            hop=f"{dialog.element} {number} {text}",
            trace={"caller": phone, "first": number if new else first},
        )

    def _caller(self, dialog: Dialog) -> tuple[str, str]:
        """Their number, and the invoke id of the first request, as far as it is known."""
        phone, _, first = dialog.about.get("userObject", "").partition(";")
        return dialog.caller or phone or dialog.origin, first or "0"

    def write(self, page: Page | None) -> Answer:
        return Answer(_written(page) if page else NOTHING, content_type=XML)

    def sorry(self, text: str, status: int = 200) -> Answer:
        return Answer(_written(Page(text, end=True)), status, XML)


def _written(page: Page) -> str:
    first = page.trace.get("first", "0")
    shown = {"dataCodingScheme": GSM_7 if is_gsm7(page.text) else UCS_2, "string": page.text}
    if page.end:
        answer = {"invokeId": first, **shown}
        return (
            '<dialog mapMessagesSize="1" prearrangedEnd="false">'
            f"<processUnstructuredSSRequest_Response{_attributes(answer)}/></dialog>"
        )
    known = {"mapMessagesSize": "1", "userObject": f"{page.trace.get('caller', '')};{first}"}
    return (
        f"<dialog{_attributes(known)}><unstructuredSSRequest_Request{_attributes(shown)}/></dialog>"
    )


def _attributes(values: Fields) -> str:
    """A new line in an attribute would be read as a space if it were not coded."""
    return "".join(
        f" {name}={quoteattr(value, {chr(10): '&#10;'})}" for name, value in values.items()
    )
