"""What operators may do with a campaign, and what it is afterwards. Each raises CampaignError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from core.campaigns.campaign import (
    NEXT,
    OPEN_TO_CHANGE,
    UNDER_WAY,
    Area,
    Campaign,
    CampaignError,
    NotNow,
    OtherEdition,
    Plan,
    SamePerson,
    State,
    may,
)
from core.campaigns.words import examine
from core.gsm import fold
from core.outbox.orders import FARTHEST
from core.outbox.outgoing import Purpose

LONGEST_NAME: Final = 120
PURPOSES: Final = (Purpose.RESULT, Purpose.REMINDER, Purpose.CAMPAIGN)
"""What a campaign may be for."""


@dataclass(frozen=True, slots=True)
class Canary:
    """Who goes first, and what would be too bad: shares between 0 and 1.

    The first ones are watched for `seconds` after the last of them was sent, or until every
    receipt has come. Of the rest what was sent in the last `watch` seconds is watched, or the last
    `least` messages where these are more.
    """

    share: float = 0.01
    least: int = 20
    failures: float = 0.1
    complaints: float = 0.05
    seconds: float = 300.0
    watch: float = 600.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went badly, in a word and in words, and how great a share of what was sent."""

    kind: str
    said: str
    share: float


def named(who: str) -> str:
    """The name of whoever acts, as it is kept."""
    name = " ".join(who.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise CampaignError(f"who acts must have a name of at most {LONGEST_NAME} letters")
    return name


def sound(plan: Plan) -> None:
    """Whether such a campaign can be made at all."""
    if not 0 < len(plan.name.strip()) <= LONGEST_NAME or not plan.name.isprintable():
        raise CampaignError(f"a campaign needs a name of at most {LONGEST_NAME} letters")
    if plan.purpose not in PURPOSES:
        raise CampaignError(f"a campaign is for one of {', '.join(PURPOSES)}")
    ends, begins = plan.useless_after, plan.not_before
    if ends is not None and begins is not None and ends <= begins:
        raise CampaignError("it would be over before it begins: look at its schedule")
    examine(plan.words)


def timely(plan: Plan, now: datetime) -> None:
    """Whether its schedule is of this time; what lies at the ends of the calendar no clock can show."""
    for moment in (plan.not_before, plan.useless_after):
        if moment is not None and not now - FARTHEST <= moment <= now + FARTHEST:
            raise CampaignError("its schedule is more than a year away: look at its dates")


def corrected(found: Campaign, plan: Plan, who: str) -> Campaign:
    """With other rows or words: a draft again, of one more maker."""
    if found.state not in OPEN_TO_CHANGE:
        raise NotNow(f"campaign {found.id} is {found.state}: make a new one instead")
    sound(plan)
    return replace(
        found,
        plan=plan,
        state=State.DRAFT,
        edition=found.edition + 1,
        makers=tuple(dict.fromkeys((*found.makers, who))),
        approver=None,
        report=None,
    )


def approved(found: Campaign, who: str, edition: int) -> Campaign:
    """A second person agrees to the edition of words and rows that they have seen."""
    if found.edition != edition:
        raise OtherEdition(
            f"edition {edition} of campaign {found.id} is not what it is now: it was changed, and "
            f"edition {found.edition} is {found.state}; look at it first"
        )
    if found.state is State.APPROVED and found.approver == who:
        return found
    may(found, State.APPROVED)
    if any(fold(who) == fold(maker) for maker in found.makers):
        raise SamePerson(
            f"{who} had a hand in campaign {found.id}: somebody else has to approve it"
        )
    if not (found.report or {}).get("messages"):
        raise CampaignError(f"campaign {found.id} has nobody to send to: correct its rows")
    return replace(found, state=State.APPROVED, approver=who)


def started(found: Campaign, now: datetime) -> Campaign:
    """Begins, with the canary."""
    if found.state in UNDER_WAY:
        return found
    may(found, State.CANARY)
    if found.test:
        raise NotNow(f"campaign {found.id} was made with a test key: nothing is really sent")
    if found.plan.useless_after is not None and found.plan.useless_after <= now:
        raise NotNow(f"campaign {found.id} would come too late: its time is over")
    return replace(found, state=State.CANARY, started_at=now)


def halted(found: Campaign, why: str, trouble: Trouble) -> Campaign:
    """Paused, because it fares badly; whoever resumes it accepts as much again."""
    borne = {**found.tolerated, trouble.kind: min(1.0, 2 * trouble.share)}
    return replace(paused(found, None, why), tolerated=borne)


def paused(found: Campaign, area: Area | None, why: str = "") -> Campaign:
    """Nothing more goes out, or nothing more there, until it is resumed."""
    if area is None:
        if found.state is State.PAUSED:
            return found
        may(found, State.PAUSED)
        return replace(found, state=State.PAUSED, why=why)
    _open(found)
    if area.written in found.stopped_areas:
        raise NotNow(f"{area.kind} {area.code} is stopped in campaign {found.id}")
    return replace(found, paused_areas=_with(found.paused_areas, area))


def resumed(found: Campaign, area: Area | None) -> Campaign:
    """It goes on. After what went badly the rest follows: somebody has decided so.

    What was sent before is not held against it again, and twice as much trouble as stopped it is
    borne from then on: else a table with many dead numbers would never come to its end.
    """
    if area is not None:
        if area.written not in found.paused_areas:
            raise NotNow(f"{area.kind} {area.code} is not paused in campaign {found.id}")
        return replace(found, paused_areas=_without(found.paused_areas, area))
    if found.state in (State.CANARY, State.RUNNING):
        return found
    if found.state is not State.PAUSED:
        raise NotNow(f"campaign {found.id} is {found.state}: {NEXT[found.state]}")
    to = State.CANARY if found.canary_ended_at is None else State.RUNNING
    return replace(found, state=to, why="", lately=())


def stopped(found: Campaign, area: Area | None, now: datetime) -> Campaign:
    """Nothing more goes out, or nothing more there, for ever."""
    if area is not None:
        _open(found)
        return replace(
            found,
            stopped_areas=_with(found.stopped_areas, area),
            paused_areas=_without(found.paused_areas, area),
        )
    if found.state is State.STOPPED:
        return found
    may(found, State.STOPPED)
    return replace(found, state=State.STOPPED, ended_at=now, why="")


def held_until(
    found: Campaign, decent: Callable[[Purpose, datetime], datetime], now: datetime
) -> datetime | None:
    """When its next message may go, by its schedule and the hours of its purpose; None: it may.

    None too where nothing is on its way.
    """
    if found.state not in (State.CANARY, State.RUNNING):
        return None
    begins = decent(found.plan.purpose, max(now, found.plan.not_before or now))
    return begins if begins > now else None


def _open(found: Campaign) -> None:
    if found.state not in UNDER_WAY | {State.APPROVED}:
        raise NotNow(f"campaign {found.id} is {found.state}: {NEXT[found.state]}")


def _with(areas: tuple[str, ...], area: Area) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*areas, area.written)))


def _without(areas: tuple[str, ...], area: Area) -> tuple[str, ...]:
    return tuple(one for one in areas if one != area.written)


def too_bad(
    size: int, failed: int, complaints: int, canary: Canary, tolerated: Mapping[str, float]
) -> Trouble | None:
    """Why the rest may not follow; None while all is well.

    `tolerated` are shares by kind of trouble which somebody has accepted, where they are greater.
    """
    for kind, number, share, said in (
        ("failures", failed, canary.failures, "failed"),
        ("complaints", complaints, canary.complaints, "refused further messages"),
    ):
        if number > max(share, tolerated.get(kind, 0.0)) * size:
            return Trouble(kind, f"{number:,} of {size:,} {said}", number / size)
    return None
