"""SpeedSMS's calls to us: texts that came in, and what became of a text, as JSON.

Source: the fields as public clients read them; SpeedSMS's own page could not be had. So the kind of
a call is told by its `type`, whichever address it came to, and the content type is not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from core.asked import Asked, storable, wanted_in
from core.errors import Malformed
from core.message import Inbound
from core.outbox.outgoing import Receipt, Status
from sms.providers.port import MESSAGE, RECEIPT, Unsigned, text_message
from sms.providers.repeats import Repeats

KINDS: Final = {"sms": MESSAGE, "report": RECEIPT}
"""What each `type` brings."""

LONGEST_TEXT = 2000
_BIG = 2**53


def status_of_report(number: int) -> Status | None:
    """What a report's status means: 0 is "arrived", as public clients read it.

    The others are taken for TP-Status of 3GPP TS 23.040, of which 0 is the first: below 64 the
    network is still trying, from 64 on it has given up.
    """
    if number == 0:
        return Status.DELIVERED
    return None if number < 64 else Status.FAILED


class SpeedSms(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    name = "speedsms"

    def __init__(self, *, repeats: Repeats, ours: Collection[str] = ()) -> None:
        """`repeats`: SpeedSMS gives a text no id. `ours`: our own sender names and numbers, which
        are never answered."""
        self._repeats = repeats
        self._ours = ours

    def each(self, asked: Asked) -> Sequence[Asked]:
        kind = asked.json(any_type=True).get("type")
        if not isinstance(kind, str) or kind not in KINDS:
            raise Malformed("type")
        return (replace(asked, path=KINDS[kind]),)

    def read(self, asked: Asked) -> Inbound:
        body = asked.json(any_type=True)
        if not isinstance(body.get("content"), str):
            raise Malformed("content")
        phone = wanted_in(body, "phone")
        text = storable(body["content"], LONGEST_TEXT)
        hop = self._repeats.id_of(phone, "", text)
        return text_message(self.name, hop=hop, written=phone, to="", text=text, ours=self._ours)

    def read_receipt(self, asked: Asked) -> Receipt | None:
        body = asked.json(any_type=True)
        ref, number = body.get("tranId"), body.get("status")
        if type(ref) is not int or not 0 < ref < _BIG:
            raise Malformed("tranId")
        if type(number) is not int or not 0 <= number < 1000:
            raise Malformed("status")
        status = status_of_report(number)
        if status is None:
            return None
        return Receipt(self.name, str(ref), status, words=str(number))
