"""Kannel's calls to us: GET requests with the text in whatever bytes the network sent.

Source: the Kannel 1.4.5 user's guide. Its configuration is in docs/sms.md; `max-messages = 0` there,
or the words of an error answer would be sent to the person.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote_to_bytes

from core.asked import Asked, wanted
from core.errors import Malformed
from core.message import Inbound
from core.outbox.outgoing import Receipt, Status
from sms.providers.port import Unsigned, text_message

STATUSES: Final[Mapping[str, Status]] = MappingProxyType(
    {
        "1": Status.DELIVERED,
        "2": Status.FAILED,  # the network gave up
        "4": Status.SENT,  # the network keeps it
        "8": Status.SENT,  # the network took it
        "16": Status.FAILED,  # the network refused it
    }
)
"""What each type (%d) of delivery report means to us."""

CHARSETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UTF-8": "utf-8",
        "UTF-16BE": "utf-16-be",
        "UTF-16": "utf-16-be",
        "UCS-2": "utf-16-be",
        "ISO-8859-1": "latin-1",
        "US-ASCII": "ascii",
        "WINDOWS-1252": "cp1252",
        "8-BIT": "latin-1",
    }
)
"""Kannel's names (%C) of the bytes it hands on."""

_STATE = re.compile(rb"\b(stat:[A-Z]{1,10}|err:[0-9A-Fa-f]{1,5})")


class Kannel(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    name = "kannel"
    method = "GET"

    def __init__(self, *, ours: Collection[str] = ()) -> None:
        """`ours`: our own sender names and numbers, which are never answered."""
        self._ours = ours

    def read(self, asked: Asked) -> Inbound:
        raw = _raw_fields(asked.query)
        fields = {name: value.decode("latin-1") for name, value in raw.items()}
        if "text" not in raw:
            raise Malformed("text")
        return text_message(
            self.name,
            hop=wanted(fields, "id", 64),
            written=wanted(fields, "from"),
            to=wanted(fields, "to"),
            text=_text(raw["text"], fields),
            ours=self._ours,
        )

    def read_receipt(self, asked: Asked) -> Receipt | None:
        raw = _raw_fields(asked.query)
        fields = {name: value.decode("latin-1") for name, value in raw.items()}
        try:
            ours = str(uuid.UUID(wanted(fields, "id")))
        except ValueError:
            raise Malformed("id") from None
        status = STATUSES.get(wanted(fields, "type", 3))
        if status is None:
            return None
        # Of the network's own words only the codes: they also repeat how the text begins.
        codes = b" ".join(_STATE.findall(raw.get("answer", b""))).decode()
        return Receipt(self.name, ref=ours, status=status, words=codes, outgoing_id=ours)


def _raw_fields(query: bytes) -> dict[str, bytes]:
    """The fields as bytes: UTF-16 does not survive a framework that expects UTF-8."""
    fields: dict[str, bytes] = {}
    for part in query.split(b"&"):
        name, separator, value = part.partition(b"=")
        if separator:
            fields[name.decode("latin-1")] = unquote_to_bytes(value.replace(b"+", b" "))
    return fields


def _text(text: bytes, fields: Mapping[str, str]) -> str:
    """What was written, by the charset (%C) or else by the coding (%c). Raises Malformed."""
    charset = fields.get("charset", "").strip().upper()
    if not charset:
        charset = "UTF-16BE" if fields.get("coding", "").strip() == "2" else "UTF-8"
    if charset not in CHARSETS:
        raise Malformed("charset")
    try:
        return text.decode(CHARSETS[charset])
    except UnicodeDecodeError:
        raise Malformed("text") from None
