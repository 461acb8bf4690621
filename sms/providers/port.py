"""What a company that carries texts must tell, and what its refusals mean."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

import structlog
from prometheus_client import Counter

from core.asked import LIMIT, Answer, Asked, read_fields, status_of
from core.errors import Malformed, PlatformError, SendError, SendLater, SendNever
from core.message import Address, Channel, Inbound, Page
from core.outbox.outgoing import Receipt
from core.people.phone import BadPhone, read_phone
from core.platform.wire import Unreached

MESSAGE = "message"
RECEIPT = "receipt"

ALARM_SECONDS = 300.0
"""How long a message waits when an operator must first put something right."""

_CODE = re.compile(r"(?!.*[0-9]{7})[A-Za-z0-9_.:-]{1,40}")

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
    def paths(self) -> Sequence[str]:
        """Which of MESSAGE and RECEIPT it calls."""

    @property
    def largest(self) -> int:
        """Bytes of the largest call it makes."""

    @property
    def waits(self) -> float | None:
        """Seconds it waits for a reply in our answer; None: replies are sent like any message."""

    def prove(self, asked: Asked) -> None:
        """Checks the signature, if it signs. Raises Unauthentic, or Malformed."""

    def each(self, asked: Asked) -> Sequence[Asked]:
        """The calls in this one, from a company that bundles several. Raises Malformed.

        Each says by its `path` what it is, whichever address it came to.
        """

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


class Unsigned:
    """What companies that sign nothing have in common: a provider may inherit it.

    The secret part of its address, and where it calls from, must prove it; nobody waits for a
    reply in our answer.
    """

    method = "POST"
    signs = False
    paths: Sequence[str] = (MESSAGE, RECEIPT)
    largest = LIMIT
    waits: float | None = None

    def prove(self, asked: Asked) -> None:
        """There is nothing to check."""

    def each(self, asked: Asked) -> Sequence[Asked]:
        return (asked,)

    def write(self, page: Page | None) -> Answer:
        return Answer()

    def taken(self) -> Answer:
        return Answer()

    def sorry(self, malformed: Malformed) -> Answer:
        return bad_request(malformed)


def bad_request(malformed: Malformed) -> Answer:
    """Says in a line what cannot be read, and nothing of what was sent."""
    return Answer(f"Bad request: {malformed.what}", status_of(malformed))


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
    NEVER_AND_ALARM = "never-alarm"
    """These words were not registered there: it will not arrive, nor will the next of its kind."""
    GONE = "gone"
    """The number is not in use: whoever has it next is somebody else."""
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
            _alarm(provider, words)
            return SendLater(words, after=after or ALARM_SECONDS)
        case Decision.NEVER:
            return SendNever(words)
        case Decision.NEVER_AND_ALARM:
            _alarm(provider, words)
            return SendNever(words)
        case Decision.GONE:
            return SendNever(words, gone=True)
        case Decision.OPTED_OUT:
            return SendNever(words, opted_out=True)


def _alarm(provider: str, words: str) -> None:
    _alarms.labels(provider).inc()
    _log.error("sms_alarm", provider=provider, words=words)


def text_message(
    provider: str, *, hop: str, written: str, to: str, text: str, ours: Collection[str]
) -> Inbound:
    """A text as every company brings it: its own id for it, who wrote, to which of our numbers."""
    address, person = sender_of(written, to, ours)
    return Inbound(
        channel=Channel.SMS,
        provider=provider,
        address=address,
        wire=provider,
        hop=hop,
        event="resume" if person else "close",
        said=(text,),
    )


def apart(asked: Asked, several: object, name: str, most: int) -> list[Asked]:
    """The calls that a call in JSON bundles in its list `name`. Raises Malformed."""
    if not isinstance(several, list) or not 0 < len(several) <= most:
        raise Malformed(name)
    try:
        return [replace(asked, body=json.dumps(one).encode()) for one in several]
    except RecursionError:  # it was read, and is too deep to be written
        raise Malformed(name) from None


def code_word(code: str) -> str:
    """A company's code as it may be kept and logged; empty for what may be more than a code.

    Anything at all can stand where a code is looked for, a number or the words of a message too.
    """
    return code if _CODE.fullmatch(code) else ""


def our_id(query: bytes) -> str | None:
    """Our own id of a message, where we put it into the address that its receipts call (`?id=`)."""
    try:
        return str(uuid.UUID(dict(read_fields(query)).get("id", "")))
    except ValueError:
        return None


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
