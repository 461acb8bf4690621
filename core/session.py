"""Session: where a person stands in the conversation, and its JSON form.

A session belongs to a person, not to a wire: a USSD session that dropped goes on in the next one,
or in chat. It also remembers the last page given on each wire, so that a repeat gets it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from core.history import newly_said
from core.message import Address, Channel, Inbound, Page
from core.people.accounts import Person

WAITING_KEPT = 3
"""How many talks may wait for the code that confirms them, besides the one on show."""

WIRES_KEPT = 3
"""How many wires (USSD sessions, chats) of one person are remembered for repeats."""

NUMBERED = "n:"
"""How a hop begins whose network counts the hops of a session."""

AT_ONCE = 1.5
"""Seconds within which the same words are a repeat, on a network that numbers nothing."""

LEFT = "left"
"""Instead of a thread: the person hung up, or was silent for so long that they must have."""

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
    at: float = 0.0
    """When it was heard, in seconds since 1970."""

    @classmethod
    def answered(cls, inbound: Inbound, page: Page | None, at: float) -> Heard:
        stored = page.to_json() if page else None
        return cls(hop_of(inbound), inbound.history, stored, at)

    def again(self, inbound: Inbound, now: float) -> bool:
        """Is this the same once more, or one from before it that came late? It says nothing new."""
        if self.hop == hop_of(inbound):
            return bool(inbound.hop) or now - self.at <= AT_ONCE
        if self.hop.startswith(NUMBERED) and inbound.hop.startswith(NUMBERED):
            return int(inbound.hop[2:]) < int(self.hop[2:])
        if inbound.history is None or self.history is None:
            return False
        return newly_said(self.history, inbound.history) is None

    def page(self) -> Page | None:
        return Page.from_json(self.stored) if self.stored else None


def hop_of(inbound: Inbound) -> str:
    """What makes a repeat the same: the network's own word for it, or else what was said."""
    return inbound.hop or "\x1f".join((inbound.event, *inbound.said))


def thread_of(inbound: Inbound) -> str:
    """Where a person sees what was said before: a USSD session, all their texts, or one chat."""
    return "sms" if inbound.channel is Channel.SMS else f"{inbound.channel}:{inbound.wire}"


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
    thread: str = ""
    """Where that screen is on show (see `thread_of`); LEFT when nobody looks at it any more."""
    turns: int = 0
    at: float = 0.0
    """When the person was last heard, in seconds since 1970."""
    helped_at: float = 0.0
    """When help was last given for something that could not be understood."""
    wires: dict[str, Heard] = field(default_factory=dict)
    waiting: list[tuple[float, Talk]] = field(default_factory=list)
    """What was left just before its last word on SMS, and when: its code still confirms it. A phone
    may serve several people, who write between each other's texts."""

    texts: list[float] = field(default_factory=list)
    """When the last texts came that were answered."""
    senseless: list[float] = field(default_factory=list)
    """When something by SMS could not be understood."""
    noted: float = 0.0
    """When it was last written down, outside of this session, that the person was heard."""

    def wait(self, talk: Talk) -> None:
        """Keeps a talk for its code; the oldest is forgotten."""
        others = [kept for kept in self.waiting if kept[1].id != talk.id]
        self.waiting = [*others, (self.at, talk)][-WAITING_KEPT:]

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
            "waiting": [[at, talk.to_json()] for at, talk in self.waiting],
            "wanted": self.wanted,
            "screen": self.screen,
            "thread": self.thread,
            "turns": self.turns,
            "at": self.at,
            "helped_at": self.helped_at,
            "noted": self.noted,
            "texts": self.texts,
            "senseless": self.senseless,
            "wires": [
                [wire, heard.hop, heard.history, heard.stored, heard.at]
                for wire, heard in self.wires.items()
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
            noted=was.get("noted", 0.0),
            texts=was.get("texts", []),
            senseless=was.get("senseless", []),
            waiting=[(at, Talk.from_json(talk)) for at, talk in was.get("waiting", ())],
            wanted=was["wanted"],
            screen=was["screen"],
            thread=was.get("thread", ""),
            turns=was["turns"],
            at=was["at"],
            helped_at=was["helped_at"],
            wires={wire: Heard(*heard) for wire, *heard in was["wires"]},
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

    def age(self) -> float:
        """Seconds since nothing was stored at all: what is missing and older was never there."""

    def apart(self, address: Address) -> None:
        """From now on this chat address has a session of its own again, and an empty one."""
