"""How USSD is said over SMPP: optional parameters that name the operation and the session.

Source: SMPP 3.4 (the parameters 0x0501 and 0x1383). Makers of USSD centres differ in all of it, so
each rule is a field of the dialect, whose default is the standard's or, where it has none, what most
do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Malformed
from core.gsm import is_gsm7
from core.kannel import decoded

OPERATION = "ussd_service_op"
STANDARD_SESSION = "its_session_info"
"""Two octets: the session, and in the lowest bit whether it ends."""

_LONGEST = 64
"""Octets of a session's name."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the optional parameters of a hop say."""

    operation: int
    dialled: bool
    over: bool
    session: bytes
    """As it came, to go back."""
    wire: str
    """As much of it as surely stays the same from hop to hop: the other octet may count them."""
    unit: int | None
    """The hop's number, where the network counts."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The USSD centre's way of speaking."""

    dialled: int = 1
    """PSSR indication: somebody dials. Whatever is neither this nor in `over` is an answer."""
    over: frozenset[int] = frozenset({17, 19, 129})
    """PSSR response, USSN confirm and, of some makers' own, user abort: nobody reads an answer."""
    ask: int = 2
    """USSR request: shows a page and waits."""
    end: int = 17
    """PSSR response: shows the last page."""
    notify: int = 3
    """USSN request: shows what nobody dialled for."""
    session: str = STANDARD_SESSION
    """The parameter that names the session, as Kannel's configuration calls it."""
    end_bit: bool = True
    """In `its_session_info`, the lowest bit says that the session ends."""
    numbered: bool = False
    """In `its_session_info`, the network counts the hops of a session in bits 7 to 1 of octet 2."""
    data_coding: int | None = None
    """What GSM-7 pages are marked with; None: 0, the centre's usual alphabet."""

    def page(self, text: str, session: bytes, *, end: bool) -> str:
        """The parameters that go with a page, as Kannel's meta-data."""
        if self._ends_by_bit:
            session = session[:-1] + bytes([session[-1] & 0xFE | end])
        return self._meta_data(text, self.end if end else self.ask, {self.session: session})

    def notice(self, text: str) -> str:
        """The parameters that go with what we show on our own account."""
        return self._meta_data(text, self.notify, {})

    def _meta_data(self, text: str, operation: int, more: Mapping[str, bytes]) -> str:
        told = {OPERATION: str(operation).encode(), **more}
        if self.data_coding is not None and is_gsm7(text):
            told["data_coding"] = str(self.data_coding).encode()
        return "?smpp?" + "&".join(f"{name}={_coded(value)}" for name, value in told.items())

    def read(self, meta_data: bytes) -> Heard:
        """What came with a hop. Raises Malformed."""
        told = _parameters(meta_data)
        operation = told.get(OPERATION, b"")
        if len(operation) != 1:
            raise Malformed(OPERATION)
        session = told.get(self.session, b"")
        over = operation[0] in self.over or (self._ends_by_bit and _bit(session))
        if not over and not self._is_session(session):
            raise Malformed(self.session)
        dialled = operation[0] == self.dialled
        steady = session[:1] if self.session == STANDARD_SESSION else session
        return Heard(operation[0], dialled, over, session, steady.hex(), self._unit(session))

    @property
    def _ends_by_bit(self) -> bool:
        return self.end_bit and self.session == STANDARD_SESSION

    def _is_session(self, session: bytes) -> bool:
        if self.session == STANDARD_SESSION:
            return len(session) == 2
        return 0 < len(session) <= _LONGEST

    def _unit(self, session: bytes) -> int | None:
        counts = self.numbered and self.session == STANDARD_SESSION and len(session) == 2
        return session[1] >> 1 if counts else None


def _bit(session: bytes) -> bool:
    return len(session) == 2 and bool(session[1] & 1)


def _parameters(meta_data: bytes) -> dict[str, bytes]:
    """The values under `smpp` in Kannel's `?group?name=value&name=value&?group?…`."""
    parts = meta_data.split(b"?")
    for group, told in zip(parts[1::2], parts[2::2], strict=False):
        if decoded(group) == b"smpp":
            pairs = (one.partition(b"=") for one in told.split(b"&") if one)
            return {decoded(name).decode("latin-1"): decoded(value) for name, _, value in pairs}
    return {}


def _coded(value: bytes) -> str:
    return "".join(f"%{octet:02X}" for octet in value)
