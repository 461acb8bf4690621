"""A campaign: what is to be said to whom, who made and approved it, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Literal

from core.outbox.outgoing import Purpose


class State(StrEnum):
    """How far a campaign is."""

    DRAFT = "draft"
    CHECKED = "checked"
    """Somebody has seen what it would send, and to how many."""
    APPROVED = "approved"
    """A second person agreed."""
    CANARY = "canary"
    """A few have it; the rest waits to see how these fare."""
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


MAY_BECOME: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.CHECKED, State.STOPPED}),
        State.CHECKED: frozenset({State.DRAFT, State.CHECKED, State.APPROVED, State.STOPPED}),
        State.APPROVED: frozenset({State.DRAFT, State.CANARY, State.STOPPED}),
        State.CANARY: frozenset({State.RUNNING, State.PAUSED, State.STOPPED, State.DONE}),
        State.RUNNING: frozenset({State.PAUSED, State.STOPPED, State.DONE}),
        State.PAUSED: frozenset({State.CANARY, State.RUNNING, State.STOPPED, State.DONE}),
        State.DONE: frozenset(),
        State.STOPPED: frozenset(),
    }
)
"""The only changes there are. New rows or words lead back to a draft: nobody approved those."""

UNDER_WAY: Final = frozenset({State.CANARY, State.RUNNING, State.PAUSED})
"""Some may have it already, and more are to get it."""

OPEN_TO_CHANGE: Final = frozenset({State.DRAFT, State.CHECKED, State.APPROVED})
"""Nobody has been sent anything yet."""


class Fate(StrEnum):
    """What has become of one row."""

    NEW = "new"
    FED = "fed"
    """It is in the outbox, and not yet out of it."""
    OUT = "out"
    """It has left the outbox: what became of it stands there."""
    BAD = "bad"
    """It cannot be sent; the reason stands beside it."""
    DUPLICATE = "duplicate"
    """An earlier row says the same to the same number."""
    REFUSED = "refused"
    """The person wants no such messages."""
    STOPPED = "stopped"


class CampaignError(Exception):
    """It cannot be done; the message says why, and what to do, and names nobody."""


class NoSuchCampaign(CampaignError):
    """There is no campaign of this id."""


class NotNow(CampaignError):
    """Not in the state in which the campaign is."""


class NotThere(CampaignError):
    """No row is of this area."""


class OtherEdition(CampaignError):
    """Its words or rows are not those that somebody has seen."""


class SamePerson(CampaignError):
    """Whoever made it may not approve it."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a campaign that can be held by itself, by its code."""

    kind: Literal["province", "ward"]
    code: str

    @property
    def written(self) -> str:
        """As it stands on the list of what is held: `province:56`."""
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: a template of the house by name, or our own words by language."""

    template: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON; `from_json` reads it back."""
        return {"template": self.template, "texts": dict(self.texts)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Words:
        """Reads what `to_json` wrote."""
        return cls(stored["template"], stored["texts"])


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants sent. `not_before` and `useless_after` are the schedule.

    `sms_only`: by text to everybody, also to those who read us in a chat.
    """

    name: str
    purpose: Purpose
    words: Words
    not_before: datetime | None = None
    useless_after: datetime | None = None
    sms_only: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many messages went `out` since `at`.

    `first` and `last` are the ends of their rows' numbers, `message` is their lowest `seq` in the
    outbox, `refusal` the last refusal at its begin: by these what became of them is found quickly.
    """

    at: datetime
    out: int
    first: int
    last: int
    message: int
    refusal: int

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON; `from_json` reads it back."""
        return {
            "at": self.at.isoformat(),
            "out": self.out,
            "first": self.first,
            "last": self.last,
            "message": self.message,
            "refusal": self.refusal,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Stretch:
        """Reads what `to_json` wrote."""
        return cls(**{**stored, "at": datetime.fromisoformat(stored["at"])})


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it is kept. `makers` is everybody who had a hand in words or rows.

    `edition` counts the changes of words and rows: what was checked or approved was this edition.
    `why` says why it stands still, or ended, where that was not somebody's plain wish.
    """

    id: str
    plan: Plan
    state: State
    edition: int
    makers: tuple[str, ...]
    created_at: datetime
    approver: str | None = None
    test: bool = False
    why: str = ""
    started_at: datetime | None = None
    canary_out_at: datetime | None = None
    """When the last of the canary had left the outbox."""
    canary_ended_at: datetime | None = None
    """When the canary was judged, well or not."""
    ended_at: datetime | None = None
    paused_areas: tuple[str, ...] = ()
    stopped_areas: tuple[str, ...] = ()
    report: Mapping[str, Any] | None = None
    digest: str = ""
    """Of its words and rows."""
    tolerated: Mapping[str, float] = field(default_factory=dict)
    """Shares of trouble, by its kind, that are borne because somebody resumed it all the same."""
    lately: tuple[Stretch, ...] = ()
    """What went out lately, behind the canary: the newest last."""


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what with a campaign, and when."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row as an operator may see it: the number masked, the state of its message if it has one."""

    number: int
    to: str | None
    province: str | None
    ward: str | None
    state: str
    reason: str
    message: str | None


def may(campaign: Campaign, to: State) -> None:
    """Raises NotNow when this change is not in the table."""
    if to not in MAY_BECOME[campaign.state]:
        raise NotNow(f"campaign {campaign.id} is {campaign.state}: {NEXT[campaign.state]}")


NEXT: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DRAFT: "check it first",
        State.CHECKED: "a second person approves it next",
        State.APPROVED: "it can be started",
        State.CANARY: "it can be paused or stopped",
        State.RUNNING: "it can be paused or stopped",
        State.PAUSED: "it can be resumed or stopped",
        State.DONE: "it is over",
        State.STOPPED: "it is over",
    }
)
"""What can be done in each state."""
