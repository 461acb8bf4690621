"""A message on its way to a person, and the one table of what may become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha1
from types import MappingProxyType

from core.message import Address, Channel, Page

_NAMESPACE = bytes.fromhex("6d6f746375615f6fa574676f696e6700")
_begun = sha1(_NAMESPACE, usedforsecurity=False).copy
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def id_of(key: str) -> str:
    """The id of the message with this key: a UUID of version 5, as `uuid.uuid5` makes it."""
    made = _begun()
    made.update(key.encode())
    digest = made.hexdigest()
    variant = _VARIANT[digest[16]]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


class Purpose(StrEnum):
    """Why we write to somebody; consent, quiet hours and price depend on it."""

    REPLY = "reply"
    """The answer to what the person has just said; always allowed."""
    CODE = "code"
    """A one-time code that the person asked for."""
    RESULT = "result"
    REMINDER = "reminder"
    TICKET = "ticket"
    CAMPAIGN = "campaign"
    CHECKIN = "checkin"
    """How somebody in isolation feels."""
    ALARM = "alarm"
    """A health station must know at once; only we ourselves write for this."""


ASKED_FOR: frozenset[Purpose] = frozenset({Purpose.REPLY, Purpose.CODE, Purpose.ALARM})
"""What people have just asked for, or answer for: nobody's "stop" is meant for it."""


class Lane(StrEnum):
    """Who goes first. Nobody starves: every claim leaves room for the slower lanes."""

    URGENT = "urgent"
    """Somebody is waiting; messages to one address keep their order."""
    NORMAL = "normal"
    BULK = "bulk"


class Status(StrEnum):
    """What has become of a message."""

    QUEUED = "queued"
    SENDING = "sending"
    """A worker has it in hand; if that worker dies, another one takes it over after the lease."""
    UNSETTLED = "unsettled"
    """A provider was given it, and nobody knows how that ended; its receipt may still tell."""
    SENT = "sent"
    """The provider took it."""
    DELIVERED = "delivered"
    """The provider says that it arrived, or was read."""
    FAILED = "failed"
    EXPIRED = "expired"
    """It would have come too late to be of use, and was not sent."""
    STOPPED = "stopped"
    """Somebody stopped it, or a newer message says the same better."""


MAY_BECOME: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.QUEUED: frozenset(
            {
                Status.SENDING,
                Status.SENT,  # a worker that had lost its lease did send it after all
                Status.DELIVERED,  # … and its receipt was quicker than its word
                Status.FAILED,
                Status.EXPIRED,
                Status.STOPPED,
            }
        ),
        Status.SENDING: frozenset(
            {
                Status.QUEUED,
                Status.UNSETTLED,
                Status.SENT,
                Status.DELIVERED,
                Status.FAILED,
                Status.EXPIRED,
                Status.STOPPED,
            }
        ),
        Status.UNSETTLED: frozenset(
            {
                Status.SENDING,
                Status.SENT,
                Status.DELIVERED,
                Status.FAILED,
                Status.EXPIRED,
                Status.STOPPED,
            }
        ),
        Status.SENT: frozenset({Status.DELIVERED, Status.FAILED}),
        Status.DELIVERED: frozenset(),
        Status.FAILED: frozenset(),
        Status.EXPIRED: frozenset(),
        Status.STOPPED: frozenset(),
    }
)
"""The only changes of status there are: a late or repeated receipt moves nothing backwards.

Only an operator leads out of an end: a replay queues what had failed (`core.store.replay`).
"""


def before(status: Status) -> tuple[Status, ...]:
    """Those from which a message may become `status`."""
    return tuple(earlier for earlier, later in MAY_BECOME.items() if status in later)


FINAL: frozenset[Status] = frozenset(one for one, later in MAY_BECOME.items() if not later)
"""Nothing follows these."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address. The same `key` again is the same message, and is not sent again.

    `key` holds no personal data (an event's id, a notice and its period): it is stored in clear.
    `about` names the thing that it tells about: a newer message about the same thing stops those
    that still wait. `owner` is the id of the API key that put it in. A `test` is kept like any
    other and never sent.
    """

    key: str
    address: Address
    channel: Channel
    page: Page = field(repr=False)
    purpose: Purpose
    lane: Lane = Lane.NORMAL
    person_id: str | None = None
    not_before: datetime | None = None
    useless_after: datetime | None = None
    about: str | None = field(default=None, repr=False)
    owner: str | None = None
    test: bool = False
    _id: str = field(default="", init=False, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Our own name for it, always the same for the same key; safe to give to a provider."""
        if not self._id:  # asked for many times on its way
            object.__setattr__(self, "_id", id_of(self.key))
        return self._id


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider tells about a message that it took: sent, delivered or failed.

    `ref` is the provider's own id. Where the provider repeats ours, `outgoing_id` is it.
    `words` are the provider's code or words, without personal data. A failure may also tell that
    the person has `opted_out` there, or that the number is `gone`: nobody's, or somebody else's.
    """

    provider: str
    ref: str
    status: Status
    words: str = ""
    at: datetime | None = None
    outgoing_id: str | None = None
    opted_out: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What a receipt did. It is true when it moved its message on.

    `known`: we have the message it speaks of. One that nobody knows is kept: it may have been
    quicker than our own word of the sending.
    """

    known: bool
    moved: bool = False

    def __bool__(self) -> bool:
        return self.moved


class Outcome(StrEnum):
    """What came of giving a message to a provider once."""

    OPEN = "open"
    """Begun; as long as nobody knows more, the provider may have it."""
    SENT = "sent"
    LATER = "later"
    """It did not take the message now."""
    NEVER = "never"
    """It will not carry this message."""
    UNKNOWN = "unknown"
    """It did not say, and the message went on without knowing."""
