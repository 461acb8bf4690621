"""Kannel with an operator's USSD link: a GET a hop, answered with a page and its SMPP parameters.

smsbox sends what we answer back to the link it came from; `accept-x-kannel-headers` lets our headers
say what the page is (docs/kannel-ussd.conf is the whole configuration). A status that is not 200
makes it ask again with the same id, and then send nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.asked import Answer, Asked, wanted
from core.kannel import coding_of, raw_fields, text_of
from core.message import Channel, Inbound, Page
from ussd.aggregators.hops import address_of
from ussd.dialled import answers_in
from ussd.smpp import Dialect


class Kannel:
    """Implements `ussd.aggregators.port.Aggregator`."""

    name = "kannel"
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("GET",)})

    def __init__(self, *, service_code: str, dialect: Dialect | None = None) -> None:
        """`service_code` is what people dial; what follows it was said at once."""
        self._service_code = service_code
        self._dialect = dialect or Dialect()

    def read(self, asked: Asked) -> Inbound:
        raw = raw_fields(asked.query)
        fields = {name: value.decode("latin-1") for name, value in raw.items()}
        address = address_of(fields, "from")
        id, to = wanted(fields, "id", 64), wanted(fields, "to")
        heard = self._dialect.read(raw.get("meta", b""))
        said: tuple[str, ...] = ()
        if not heard.over:
            text = text_of(raw)
            said = self._answers(text, to) if heard.dialled else (text,)
        # The network's own number of a hop knows what the network repeats; Kannel's id, only what
        # Kannel repeats. A call begins with a number that an earlier one may have begun with.
        counted = heard.unit is not None
        return Inbound(
            channel=Channel.USSD,
            provider=self.name,
            address=address,
            wire=heard.wire,
            hop=f"unit {heard.unit}" if counted and not heard.dialled else id,
            event="close" if heard.over else "new" if heard.dialled else "resume",
            said=said,
            trace={"session": heard.session.hex(), "ended": f"operation {heard.operation}"},
        )

    def _answers(self, text: str, to: str) -> tuple[str, ...]:
        """Some centres tell the dialled string as the text, some as the number that was called."""
        dialled = text if text.strip().startswith("*") else to
        return answers_in(dialled, self._service_code)

    def write(self, page: Page | None) -> Answer:
        if page is None:
            return Answer()
        session = bytes.fromhex(page.trace["session"])
        return Answer(
            page.text,
            headers={
                "X-Kannel-Coding": coding_of(page.text),
                "X-Kannel-Meta-Data": self._dialect.page(page.text, session, end=page.end),
            },
        )

    def sorry(self, text: str, status: int = 200) -> Answer:
        return Answer(text, status)
