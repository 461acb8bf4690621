"""What notices need: news from the platforms, somewhere to keep them, and people to tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from core.clock import Deadline
from core.message import Address, Channel, Network, Page, Screen
from core.outbox.outgoing import Outgoing
from core.people.wishes import Topic

Kind = Literal["result", "dose", "ticket", "qr", "validity", "declaration", "passport", "isolation"]
"""What has changed: a test result, the dose that is due next, a ticket, a personal QR; until when a
test or a declaration counts, a vaccine passport, isolation."""

Source = Kind | Literal["given"]
"""What a platform tells of by itself. `given`, that a dose is on record, is news about `dose`."""

PROVIDER = "event"
"""The name under which events wait in the inbox."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed on a platform. Only a hint: what holds now is read from the platform.

    `version` and `at` tell a newer one from an older one; either may be missing.
    """

    kind: Kind
    id: str = field(repr=False)
    version: str | None
    citizen_id: str | None = field(repr=False)
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An event in somebody's hands until the lease ends.

    `turn` counts the newer versions that came, `claim` the times it was taken in hand. `times` is
    how often people were told about it, `told` whom (person id) on which network.
    """

    event: Event
    name: str
    """A blind name of the thing that changed: good for keys and logs."""
    turn: int
    claim: int
    attempts: int
    times: int
    told: Mapping[str, Network]


def key_of(taken: Taken, times: int, person_id: str) -> str:
    """The key of what this person was, or is, told about this thing for the `times`th time."""
    return f"notice:{taken.event.kind}:{taken.name}:{times}:{person_id}"


def about_of(taken: Taken, person_id: str) -> str:
    """What a letter to this person about this thing tells about: a newer one replaces it."""
    return f"notice:{taken.event.kind}:{taken.name}:{person_id}"


Noted = Callable[[Any], None]
"""Writes down something more, in the store's transaction that it is given."""


class Ledger(Protocol):
    """Keeps events, each thing's newest version alone; `core.store.events.StoredEvents` does."""

    def take(self, event: Event) -> bool:
        """Keeps it, to be handled by a worker; False when this or a newer version is known."""

    def claim(self, kind: Kind, thing: str) -> Taken | None:
        """The newest version of this thing; None when it is handled, or in other hands."""

    def due(self, limit: int) -> Sequence[Taken]:
        """Events that were left to be tried now, or whose worker died."""

    def already(self, taken: Taken, said: str) -> bool:
        """Is this the very thing that people were told last?"""

    def settle(
        self,
        taken: Taken,
        letters: Sequence[Outgoing],
        said: str | None,
        *,
        again: datetime | None = None,
        noted: Noted | None = None,
    ) -> bool:
        """Handled: its letters go out, all in one transaction. False: others have it by now.

        `said` is what people were told, None when nobody was. With `again` it is looked at once
        more at that moment, as if it had come anew. `noted` is done in the same transaction.
        """

    def later(self, taken: Taken, at: datetime, *, counted: bool) -> None:
        """To be tried again at this moment; `counted` when trying failed."""

    def withdraw(self, taken: Taken) -> int:
        """Stops what was written about this thing and still waits to be sent; how many letters.

        If any, what people were told last counts as not told: it may become true again.
        """


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be told, and where: the address they used last stands first.

    `refuses`: the topics about which they want to hear nothing. `doubted`: numbers that may be
    somebody else's by now.
    """

    person_id: str
    language: str
    accents: bool | None
    addresses: tuple[Address, ...] = field(repr=False)
    refuses: frozenset[Topic] = frozenset()
    doubted: frozenset[Address] = field(default=frozenset(), repr=False)
    discreet: bool = False
    """They want no result in a message."""
    lapsed: bool = False
    """They were told once, and have no right to this record now: not their own, nor in their care."""


class Readers(Protocol):
    """Finds people by what concerns them; `core.store.readers.StoredReaders` does."""

    def find(
        self,
        citizen_id: str,
        *,
        phones: Collection[str],
        carers: Collection[str],
        told: Collection[str],
    ) -> tuple[Reader, ...]:
        """Those linked to this citizen, the known ones among their carers (E.164), and `told`.

        `phones` are those on the citizen's record: who is linked by another has lost the right.

        Without those who refused all our messages, and without blocked addresses.
        """


class Speaker(Protocol):
    """Puts words into one channel's size; every `core.voice.Voice` is one."""

    @property
    def channel(self) -> Channel: ...

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]: ...


class PlatformEvents(Protocol):
    """How a platform tells what has changed: by our asking, or by calling us."""

    def changed(
        self, kind: Source, since: datetime, *, deadline: Deadline
    ) -> tuple[Sequence[Event], datetime]:
        """What has changed since then, oldest first, and from where to go on asking.

        Raises Late, Down or Refused.
        """

    def subscribe(self, kind: Source, *, endpoint: str, secret: str, deadline: Deadline) -> None:
        """Asks to be called at `endpoint` with this bearer secret; asking again does no harm."""
