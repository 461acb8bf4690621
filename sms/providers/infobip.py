"""Infobip's calls to us: texts that came in and delivery reports, many in one request, as JSON.

Source: Infobip's pages on inbound SMS (MO_JSON_2), delivery reports and status codes. It signs
nothing unless that is agreed upon; how long it tries again is not documented.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from core.asked import Asked, storable, wanted_in
from core.errors import Malformed
from core.message import Inbound
from core.outbox.outgoing import Receipt, Status
from core.platform.reading import Object, mapping
from sms.providers.port import Unsigned, apart, code_word, text_message

GROUPS: Final[Mapping[str, Status]] = MappingProxyType(
    {
        "PENDING": Status.SENT,
        "DELIVERED": Status.DELIVERED,
        "UNDELIVERABLE": Status.FAILED,
        "EXPIRED": Status.FAILED,
        "REJECTED": Status.FAILED,
    }
)
"""What each group of statuses means to us."""

ON_THE_WAY: Final = frozenset({"DELIVERED_TO_OPERATOR"})
"""Statuses of the group DELIVERED after which another one follows."""

MOST = 1000
"""Calls in one; Infobip bundles 100 unless it is told otherwise."""

LONGEST_TEXT = 2000


class Infobip(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    name = "infobip"
    largest = 512 * 1024

    def __init__(self, *, ours: Collection[str] = ()) -> None:
        """`ours`: our own sender names and numbers, which are never answered."""
        self._ours = ours

    def each(self, asked: Asked) -> Sequence[Asked]:
        return apart(asked, asked.json().get("results"), "results", MOST)

    def read(self, asked: Asked) -> Inbound:
        result = asked.json()
        if not isinstance(result.get("text"), str):
            raise Malformed("text")
        return text_message(
            self.name,
            hop=wanted_in(result, "messageId", 64),
            written=wanted_in(result, "from"),
            to=wanted_in(result, "to"),
            text=storable(result["text"], LONGEST_TEXT),
            ours=self._ours,
        )

    def read_receipt(self, asked: Asked) -> Receipt | None:
        result = asked.json()
        # We gave the message its id there, so it is our own as well as theirs.
        ref = wanted_in(result, "messageId", 64)
        told = mapping(result.get("status"))
        status = GROUPS.get(storable(told.get("groupName"), 40))
        if status is None:
            raise Malformed("status")
        name = storable(told.get("name"), 60)
        status = Status.SENT if name in ON_THE_WAY else status
        words = _words(name, mapping(result.get("error")))
        return Receipt(self.name, ref, status, words=words, outgoing_id=ref)


def _words(name: str, error: Object) -> str:
    """The names of status and error, without the sentences, in which a number may stand."""
    names = (code_word(name), code_word(storable(error.get("name"), 60)))
    return " ".join(filter(None, names))
