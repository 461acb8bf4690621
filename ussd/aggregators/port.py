"""What a USSD company's protocol must tell, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.asked import Answer, Asked
from core.message import Inbound, Page


class Aggregator(Protocol):
    """One USSD company, one file. It reads and writes; proof and errors are `ussd/app.py`'s."""

    @property
    def name(self) -> str:
        """Its short name, as in its address (`/ussd/<name>/…`) and its settings."""

    @property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        """What it calls below its own address ("" is that address itself), and by which methods.

        `<id>` stands for one part of the path that differs each time.
        """

    def read(self, asked: Asked) -> Inbound | Answer:
        """One hop, or (event "close") the news that somebody left. Raises Malformed or Unauthentic.

        An Answer is for a question about nobody, such as whether we are there.

        A close tells in its trace, under "ended", how the session ended. What `write` must know
        of the hop (the session's name in the company's own form) goes into the trace, too.
        """

    def write(self, page: Page | None) -> Answer:
        """The page, which has the hop's trace, in the company's own form.

        None answers a close, which nobody reads.
        """

    def sorry(self, text: str, status: int = 200) -> Answer:
        """The answer to what could not be read, so that nobody knows whose session it was."""
