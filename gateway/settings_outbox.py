"""The settings of what is sent: through whom, at which hours, how often, and how carefully."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from core.outbox.budget import Rate, read_rates
from core.outbox.doors import ErrorBudget
from core.outbox.manners import Manners, Quiet
from core.outbox.outgoing import Purpose
from core.outbox.routes import Routes
from gateway.settings_groups import Group, Positive, Seconds

NONE = "none"
Share = Annotated[float, Field(gt=0, le=1)]


class OutboxSettings(Group):
    """What is sent, when and through whom"""

    routes: str = Field(
        "",
        description="Which providers carry a message, parted by `;`, the first rule that fits "
        "decides: `VN viettel result -> kannel 300, esms 350; VN -> cheapest esms 400, twilio "
        "900; * -> twilio`. Before the arrow: country, operator (by prefix, a hint), chat network, "
        "purposes, or `*`. After it: providers, the preferred one first, each with its price of a "
        "segment; `cheapest` puts the lowest price first. Empty: every provider that is set up, in "
        "its order.",
    )
    rates: str = Field(
        "",
        description="How many messages a second a provider lets us send, all workers together: "
        "`kannel 50/s, twilio 1/s 5` (the last number: so many at once after a rest). A provider "
        "that is not named has no limit of ours.",
    )
    quiet_hours: str = Field(
        "reminder 20:00-08:00, ticket 20:00-08:00, campaign 20:00-08:00, checkin 21:00-07:00",
        description="Hours (Viet Nam) in which a purpose is not sent. What comes then waits for "
        "the morning. `none`: every purpose is sent at any hour.",
    )
    holiday_purposes: str = Field(
        "reminder, campaign",
        description="Purposes that are not sent on Viet Nam's public holidays, or `none`.",
    )
    daily_most: Positive = Field(
        3, description="So many messages of the next line's purposes one person gets in a day."
    )
    daily_purposes: str = Field(
        "reminder, ticket, campaign",
        description="Purposes that count, and wait for the next day when it is enough.",
    )
    send_again: str = Field(
        "reply, code, result, ticket, alarm",
        description="Purposes that are sent a second time when nobody knows whether the first one "
        "went out; the others are not.",
    )
    consents: str = Field(
        "",
        description="Consents without which a purpose is not sent: `campaign news` sends campaigns "
        "only to people who gave the consent `news`. STOP always holds.",
    )
    number_days: Positive = Field(
        365,
        description="Days after which a number from which nothing was heard may be somebody "
        "else's: it gets nothing about anybody's health until its owner proves again who they are.",
    )
    chat_to_sms: str = Field(
        "result, ticket, reminder, checkin, campaign",
        description="Purposes that go out as a text when a chat does not take them.",
    )
    settle_seconds: Seconds = Field(
        60.0,
        description="Seconds to wait for a receipt to tell what a provider did not, before the "
        "message is sent again or given up.",
    )
    error_share: Share = Field(
        0.5,
        description="A provider is taken out when so great a part of its last sends failed (and "
        "at least five).",
    )
    error_pause: Seconds = Field(
        15.0,
        description="Seconds it is left alone then; twice as long each time it fails again, at "
        "most twenty times.",
    )
    error_back_after: Positive = Field(
        10, description="Sends in a row that must go well, a few at a time, until it is back."
    )
    send_hands: Positive = Field(
        64,
        description="Messages that one worker sends at the same time, urgent ones not counted: "
        "mostly it waits for the provider's answers.",
    )

    webhook_internal: bool | None = Field(
        None,
        description="Whether webhooks (`python -m gateway keys hook`) may lead into our own "
        "network, and go by plain http. Not set: yes in development, no in production.",
    )

    @field_validator("routes")
    @classmethod
    def _readable_routes(cls, value: str) -> str:
        Routes.read(value)
        return value

    @field_validator("rates")
    @classmethod
    def _readable_rates(cls, value: str) -> str:
        read_rates(value)
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _readable_hours(cls, value: str) -> str:
        quiet_hours(value)
        return value

    @field_validator("holiday_purposes", "daily_purposes", "send_again", "chat_to_sms")
    @classmethod
    def _known_purposes(cls, value: str) -> str:
        purposes(value)
        return value

    @field_validator("consents")
    @classmethod
    def _readable_consents(cls, value: str) -> str:
        consents(value)
        return value

    @property
    def manners(self) -> Manners:
        """The rules by purpose."""
        return Manners(
            quiet=quiet_hours(self.quiet_hours),
            rests=purposes(self.holiday_purposes),
            limited=purposes(self.daily_purposes),
            most_a_day=self.daily_most,
            again=purposes(self.send_again),
            consents=consents(self.consents),
        )

    @property
    def provider_rates(self) -> Mapping[str, Rate]:
        """By provider."""
        return read_rates(self.rates)

    @property
    def error_budget(self) -> ErrorBudget:
        """How much trouble is too much."""
        return ErrorBudget(
            share=self.error_share,
            pause=self.error_pause,
            longest=20 * self.error_pause,
            trial_window=self.error_pause,
            back_after=self.error_back_after,
        )

    @property
    def settle(self) -> timedelta:
        """``MOTCUA_SETTLE_SECONDS``."""
        return timedelta(seconds=self.settle_seconds)


def purposes(written: str) -> frozenset[Purpose]:
    """A comma list of purposes. Raises ValueError."""
    return frozenset(_purpose(part) for part in _parts(written))


def quiet_hours(written: str) -> dict[Purpose, Quiet]:
    """`reminder 20:00-08:00, …` Raises ValueError."""
    pairs = [part.partition(" ") for part in _parts(written)]
    return {_purpose(name): Quiet.read(hours) for name, _, hours in pairs}


def consents(written: str) -> dict[Purpose, str]:
    """`campaign news, …` Raises ValueError."""
    pairs = [part.split() for part in _parts(written)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("each part is a purpose and the name of a consent")
    return {_purpose(name): consent for name, consent in pairs}


def _parts(written: str) -> list[str]:
    """The parts of a comma list; `none` is the list of nothing, since empty means the default."""
    if written.strip().lower() == NONE:
        return []
    return [part.strip() for part in written.split(",") if part.strip()]


def _purpose(name: str) -> Purpose:
    try:
        return Purpose(name)
    except ValueError:
        known = ", ".join(Purpose)
        raise ValueError(f"a purpose is one of {known}") from None
