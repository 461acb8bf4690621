"""An operator's message centre at the other end of the SMPP link, and the telephones behind it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import smsutil

from core.gsm import is_gsm7
from tests.peers.processes import until

HERE = Path(__file__).parent
USER, PASSWORD = "motcua", "link-pw"
SHORT_NUMBER = "1022"

GSM7, UCS2 = 0, 8
"""Values of data_coding."""
UNITS: Final = 67
"""UTF-16 units in one part of several."""


@dataclass(frozen=True)
class Arrived:
    """A text as the telephone shows it, its parts put together."""

    sender: str
    coding: int
    text: str
    parts: int


@dataclass
class Centre:
    """The program, which may die and be started again at the same port."""

    port: int = 0
    _told: list[Mapping[str, Any]] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _bound: int = 0

    def starts(self) -> None:
        """Its first or its next life."""
        self._bound = len(self._told)
        self._process = subprocess.Popen(
            ["node", "centre.mjs", USER, PASSWORD, str(self.port)],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def dies(self) -> None:
        """At once, with all it was about to say."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._told.append(json.loads(line))

    def _do(self, **what: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def is_bound(self) -> bool:
        """Whether somebody has proven to be us, in this life of the centre."""
        return {"bound": True} in self._told[self._bound :]

    # What it does

    def throttles(self, count: int) -> None:
        """The next so many messages are refused: too many at once (0x58)."""
        self._do(throttle=count)

    def refuses(self, phone: str, status: int) -> None:
        """Every message to this number, with an SMPP status."""
        self._do(refuse={"phone": phone.removeprefix("+"), "status": status})

    def receipts(self, how: Literal["once", "twice", "held", "failed", "none"]) -> None:
        """How it reports from now on; what is held comes when it is released."""
        self._do(receipts=how)

    def releases(self) -> None:
        """Reports all that was held."""
        self._do(release=True)

    def brings(self, phone: str, text: str) -> None:
        """A person's text, in the alphabet and the parts that a telephone would choose."""
        if is_gsm7(text):
            self._brings(phone, GSM7, smsutil.encode(text))
            return
        octets = text.encode("utf-16-be")
        if len(octets) <= 140:
            self._brings(phone, UCS2, octets)
            return
        parts = [octets[start : start + 2 * UNITS] for start in range(0, len(octets), 2 * UNITS)]
        for number, part in enumerate(parts, 1):
            header = bytes([5, 0, 3, len(text) % 256, len(parts), number])
            self._brings(phone, UCS2, header + part, header_inside=True)

    def _brings(self, phone: str, coding: int, octets: bytes, **more: bool) -> None:
        said = {"phone": phone.removeprefix("+"), "to": SHORT_NUMBER, "coding": coding}
        self._do(text={**said, "octets": octets.hex(), **more})

    # What was seen of it

    def throttled(self) -> int:
        """How many messages it refused so far."""
        return sum("throttled" in one for one in self._told)

    def carried(self) -> int:
        """How many texts have arrived, whoever received them."""
        return sum("arrived" in one for one in self._told)

    def reported(self) -> int:
        """How many receipts the link took so far."""
        return sum("receipt" in one for one in self._told)

    def arrived(self, phone: str) -> list[Arrived]:
        """What this telephone has received, the oldest first."""
        number = phone.removeprefix("+")
        mine = [dict(one["arrived"]) for one in self._told if "arrived" in one]
        mine = [one for one in mine if one.pop("phone").removeprefix("+") == number]
        return [Arrived(**one) for one in mine]

    def answer(self, phone: str, count: int = 1) -> str:
        """The `count`-th text that this telephone received, as soon as it is there."""

        def found() -> list[Arrived]:
            return self.arrived(phone)[count - 1 : count]

        (one,) = until(found, f"nothing came to {phone}")
        return one.text


@contextmanager
def running_centre() -> Iterator[Centre]:
    """The centre until the block ends."""
    centre = Centre()
    centre.starts()
    try:
        yield centre
    finally:
        centre.dies()
