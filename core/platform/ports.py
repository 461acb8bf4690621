"""What the core asks of the national platforms, in domain words; `fhir.py` and `qrqg.py` answer.

Every method may raise `core.errors.Late`, `Down`, `Absent` or `Refused`, and takes the deadline by
which the person on the line must have an answer. Nothing here knows FHIR or HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Literal, Protocol, TypeVar

from core.clock import Deadline
from core.people.check_ins import Feeling
from core.people.papers import Paper
from core.platform.forms import Form, FormAnswers

T = TypeVar("T")

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
    ward: str | None = None


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
class Known(Generic[T]):
    """Something a platform said, and when it said so: the age is always shown."""

    value: T
    as_of: datetime
    fresh: bool = True
    """False: the platform does not answer now, and this is what it said before."""


@dataclass(frozen=True, slots=True)
class Due:
    """The next vaccine dose that is recommended, from this day on."""

    on: date
    vaccine: str | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Isolation:
    """Isolation or treatment under way. `until` is the last day, if it is known."""

    kind: Literal["isolation", "treatment"]
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Condition:
    """How somebody in isolation feels, as they or a carer say. `author_id` is a citizen, if known."""

    citizen_id: str
    author_id: str | None
    feeling: Feeling
    authored: datetime


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


CorrectionKind = Literal["dose-missing", "all-doses-missing", "details-wrong"]
"""The three cases that the national portal knows (facts: records)."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A person says that a record is wrong, and what is right."""

    kind: CorrectionKind
    citizen_id: str
    author_id: str
    said: str
    authored: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """What became of a correction. `number` is what people are told; `reason` is meant for them."""

    id: str
    number: str
    kind: CorrectionKind
    citizen_id: str
    state: Literal["received", "in-progress", "completed", "rejected"]
    moved: datetime
    reason: str | None = None


Position = tuple[float, float]
"""Degrees north and degrees east (WGS 84)."""


@dataclass(frozen=True, slots=True)
class Area:
    """A province or a ward of today, and the older names people still use for it."""

    id: str
    name: str
    kind: Literal["province", "ward"]
    part_of: str | None
    """The province's id, for a ward."""
    former: tuple[str, ...] = ()
    """Names of before the merger: provinces, districts, wards."""
    position: Position | None = None
    """About where it lies, if the platform says so."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk level of an area: 1 green, 2 yellow, 3 orange, 4 red (Resolution 128/NQ-CP)."""

    level: Literal[1, 2, 3, 4]
    since: date


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be given a personal QR. `declarer_qid`: declared by a relative (khai hộ)."""

    paper: Paper
    name: str
    birth_date: date
    gender: Gender
    declarer_qid: str | None = None
    phone: str | None = None
    bhyt: str | None = None


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
    def doses(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Dose, ...]]:
        """Completed doses, oldest first."""

    def next_dose(self, citizen_id: str, *, deadline: Deadline) -> Known[Due | None]:
        """The next dose that is due, if the platform recommends one."""

    def passport(self, citizen_id: str, *, deadline: Deadline) -> str | None:
        """The vaccine passport (`HC1:…`), if one was issued and still holds."""


class TestResults(Protocol):
    def results(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[TestResult, ...]]:
        """Laboratory results, newest sample first; those entered in error are left out."""

    def isolation(self, citizen_id: str, *, deadline: Deadline) -> Known[Isolation | None]:
        """Isolation or treatment under way."""


class Declarations(Protocol):
    def form(self, *, deadline: Deadline) -> Form:
        """The health declaration form now in force (newest active version)."""

    def form_named(self, name: str, *, deadline: Deadline) -> Form:
        """The edition `url|version`, even if a newer one is in force; raises Absent."""

    def declare(self, declaration: Declaration, *, key: str, deadline: Deadline) -> str:
        """Sends a declaration; the same key twice makes one record. Returns the platform's id."""

    def report(self, condition: Condition, *, key: str, deadline: Deadline) -> str:
        """Tells how somebody in isolation feels; the same key twice makes one record."""

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        """When the newest declaration about this person was made."""


class Corrections(Protocol):
    def ask(self, correction: Correction, *, key: str, deadline: Deadline) -> Ticket:
        """Asks for a record to be put right; the same key twice makes one ticket."""

    def tickets(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Ticket, ...]]:
        """The tickets about this person, newest first."""

    def ticket(self, ticket_id: str, *, deadline: Deadline) -> Ticket:
        """One ticket; raises Absent."""


class RiskMap(Protocol):
    def areas(self, *, deadline: Deadline) -> tuple[Area, ...]:
        """Every province and ward that the platform knows; asked for rarely."""

    def risk(self, area_id: str, *, deadline: Deadline) -> Known[Risk | None]:
        """The risk level now in force in this area; None when the platform has set none."""


class NationalQr(Protocol):
    def issue(self, person: NewPerson, *, key: str, deadline: Deadline) -> PersonalRecord:
        """Gives a personal QR, or the one this paper has already. Raises Refused with a reason."""

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
    corrections: Corrections
    risks: RiskMap
    qr: NationalQr
