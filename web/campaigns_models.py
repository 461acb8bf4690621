"""The JSON of `/api/v1/campaigns`, as it is read and as it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    Field,
    StrictInt,
    StrictStr,
    StringConstraints,
)

from core.campaigns.campaign import Area, Campaign, Plan, RowSeen, Words
from core.campaigns.progress import Progress
from core.clock import VIETNAM
from core.outbox.outgoing import Purpose
from web.models import Model, here

_Text = Annotated[StrictStr, StringConstraints(min_length=1, max_length=1000)]
_Name = Annotated[StrictStr, StringConstraints(min_length=1, max_length=120)]
_Code = Annotated[StrictStr, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,19}$")]


class Said(Model):
    """What is said: `template`, or `text` in Vietnamese with `textEn` beside it."""

    template: _Name | None = Field(None, examples=["result-ready"])
    text: _Text | None = Field(None, description="{name} and the like are columns of the rows.")
    text_en: _Text | None = Field(None, description="For those who read English.")

    @property
    def words(self) -> Words | None:
        """The words; None when none are given."""
        if self.template is None and self.text is None and self.text_en is None:
            return None
        texts = {"vi": self.text, "en": self.text_en}
        return Words(self.template or "", {name: one for name, one in texts.items() if one})


class New(Said):
    """A new campaign. Its rows come with it as `rows`, or as a CSV file beside these fields."""

    name: _Name = Field(description="For people; of nobody in particular.")
    purpose: Literal["result", "reminder", "campaign"]
    not_before: AwareDatetime | None = Field(None, description="It begins no earlier.")
    useful_until: AwareDatetime | None = Field(None, description="What is left then is not sent.")
    sms_only: bool = Field(
        False, description="By text to everybody, also to those who read us in a chat."
    )

    @property
    def plan(self) -> Plan:
        """The same as the core knows it."""
        return Plan(
            self.name, Purpose(self.purpose), self.words or Words(), self.not_before,
            self.useful_until, self.sms_only,
        )  # fmt: skip


class Recipient(Model):
    """One row. A bad one spoils no other: it is told of when the campaign is checked."""

    to: str = Field(examples=["+84912345678"])
    name: str | None = None
    values: dict[str, str | int] = Field(default_factory=dict)
    province: str | None = Field(None, description="The code of the area.", examples=["56"])
    ward: str | None = Field(None, description="The code of the area.")
    language: str | None = Field(None, description="Unless the person chose one themselves.")
    channel: Literal["sms"] | None = Field(
        None, description="By text, also where the person reads us in a chat."
    )


class NewWithRows(New):
    """A new campaign as JSON."""

    rows: list[Recipient]


class Correction(Said):
    """Other rows in the place of those before, and other words if some are given."""

    rows: list[Recipient]


class Part(Model):
    """A part of a campaign; an empty object means all of it."""

    province: _Code | None = None
    ward: _Code | None = None

    @property
    def area(self) -> Area | None:
        """The part; None for the whole."""
        if self.province is not None:
            return Area("province", self.province)
        return None if self.ward is None else Area("ward", self.ward)


class Seen(Model):
    """What an approver has looked at."""

    edition: StrictInt = Field(ge=1, le=2**31 - 1, description="As the campaign's status told it.")


class Shown(Model):
    """A campaign."""

    id: str
    name: str
    purpose: str
    state: str = Field(
        description="draft, checked, approved, canary, running, paused, done or stopped."
    )
    edition: int = Field(description="Counts the changes of words and rows.")
    template: str | None
    text: str | None
    text_en: str | None
    why: str = Field(description="Why it stands still, where nobody asked for it.")
    makers: list[str] = Field(description="Everybody who had a hand in it.")
    approver: str | None
    test: bool
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    not_before: datetime | None
    useful_until: datetime | None
    sms_only: bool
    paused: list[str] = Field(description="Areas that wait, such as province:56.")
    stopped: list[str] = Field(description="Areas that get nothing more.")


class Counts(Model):
    """Rows by what became of them. `sent`: taken by a provider, no receipt yet."""

    waiting: int
    queued: int
    unsettled: int
    sent: int
    delivered: int
    failed: int
    expired: int
    stopped: int
    bad: int
    duplicate: int
    refused: int
    segments: int
    cost: str


class Status(Model):
    """A campaign and how far it is."""

    campaign: Shown
    held_until: datetime | None = Field(
        description="Nothing is sent before, because of the hour, a holiday or its schedule."
    )
    counts: Counts
    provinces: dict[str, Counts] = Field(description="By code; empty for rows that name none.")
    report: dict[str, Any] | None = Field(description="What the last check found.")


class Listed(Model):
    """A page of campaigns, the newest first."""

    campaigns: list[Shown]
    next: str | None = Field(description="Give it as `after` for the next page.")


class RowShown(Model):
    """A row: the number masked, the state of its message if it has one."""

    row: int
    to: str | None
    province: str | None
    ward: str | None
    state: str
    reason: str
    message: str | None = Field(description="The message's id.")


class Rows(Model):
    """A page of rows, in their order."""

    rows: list[RowShown]
    next: int | None = Field(description="Give it as `after` for the next page.")


def shown(campaign: Campaign) -> Shown:
    """A campaign as it is answered."""
    plan = campaign.plan
    return Shown(
        id=campaign.id,
        name=plan.name,
        purpose=plan.purpose,
        state=campaign.state,
        edition=campaign.edition,
        template=plan.words.template or None,
        text=plan.words.texts.get("vi"),
        text_en=plan.words.texts.get("en"),
        why=campaign.why,
        makers=list(campaign.makers),
        approver=campaign.approver,
        test=campaign.test,
        created_at=campaign.created_at.astimezone(VIETNAM),
        started_at=here(campaign.started_at),
        ended_at=here(campaign.ended_at),
        not_before=here(plan.not_before),
        useful_until=here(plan.useless_after),
        sms_only=plan.sms_only,
        paused=list(campaign.paused_areas),
        stopped=list(campaign.stopped_areas),
    )


def status(
    campaign: Campaign,
    held_until: datetime | None,
    whole: Progress,
    areas: Mapping[str, Progress],
) -> Status:
    """A campaign with its counts."""
    return Status(
        campaign=shown(campaign),
        held_until=here(held_until),
        counts=Counts(**whole.to_json()),
        provinces={code: Counts(**found.to_json()) for code, found in areas.items()},
        report=None if campaign.report is None else dict(campaign.report),
    )


def row(seen: RowSeen) -> RowShown:
    """A row as it is answered."""
    return RowShown(
        row=seen.number,
        to=seen.to,
        province=seen.province,
        ward=seen.ward,
        state=seen.state,
        reason=seen.reason,
        message=seen.message,
    )
