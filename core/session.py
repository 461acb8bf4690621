"""Session: where a person stands in the conversation, and its JSON form.

A session belongs to a person, not to a wire: a USSD session that dropped goes on in the next one,
or in chat. It also remembers the last page given on each wire, so that a repeat gets it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from core.message import Address, Page
from core.people.accounts import Person

WIRES_KEPT = 2
"""How many wires (USSD sessions, chats) of one person are remembered for repeats."""

FORM = 1
"""The stored form that this code writes; it changes whenever an older one would be misread."""


@dataclass(slots=True)
class Talk:
    """A dialogue under way: `trail` holds the steps answered so far, for going back."""

    dialogue: str
    step: str
    id: str
    """Stands for this run of the dialogue; idempotency keys are made from it."""
    answers: dict[str, Any] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    page: int = 0

    def to_json(self) -> list[Any]:
        return [self.dialogue, self.step, self.id, self.answers, self.trail, self.page]

    @classmethod
    def from_json(cls, stored: list[Any]) -> Talk:
        return cls(*stored)


@dataclass(slots=True)
class Heard:
    """The last thing heard on one wire and the page it was answered with (None: nothing to say).

    The page stays as it was stored until somebody wants it: only repeats do.
    """

    hop: str
    history: str | None
    stored: Mapping[str, Any] | None

    @classmethod
    def answered(cls, hop: str, history: str | None, page: Page | None) -> Heard:
        return cls(hop, history, page.to_json() if page else None)

    def page(self) -> Page | None:
        return Page.from_json(self.stored) if self.stored else None


@dataclass(slots=True)
class Session:
    """Everything the next turn needs, so that a plain menu step asks nobody but Redis."""

    person: Person
    talk: Talk | None = None
    parked: Talk | None = None
    """An unfinished dialogue that a new arrival is being offered again."""
    wanted: str | None = None
    """The dialogue the person was on the way to when they first had to say who they are."""
    screen: str = ""
    """The name of the screen on show; a button of any other is old."""
    turns: int = 0
    at: float = 0.0
    """When the person was last heard, in seconds since 1970."""
    helped_at: float = 0.0
    """When help was last given for something that could not be understood."""
    wires: dict[str, Heard] = field(default_factory=dict)

    def remember(self, wire: str, heard: Heard) -> None:
        """Keeps the answer for repeats; the oldest wires are forgotten."""
        self.wires.pop(wire, None)
        self.wires[wire] = heard
        while len(self.wires) > WIRES_KEPT:
            del self.wires[next(iter(self.wires))]

    def to_bytes(self) -> bytes:
        """The session as JSON in UTF-8."""
        stored = {
            "form": FORM,
            "person": self.person.to_json(),
            "talk": self.talk.to_json() if self.talk else None,
            "parked": self.parked.to_json() if self.parked else None,
            "wanted": self.wanted,
            "screen": self.screen,
            "turns": self.turns,
            "at": self.at,
            "helped_at": self.helped_at,
            "wires": [
                [wire, heard.hop, heard.history, heard.stored] for wire, heard in self.wires.items()
            ],
        }
        return orjson.dumps(stored)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Session:
        """Reads what `to_bytes` wrote; raises ValueError, KeyError or TypeError on anything else."""
        was = orjson.loads(stored)
        if was["form"] != FORM:
            raise ValueError("a session of another form")
        return cls(
            person=Person.from_json(was["person"]),
            talk=Talk.from_json(was["talk"]) if was["talk"] else None,
            parked=Talk.from_json(was["parked"]) if was["parked"] else None,
            wanted=was["wanted"],
            screen=was["screen"],
            turns=was["turns"],
            at=was["at"],
            helped_at=was["helped_at"],
            wires={wire: Heard(hop, history, page) for wire, hop, history, page in was["wires"]},
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A session in hand: nobody else can change it until `token` is given back or runs out."""

    key: str
    token: str
    session: Session | None
    """None when nothing is stored for this person."""


class Sessions(Protocol):
    """Where sessions are kept between turns."""

    def hold(self, address: Address) -> Held:
        """Locks and loads in one round trip; raises Busy when somebody else holds it too long."""

    def keep(self, held: Held, session: Session) -> None:
        """Saves and lets go in one round trip; raises Busy when the lock was lost on the way."""

    def let_go(self, held: Held) -> None:
        """Lets go without saving."""

    def same_person(self, address: Address, phone: str) -> None:
        """From now on this chat address shares the session of that phone."""

    def apart(self, address: Address) -> None:
        """From now on this chat address has a session of its own again, and an empty one."""
