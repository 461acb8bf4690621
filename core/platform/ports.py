"""What the core asks of the national platforms, in domain words; `fhir.py` and `qrqg.py` answer.

Every method may raise `core.errors.Late`, `Down`, `Absent` or `Refused`, and takes the deadline by
which the person on the line must have an answer. Nothing here knows FHIR or HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from core.clock import Deadline
from core.people.papers import Paper
from core.platform.forms import Form, FormAnswers

Gender = Literal["male", "female", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person as the health platform knows them."""

    id: str
    name: str
    birth_date: date | None
    gender: Gender
    papers: tuple[Paper, ...]
    qid: str | None
    phones: tuple[str, ...]
    """E.164 numbers on file for this person, the family's number included."""
    carers: tuple[str, ...]
    """E.164 numbers of those the platform names as this person's carers (parent, child, guardian)."""
    province: str | None


@dataclass(frozen=True, slots=True)
class Dose:
    """One vaccine dose on record."""

    on: date
    vaccine: str
    number: int | None
    lot: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class TestResult:
    """One laboratory result. `sampled` is when the sample was taken, the moment validity counts from."""

    id: str
    method: Literal["pcr", "antigen", "other"]
    value: Literal["detected", "not-detected", "unclear", "pending"]
    status: Literal["preliminary", "final", "corrected"]
    sampled: datetime
    issued: datetime | None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A health declaration about `citizen_id`, said by `author_id` (the same person, or a relative)."""

    form: str
    """`url|version` of the form that was asked."""
    citizen_id: str
    author_id: str
    answers: FormAnswers
    authored: datetime


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """The national QR of one person: the QID, the Decision 1405 payload, and whether it still holds."""

    qid: str
    payload: str
    active: bool
    name: str
    birth_date: str


class Citizens(Protocol):
    def by_phone(self, phone: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Everybody with this E.164 number on file; empty when nobody."""

    def by_paper(self, paper: Paper, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Whoever holds this paper; empty when nobody."""

    def by_qid(self, qid: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        """Whoever has this QID; empty when nobody."""

    def by_id(self, citizen_id: str, *, deadline: Deadline) -> Citizen:
        """The person behind a platform id; raises Absent."""


class Vaccinations(Protocol):
    def doses(self, citizen_id: str, *, deadline: Deadline) -> tuple[Dose, ...]:
        """Completed doses, oldest first."""


class TestResults(Protocol):
    def results(self, citizen_id: str, *, deadline: Deadline) -> tuple[TestResult, ...]:
        """Laboratory results, newest sample first; those entered in error are left out."""


class Declarations(Protocol):
    def form(self, *, deadline: Deadline) -> Form:
        """The health declaration form now in force (newest active version)."""

    def form_named(self, name: str, *, deadline: Deadline) -> Form:
        """The edition `url|version`, even if a newer one is in force; raises Absent."""

    def declare(self, declaration: Declaration, *, key: str, deadline: Deadline) -> str:
        """Sends a declaration; the same key twice makes one record. Returns the platform's id."""

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        """When the newest declaration about this person was made."""


class NationalQr(Protocol):
    def record(self, qid: str, *, deadline: Deadline) -> PersonalRecord:
        """The personal QR behind a QID; raises Absent."""

    def resolve(self, payload: str, *, deadline: Deadline) -> PersonalRecord:
        """An authorised look-up of a scanned payload; raises Absent (unknown) or Refused (malformed)."""


@dataclass(frozen=True, slots=True)
class Platforms:
    """The ports together, as the composition root wires them."""

    citizens: Citizens
    vaccinations: Vaccinations
    tests: TestResults
    declarations: Declarations
    qr: NationalQr
