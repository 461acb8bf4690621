"""Calls to us from a provider that is described by settings alone."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from core.asked import Answer, Asked, read_fields, storable, wanted
from core.errors import Malformed
from core.message import Inbound, Page
from core.outbox.outgoing import Receipt
from sms.providers.httpsms_spec import OTHERS, Kind, Spec
from sms.providers.httpsms_template import Place
from sms.providers.port import MESSAGE, RECEIPT, Unsigned, apart, code_word, our_id, text_message
from sms.providers.repeats import Repeats

MOST = 1000
"""Calls in one."""

LONGEST_TEXT = 2000
LONGEST_STATUS = 40


class DescribedProvider(Unsigned):
    """Implements `sms.providers.port.Provider`."""

    largest = 256 * 1024

    def __init__(self, spec: Spec, *, repeats: Repeats, ours: Collection[str] = ()) -> None:
        """`repeats`: for one that gives its texts no ids. `ours`: our own sender names and numbers,
        which are never answered."""
        inward = spec.inward
        self.name = spec.name
        self.method = "GET" if inward.kind == "query" else "POST"
        told = ((MESSAGE, inward.text), (RECEIPT, inward.report))
        self.paths = tuple(path for path, fields in told if fields is not None)
        self._inward = inward
        self._repeats = repeats
        self._ours = ours

    def each(self, asked: Asked) -> Sequence[Asked]:
        each = self._inward.each
        if each is None:
            return (asked,)
        several = _Said.read(asked, self._inward.kind).value(each)
        return apart(asked, several, each.written, MOST)

    def read(self, asked: Asked) -> Inbound:
        fields = self._inward.text
        if fields is None:
            raise Malformed("no texts come from here")
        said = _Said.read(asked, self._inward.kind)
        text = said.value(fields.text)
        if not isinstance(text, str):
            raise Malformed(fields.text.written)
        text = storable(text, LONGEST_TEXT)
        written = said.field(fields.written)
        to = said.field(fields.to) if fields.to else ""
        hop = said.field(fields.id, 64) if fields.id else self._repeats.id_of(written, to, text)
        return text_message(self.name, hop=hop, written=written, to=to, text=text, ours=self._ours)

    def read_receipt(self, asked: Asked) -> Receipt | None:
        report = self._inward.report
        if report is None:
            raise Malformed("no receipts come from here")
        said = _Said.read(asked, self._inward.kind)
        ours = our_id(asked.query)
        if ours is None and report.ours is not None:
            ours = _uuid(said.field(report.ours))
        ref = said.field(report.ref, 100) if report.ref else ours
        if ref is None:
            raise Malformed("id")
        word = said.field(report.status, LONGEST_STATUS)
        if word not in report.statuses and OTHERS not in report.statuses:
            raise Malformed(report.status.written)
        status = report.statuses.get(word, report.statuses.get(OTHERS))
        if status is None:
            return None
        words = code_word(said.text(report.words)) if report.words else ""
        return Receipt(self.name, ref, status, words=words or code_word(word), outgoing_id=ours)

    def write(self, page: Page | None) -> Answer:
        return Answer(self._inward.answer)

    def taken(self) -> Answer:
        return Answer(self._inward.answer)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a call says, as it stands and as what it means."""

    whole: str
    meaning: Any

    @classmethod
    def read(cls, asked: Asked, kind: Kind) -> _Said:
        """Raises WrongType or Malformed."""
        match kind:
            case "json":
                return cls(asked.body.decode(errors="replace"), asked.json())
            case "form":
                return cls(asked.body.decode(errors="replace"), dict(asked.form()))
            case "query":
                return cls(asked.query.decode("latin-1"), dict(read_fields(asked.query)))

    def value(self, place: Place) -> Any:
        return place.value(self.whole, self.meaning)

    def text(self, place: Place) -> str:
        return storable(place.text(self.whole, self.meaning), LONGEST_TEXT)

    def field(self, place: Place, longest: int = 60) -> str:
        """A short word that must be there. Raises Malformed, naming the field."""
        return wanted({place.written: self.text(place)}, place.written, longest)


def _uuid(written: str) -> str:
    try:
        return str(uuid.UUID(written))
    except ValueError:
        raise Malformed("id") from None
