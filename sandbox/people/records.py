"""Short ways to write down doses, tests and what follows from them, counted back from one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sandbox.people.person import VIETNAM, Dose, Due, Finding, Isolation, LabTest, Method, Person

PLACES = (
    "Trạm y tế phường Vĩnh Hải",
    "Bệnh viện Đa khoa tỉnh",
    "Trung tâm Kiểm soát bệnh tật",
    "Nhà văn hóa xã Diên An",
    "Trường THCS Lê Quý Đôn",
)

BETWEEN_FIRST_TWO = timedelta(days=28)
BEFORE_BOOSTER = timedelta(days=120)
YOUNGEST = timedelta(days=5 * 365 + 2)
"""Nobody under five is called for a dose."""


@dataclass(frozen=True, slots=True)
class Records:
    """Writes records as of `start`, the moment this sandbox began."""

    start: datetime

    @property
    def today(self) -> date:
        """The date in Viet Nam at the start."""
        return self.start.astimezone(VIETNAM).date()

    def doses(self, *given: tuple[str, int]) -> tuple[Dose, ...]:
        """Doses in order, each as (vaccine, days ago)."""
        return tuple(
            Dose(
                vaccine=vaccine,
                number=number,
                given=self.today - timedelta(days=days),
                lot=f"{vaccine[:2].upper()}{(days * 37 + number * 101) % 9000 + 1000}",
                place=PLACES[(days + number) % len(PLACES)],
            )
            for number, (vaccine, days) in enumerate(given, start=1)
        )

    def test(
        self,
        value: Finding,
        hours_ago: float,
        *,
        method: Method = "naat",
        tube: str | None = None,
    ) -> LabTest:
        """A final result for a sample taken so many hours ago; PCR takes eight hours, antigen half."""
        sampled = self._hours_ago(hours_ago)
        wait = timedelta(hours=8) if method == "naat" else timedelta(minutes=30)
        issued = min(sampled + wait, self.start)
        return LabTest(method, "final", sampled, value, issued, tube, updated=issued)

    def pending(self, hours_ago: float, *, tube: str | None = None) -> LabTest:
        """A PCR sample taken, its result not yet known."""
        sampled = self._hours_ago(hours_ago)
        return LabTest("naat", "preliminary", sampled, tube=tube, updated=sampled)

    def corrected(self, value: Finding, hours_ago: float) -> LabTest:
        """A result that first said the opposite, put right a day after (or just now)."""
        first = self.test(value, hours_ago)
        again = min(first.sampled + timedelta(hours=24), self.start)
        return replace(first, status="corrected", issued=again, version=2, updated=again)

    def mistaken(self, value: Finding, hours_ago: float) -> LabTest:
        """A result entered for the wrong person and struck out."""
        return replace(self.corrected(value, hours_ago), status="entered-in-error")

    def isolation(self, days_ago: int, *, length: int = 14) -> Isolation:
        """Isolation that began so many days ago; over when its length has passed."""
        since = self.today - timedelta(days=days_ago)
        until = since + timedelta(days=length)
        return Isolation(since, until, active=until >= self.today, updated=self.start)

    def _hours_ago(self, hours: float) -> datetime:
        return (self.start - timedelta(hours=hours)).astimezone(VIETNAM).replace(microsecond=0)


def next_due(person: Person, *, today: date, at: datetime) -> Due | None:
    """Two doses and a booster for everybody over five; nothing further is called for."""
    counted = person.counted_doses
    if today - person.birth_date < YOUNGEST or len(counted) >= 3:
        return None
    if not counted:
        return Due(today, 1, updated=at)
    wait = BETWEEN_FIRST_TWO if len(counted) == 1 else BEFORE_BOOSTER
    return Due(counted[-1].given + wait, len(counted) + 1, updated=at)
