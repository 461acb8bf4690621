"""A notice: how to find out what an event means now, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal

from core.clock import Deadline
from core.message import Option
from core.notices.ports import Event, Kind
from core.outbox.outgoing import Purpose
from core.people.check_ins import NobodyAsked, Rounds
from core.people.stations import Hotlines
from core.platform.ports import Citizen, Platforms
from core.privacy import mask_name
from core.text import Text, plain

LONGEST_MASKED = 44
"""Letters of a masked name that are shown; the longest Vietnamese names have room."""

STALE = timedelta(days=14)
"""What happened longer ago is no news: a platform may touch all its old records in one night."""


@dataclass(frozen=True, slots=True)
class Span:
    """How many hours something counts, and how many before the end people are told; 0: not told."""

    hours: float
    ahead: float


@dataclass(frozen=True, slots=True)
class CheckInTimes:
    """At which times of the Vietnamese day people in isolation are asked; empty: never.

    `silence`: so long after a question without an answer their health station is told.
    """

    times: tuple[time, ...] = (time(8), time(19))
    silence: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a programme has decided about its messages.

    `result`: a text says the result itself, or only that one is ready. `hotlines`: whom to call
    after a positive one, by place; nobody there: the ward's health station, which people know.
    """

    result: Literal["whole", "ready"] = "whole"
    hotlines: Hotlines = field(default_factory=Hotlines)
    declared: Span = Span(hours=24, ahead=3)
    """How long a declaration counts."""
    tested: Span = Span(hours=72, ahead=12)
    """How long a negative test counts, from the sampling, where the province has no rule."""
    check_ins: CheckInTimes = field(default_factory=lambda: CheckInTimes())


@dataclass(frozen=True, slots=True)
class Desk:
    """What a notice works with; `revoke` ends the short codes of a QID.

    `citizen` is whom the event is about, as the platform knows them now; None: nobody.
    """

    platforms: Platforms
    deadline: Deadline
    now: datetime
    revoke: Callable[[str], int]
    policy: Policy = field(default_factory=Policy)
    citizen: Citizen | None = field(default=None, repr=False)
    rounds: Rounds = field(default_factory=NobodyAsked)
    told: bool = False
    """Whether anybody was told about this thing before."""


@dataclass(frozen=True, slots=True)
class Question:
    """What may be picked below a message, in a chat; `name` goes with each button and comes back."""

    options: tuple[Option, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """There is something to tell.

    `said` names what is told, so that nobody hears the same twice in a row. `first` is for those
    who hear of the thing for the first time, `again` for those who were told before; None: these
    are not told. Both take the masked name of the citizen as {name}.
    """

    citizen_id: str
    said: str
    first: Text | None
    again: Text
    purpose: Purpose
    not_before: datetime | None = None
    useless_after: datetime | None = None
    again_at: datetime | None = None
    """When to look once more, because there will be more to say then."""
    then: Event | None = None
    """What follows from it, to be looked at in its own time."""
    question: Question | None = None
    discreet: tuple[Text | None, Text] | None = None
    """Instead of `first` and `again`, for those who want no content in a message."""
    lapsed: Text | None = None
    """Instead of `again`, for those who have lost the right to the record: names nobody."""
    noted: Callable[[Any, Sequence[str]], None] | None = None
    """To be done with the letters, in their transaction, with the ids of those who get one."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing yet; to be looked at again at this moment."""

    until: datetime
    over: bool = True
    """What was said before does not hold any more."""


Finding = Say | Wait | None
"""None: there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`look` reads from the platform what holds now; raises what the ports raise.

    `worst` are its texts with the longest values, to prove that they fit. With `corrects`, whoever
    was told once hears how it goes on, also when they have lost the right to the record.
    """

    kind: Kind
    look: Callable[[Event, Desk], Finding]
    worst: tuple[Text, ...] = ()
    corrects: bool = False


def masked(name: str) -> Text:
    """A citizen's name as a text message may show it."""
    return plain(mask_name(name)[:LONGEST_MASKED].rstrip())
