"""What a company that carries texts must tell, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

import structlog
from prometheus_client import Counter

from core.asked import Answer, Asked
from core.errors import Malformed, PlatformError, SendError, SendLater, SendNever
from core.message import Address, Inbound, Page
from core.outbox.outgoing import Receipt
from core.people.phone import BadPhone, read_phone
from core.platform.wire import Unreached

MESSAGE = "message"
RECEIPT = "receipt"

ALARM_SECONDS = 300.0
"""How long a message waits when an operator must first put something right."""

_log = structlog.get_logger("sms")
_alarms = Counter("motcua_sms_alarms", "Refusals that an operator must act on", ["provider"])


class Provider(Protocol):
    """One company's calls to us. Sending through it is a `core.outbox.ports.Sender` beside it."""

    @property
    def name(self) -> str:
        """Its short name, as in its address (`/sms/<name>/…`) and its settings."""

    @property
    def method(self) -> str:
        """How it calls: POST or GET."""

    @property
    def signs(self) -> bool:
        """It signs each request; otherwise a part of its address is secret."""

    @property
    def waits(self) -> float | None:
        """Seconds it waits for a reply in our answer; None: replies are sent like any message."""

    def prove(self, asked: Asked) -> None:
        """Checks the signature, if it signs. Raises Unauthentic, or Malformed."""

    def read(self, asked: Asked) -> Inbound:
        """One text; its `hop` is the company's own id for it. Raises Malformed."""

    def read_receipt(self, asked: Asked) -> Receipt | None:
        """What became of a message; None when this says nothing new. Raises Malformed."""

    def write(self, page: Page | None) -> Answer:
        """The answer to a text that was taken in, with the reply if there is one."""

    def taken(self) -> Answer:
        """The answer to a receipt."""

    def sorry(self, malformed: Malformed) -> Answer:
        """The answer to what cannot be read: short, and nothing of what was sent."""


class Decision(StrEnum):
    """What to do about a refusal."""

    RETRY = "retry"
    """The same again, a little later."""
    ANOTHER = "another"
    """Not through this company; another may carry it."""
    NEVER = "never"
    """It will not arrive at this number, or not in these words."""
    ALARM = "alarm"
    """Our account or settings are at fault: tell the operator, keep the message."""
    OPTED_OUT = "opted-out"
    """The person refused messages there, and means us."""


def refusal(
    provider: str, decision: Decision, words: str, *, after: float | None = None
) -> SendError:
    """The error that says so to the outbox. `words` are the company's code; `after` in seconds."""
    match decision:
        case Decision.RETRY:
            return SendLater(words, after=after)
        case Decision.ANOTHER:
            return SendLater(words, after=after, elsewhere=True)
        case Decision.ALARM:
            _alarms.labels(provider).inc()
            _log.error("sms_alarm", provider=provider, words=words)
            return SendLater(words, after=after or ALARM_SECONDS)
        case Decision.NEVER:
            return SendNever(words)
        case Decision.OPTED_OUT:
            return SendNever(words, opted_out=True)


def no_answer(provider: str, error: PlatformError) -> SendError:
    """There was no answer: sure is only that the company has nothing when it took no connection."""
    words = type(error).__name__.lower()
    if isinstance(error, Unreached):
        return refusal(provider, Decision.RETRY, words)
    return SendLater(words, unsure=True)


def sender_of(written: str, to: str, ours: Collection[str]) -> tuple[Address, bool]:
    """Who wrote, and whether that is a person to be answered.

    Names, short numbers and our own senders are machines: two machines that answer each other
    never stop. Gateways may leave out the plus of a foreign number.
    """
    own = {one.casefold() for one in (*ours, to) if one}
    for attempt in (written, f"+{written}"):
        try:
            phone = read_phone(attempt)
        except BadPhone:
            continue
        return Address("phone", phone), not own & {written.casefold(), phone, phone[1:]}
    return Address("phone", written), False
