"""The JSON of `/api/v1/messages`, as it is read and as it is answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    Field,
    RootModel,
    StrictInt,
    StrictStr,
    StringConstraints,
)

from core.outbox.orders import Asked
from core.outbox.outgoing import Status
from core.outbox.story import Story, Summary
from web.models import Model, here
from web.verify import Refusal

MOST: int = 1000
"""Messages in one request."""
LONGEST_TEXT = 2000

_Value = Annotated[StrictStr, StringConstraints(max_length=200)]


class Message(Model):
    """One message: give `text`, or `template` with its `values`."""

    to: Annotated[StrictStr, StringConstraints(min_length=1, max_length=40)] = Field(
        description="A mobile number, best as +84…", examples=["+84912345678"]
    )
    purpose: Annotated[StrictStr, StringConstraints(max_length=20)] = Field(
        description="result, reminder, ticket or campaign: it decides on hours, consent and lane.",
        examples=["result"],
    )
    text: Annotated[StrictStr, StringConstraints(max_length=LONGEST_TEXT)] | None = Field(
        None, description="At most six parts; accents are left out unless somebody wants them."
    )
    template: Annotated[StrictStr, StringConstraints(max_length=40)] | None = Field(
        None, description="result-ready, result, declare, dose-due, appointment or paper-ready."
    )
    values: dict[Annotated[str, StringConstraints(max_length=40)], _Value] = Field(
        default_factory=dict, max_length=20, description="Days as 2026-11-30, times as 08:30."
    )
    key: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)] | None = Field(
        None, description="Your own name for it: the same name again is not sent again."
    )
    language: Annotated[StrictStr, StringConstraints(max_length=10)] | None = Field(
        None, description="vi or en; else the reader's own, if we know it."
    )
    accents: bool | None = Field(
        None, description="Vietnamese letters, which make a text dearer; else as the reader wishes."
    )
    not_before: AwareDatetime | None = Field(None, description="Not sent before this moment.")
    useless_after: AwareDatetime | None = Field(None, description="Not sent after this moment.")

    def asked(self) -> Asked:
        """The same without the ways of JSON."""
        return Asked(
            to=self.to,
            purpose=self.purpose,
            text=self.text,
            template=self.template,
            values=self.values,
            language=self.language,
            accents=self.accents,
            not_before=self.not_before,
            useless_after=self.useless_after,
        )


class Batch(Model):
    """Up to 1,000 messages, all of which are taken or none. One alone may stand without the list."""

    messages: list[Message] = Field(min_length=1, max_length=MOST)


class BatchOrMessage(RootModel[Batch | Message]):
    """A batch, or one message alone."""


class TakenMessage(Model):
    """One message that is on its way."""

    id: str = Field(description="Ours; receipts and webhooks name it.")
    repeated: bool = Field(description="We had it before, by its `key`; it is not sent again.")


class TakenBatch(Model):
    """All are stored, in the order of the request."""

    result: Literal["accepted"] = "accepted"
    test: bool = Field(description="The key is for trying things out: nothing will be sent.")
    messages: list[TakenMessage]


class Again(Model):
    """A failed message that is sent again, under the same id."""

    result: Literal["accepted"] = "accepted"
    id: str


class Problem(Model):
    """What is wrong with one message; never what stands in it."""

    index: int = Field(description="Its place in the list, from 0.")
    reason: str = Field(description="A word for programs.", examples=["bad-number"])
    message: str = Field(description="A sentence for people.")
    fields: list[str] | None = Field(None, description="Which fields or values.")


class BatchRefusal(Refusal):
    """Nothing was taken; `problems` are the first hundred messages that cannot be sent."""

    problems: list[Problem] | None = None


class Attempt(Model):
    """It was given to a provider, once."""

    began_at: datetime
    ended_at: datetime | None
    provider: str
    network: str
    outcome: str = Field(description="open, sent, later, never or unknown.")
    words: str
    segments: int | None
    cost: Decimal | None


class Step(Model):
    """Something happened to it."""

    at: datetime
    what: str = Field(
        description="queued, given, sent, not-taken, refused, no-answer, receipt-…, replayed, or "
        "how it ended."
    )
    provider: str | None
    words: str


class Shown(Model):
    """A message, and how it stands."""

    id: str
    status: str = Field(
        description="queued, sending, unsettled, sent, delivered, failed, expired or stopped."
    )
    purpose: str
    lane: str
    to: str | None = Field(description="Masked; null when it has been forgotten.")
    network: str
    channel: str
    created_at: datetime
    not_before: datetime
    useless_after: datetime | None
    settled_at: datetime | None
    provider: str | None
    segments: int | None
    cost: Decimal | None
    words: str = Field(description="Why it stands as it does, in a provider's words or ours.")
    test: bool


class Told(Shown):
    """A message with everything that happened to it, oldest first."""

    attempts: list[Attempt]
    timeline: list[Step]


class Search(Model):
    """Whose messages. It is posted: a number has no place in an address."""

    to: StrictStr = Field(max_length=30, examples=["+84912345678"])
    status: Status | None = Field(None, description="Only these: failed, delivered …")
    cursor: StrictStr | None = Field(None, description="From the page before.")
    limit: StrictInt = Field(50, ge=1, le=200)


class Page(Model):
    """Messages, the newest first."""

    messages: list[Shown]
    cursor: str | None = Field(description="For the next page; null on the last.")


def shown(one: Summary) -> Shown:
    """A message in a list."""
    return Shown.model_validate(_summary(one))


def told(story: Story) -> Told:
    """A message with its story."""
    attempts = [
        {
            "beganAt": here(one.began_at),
            "endedAt": here(one.ended_at),
            "provider": one.provider,
            "network": one.network,
            "outcome": one.outcome,
            "words": one.words,
            "segments": one.segments,
            "cost": one.cost,
        }
        for one in story.attempts
    ]
    steps = [
        {"at": here(one.at), "what": one.what, "provider": one.provider, "words": one.words}
        for one in story.steps
    ]
    return Told.model_validate({**_summary(story.summary), "attempts": attempts, "timeline": steps})


def _summary(one: Summary) -> dict[str, object]:
    return {
        "id": one.id,
        "status": one.status,
        "purpose": one.purpose,
        "lane": one.lane,
        "to": one.to,
        "network": one.network,
        "channel": one.channel,
        "createdAt": here(one.created_at),
        "notBefore": here(one.not_before),
        "uselessAfter": here(one.useless_after),
        "settledAt": here(one.settled_at),
        "provider": one.provider,
        "segments": one.segments,
        "cost": one.cost,
        "words": one.words,
        "test": one.test,
    }
