"""What the platforms know of one person: papers, doses, tests, isolation, and the truth behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

VIETNAM = timezone(timedelta(hours=7), "+07")
"""Viet Nam's one time zone; it has no summer time."""

Gender = Literal["male", "female", "other", "unknown"]
PaperType = Literal["cccd", "cmnd", "passport", "bhyt"]
Method = Literal["naat", "antigen"]
Finding = Literal["detected", "not-detected"]
TestStatus = Literal["preliminary", "final", "corrected", "entered-in-error"]
Relation = Literal["mother", "father", "daughter", "son", "spouse", "relative"]

VACCINES: dict[str, tuple[str, str, int]] = {
    "comirnaty": ("EU/1/20/1528", "Comirnaty (Pfizer/BioNTech)", 2),
    "spikevax": ("EU/1/20/1507", "Spikevax (Moderna)", 2),
    "vaxzevria": ("EU/1/21/1529", "Vaxzevria (AstraZeneca)", 2),
    "jcovden": ("EU/1/20/1525", "Jcovden (Janssen)", 1),
    "sputnik-v": ("Sputnik-V", "Sputnik V (Gamaleya)", 2),
    "bbibp-corv": ("BBIBP-CorV", "BBIBP-CorV (Sinopharm)", 2),
    "hayat-vax": ("Hayat-Vax", "Hayat-Vax", 2),
    "abdala": ("Abdala", "Abdala (CIGB)", 3),
}
"""Vaccine → its code as on the vaccine passport (Decision 5772/QĐ-BYT), its name, doses in a series."""


@dataclass(frozen=True, slots=True)
class Paper:
    type: PaperType
    number: str


@dataclass(frozen=True, slots=True)
class Dose:
    """One injection. `status` is FHIR's: a dose entered in error or not done does not count."""

    vaccine: str
    number: int
    given: date
    lot: str
    place: str
    status: Literal["completed", "entered-in-error", "not-done"] = "completed"


@dataclass(frozen=True, slots=True)
class LabTest:
    """One laboratory test. People tested together share one `tube` (a pooled sample)."""

    method: Method
    status: TestStatus
    sampled: datetime
    value: Finding | None = None
    issued: datetime | None = None
    tube: str | None = None
    version: int = 1
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Isolation:
    since: date
    until: date
    active: bool = True
    version: int = 1
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """The next dose and the day from which it may be given."""

    on: date
    number: int
    version: int = 1
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What a wrong record should say; it does once a ticket for it is completed."""

    name: str | None = None
    birth_date: date | None = None
    doses: tuple[Dose, ...] | None = None


@dataclass(frozen=True, slots=True)
class Carer:
    """Who acts for a child or an elder: an id in this population, and what they are to the person."""

    id: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. `phone` is their own (E.164), `family_phone` the one they are reached at."""

    id: str
    household: str
    name: str
    gender: Gender
    birth_date: date
    papers: tuple[Paper, ...]
    qid: str
    story: str
    about: str
    province: str | None = None
    phone: str | None = None
    family_phone: str | None = None
    carer: Carer | None = None
    doses: tuple[Dose, ...] = ()
    tests: tuple[LabTest, ...] = ()
    isolation: Isolation | None = None
    due: Due | None = None
    truth: Truth | None = None
    qr_active: bool = True
    version: int = 1
    updated: datetime | None = None

    def paper(self, kind: PaperType) -> str | None:
        """The number of the person's paper of that kind, if they have one."""
        return next((paper.number for paper in self.papers if paper.type == kind), None)

    @property
    def counted_doses(self) -> tuple[Dose, ...]:
        """The doses that count: completed ones."""
        return tuple(dose for dose in self.doses if dose.status == "completed")

    @property
    def reached_at(self) -> str | None:
        """The number to ring for this person: their own, or the family's."""
        return self.phone or self.family_phone
