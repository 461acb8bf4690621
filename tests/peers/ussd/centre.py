"""A USSD centre at the other end of the SMPP link, and the subscribers who dial there."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import smsutil

from core.gsm import is_gsm7
from tests.peers.processes import running_node, until

HERE = Path(__file__).parent
USER, PASSWORD = "motcua", "link-pw"
SERVICE_NUMBER = "1022"

DIALLED, ASKED, NOTIFIED, ENDED, ANSWERED, CONFIRMED, ABORTED = 1, 2, 3, 17, 18, 19, 129
"""Values of ussd_service_op, in SMPP 3.4; the last one is some makers' own."""
GSM7, UCS2 = 0, 8
"""Values of data_coding."""
HEADER_INSIDE = 0x40
"""In esm_class: the text is one part of several."""


@dataclass(frozen=True)
class Shown:
    """A submit_sm, as the centre's SMPP library reads it, and its octets as they came."""

    phone: str
    sender: str
    service: str
    esm_class: int
    receipt: int
    coding: int
    text: str
    operation: int
    session: str | None
    octets: str

    def carries(self, tag: int, value: bytes) -> bool:
        """Whether this optional parameter came, once, with just these octets."""
        octets = bytes.fromhex(self.octets)
        beginning = tag.to_bytes(2) + len(value).to_bytes(2)
        return octets.count(beginning + value) == octets.count(beginning) == 1


class Centre:
    """The running program."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.port = port
        self._to = process.stdin
        self._from = process.stdout
        self._told: list[Mapping[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._from:
            self._told.append(json.loads(line))

    def is_bound(self) -> bool:
        """Whether somebody has proven to be us."""
        return {"bound": True} in self._told

    def delivers(self, phone: str, text: str, operation: int, session: bytes) -> None:
        """Gives a deliver_sm to the link, in the alphabet that a telephone would choose."""
        ucs2 = not is_gsm7(text)
        said = {
            "phone": phone.removeprefix("+"),
            "to": SERVICE_NUMBER,
            "coding": UCS2 if ucs2 else GSM7,
            "octets": (text.encode("utf-16-be") if ucs2 else smsutil.encode(text)).hex(),
            "operation": operation,
            "session": session.hex(),
        }
        self._to.write(json.dumps(said) + "\n")
        self._to.flush()

    def shown(self, phone: str) -> list[Shown]:
        """All that was submitted for this phone."""
        return [Shown(**one) for one in self._told if one.get("phone") == phone.removeprefix("+")]


@contextmanager
def running_centre() -> Iterator[Centre]:
    """The centre until the block ends."""
    with running_node(HERE / "centre.mjs", USER, PASSWORD) as (process, port):
        yield Centre(process, port)


@dataclass
class Subscriber:
    """Somebody with a telephone; each page is checked as the centre would check it.

    The centre counts the hops of a session: in bits 7 to 1 of the second octet.
    """

    centre: Centre
    phone: str
    session: int = 0x2A
    page: Shown | None = None
    _unit: int = 0
    _last: tuple[str, int, bytes] = ("", 0, b"")
    _pages: int = field(init=False)

    def __post_init__(self) -> None:
        self._pages = self.was_shown()

    @property
    def _session_info(self) -> bytes:
        return bytes([self.session, self._unit << 1])

    def dials(self, code: str) -> Subscriber:
        self._unit = 0
        return self._hop(code, DIALLED)

    def types(self, *said: str) -> Subscriber:
        for one in said:
            self._unit += 1
            self._hop(one, ANSWERED)
        return self

    def repeats(self) -> Subscriber:
        """The network delivers the last hop once more; what comes back must be the same."""
        before = self.page
        self.centre.delivers(self.phone, *self._last)
        self._next_page()
        assert before is not None
        assert self.page is not None
        assert self.page.octets[32:] == before.octets[32:]  # all but length, kind and number
        return self

    def hangs_up(self) -> Subscriber:
        self._unit += 1
        session = bytes([self.session, self._unit << 1 | 1])
        self.centre.delivers(self.phone, "", ABORTED, session)
        return self

    def confirms(self) -> Subscriber:
        """The telephone has shown what the network brought."""
        self.centre.delivers(self.phone, "", CONFIRMED, self._session_info)
        return self

    def _hop(self, text: str, operation: int) -> Subscriber:
        self._last = (text, operation, self._session_info)
        self.centre.delivers(self.phone, *self._last)
        return self._next_page()

    def _next_page(self) -> Subscriber:
        def next_one() -> list[Shown]:
            return self.centre.shown(self.phone)[self._pages :]

        (self.page,) = until(next_one, f"nothing came to {self.phone}")
        self._pages += 1
        end = self.page.operation == ENDED
        assert self.page.operation in (ASKED, ENDED)
        assert self.page.carries(0x0501, bytes([self.page.operation]))
        assert self.page.carries(0x1383, bytes([self.session, self._unit << 1 | end]))
        assert (self.page.service, self.page.sender) == ("USSD", SERVICE_NUMBER)
        assert not self.page.esm_class & HEADER_INSIDE
        assert self.page.coding in (GSM7, UCS2)
        return self

    def sees(self, *words: str) -> Subscriber:
        assert self.page is not None
        for one in words:
            assert one in self.page.text, self.page.text
        return self

    def waits(self) -> Subscriber:
        """The session is open."""
        assert self.page is not None
        assert self.page.operation == ASKED
        return self

    def is_over(self) -> Subscriber:
        """That was the last page."""
        assert self.page is not None
        assert self.page.operation == ENDED
        return self

    def was_shown(self) -> int:
        """How many pages came, those included that nobody waited for."""
        return len(self.centre.shown(self.phone))
