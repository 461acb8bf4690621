"""Check-ins: how people in isolation feel, asked twice a day and answered by one key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, get_args

Feeling = Literal["well", "mild", "severe"]
FEELINGS: tuple[Feeling, ...] = get_args(Feeling)
"""From the best to the worst."""

Cause = Literal["severe", "worse", "silent"]
"""Why a health station is alarmed: severely ill or short of breath; signs that were not there
before; no answer."""
CAUSES: tuple[Cause, ...] = get_args(Cause)

PREFIX = "ci"
"""Begins the name of a check-in as buttons carry it."""


@dataclass(frozen=True, slots=True)
class Case:
    """Who is in isolation, for the station that may have to call them."""

    citizen_id: str
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    province: str | None
    ward: str | None
    since: date

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON; `from_json` reads it back."""
        return {
            "citizen_id": self.citizen_id,
            "name": self.name,
            "phone": self.phone,
            "province": self.province,
            "ward": self.ward,
            "since": self.since.isoformat(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Case:
        """Reads what `to_json` wrote."""
        return cls(**{**stored, "since": date.fromisoformat(stored["since"])})


@dataclass(frozen=True, slots=True)
class Episode:
    """One isolation under way, about which a person is asked. `id` tells nothing about anybody."""

    id: str
    citizen_id: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """When people were asked last, and since when the first question waits that nobody answered."""

    asked_at: datetime
    waiting_since: datetime | None


class CheckIns(Protocol):
    """What a conversation asks of them."""

    def of(self, person_id: str) -> tuple[Episode, ...]:
        """The isolations under way about which this person is asked."""

    def asked_at(self, person_id: str) -> datetime | None:
        """When the question was put that this person has not answered yet; quick to say."""

    def answer(
        self,
        person_id: str,
        episode: str,
        feeling: Feeling,
        *,
        author: str | None,
        key: str,
        at: datetime,
    ) -> bool:
        """Keeps the answer for the platform, and alarms the station where it must be.

        `author` is the citizen who says it, if they are known. The same key again changes nothing.
        True: a station was told.
        """


class Rounds(Protocol):
    """What a worker asks of them, who asks the people."""

    def name(self, citizen_id: str, since: date) -> str:
        """A name for this isolation that tells nothing: `Episode.id`."""

    def standing(self, citizen_id: str, since: date) -> Standing | None:
        """How the isolation stands that began then; None: nobody was asked yet."""

    def asked(self, within: Any, case: Case, people: Collection[str], at: datetime) -> None:
        """These people are asked now, in the transaction `within` that sends the question."""

    def ended(self, citizen_id: str) -> None:
        """The isolation is over, or never was."""

    def silent(self, citizen_id: str, since: date) -> None:
        """Nobody has answered for too long: the station is told, once."""


class NobodyAsked:
    """Where nobody is ever asked. Implements CheckIns and Rounds."""

    def of(self, person_id: str) -> tuple[Episode, ...]:
        return ()

    def asked_at(self, person_id: str) -> datetime | None:
        return None

    def answer(
        self,
        person_id: str,
        episode: str,
        feeling: Feeling,
        *,
        author: str | None,
        key: str,
        at: datetime,
    ) -> bool:
        return False

    def name(self, citizen_id: str, since: date) -> str:
        return ""

    def standing(self, citizen_id: str, since: date) -> Standing | None:
        return None

    def asked(self, within: Any, case: Case, people: Collection[str], at: datetime) -> None:
        pass

    def ended(self, citizen_id: str) -> None:
        pass

    def silent(self, citizen_id: str, since: date) -> None:
        pass
