"""What the status card should say: the one provincial colour rule known, and its inputs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from sandbox.people.person import VACCINES, VIETNAM, LabTest, Person

Colour = Literal["green", "yellow", "red", "neutral"]

PROTECTED_AFTER = timedelta(days=14)
PCR_HOLDS = timedelta(hours=72)


def colour(person: Person, now: datetime) -> Colour:
    """The colour by Khánh Hòa's rule for its people; `neutral` elsewhere, where no rule is known.

    Green: full doses (2, or 1 of a one-dose vaccine), the last at least 14 days ago. Yellow: the
    first dose at least 14 days ago, or a negative PCR sampled at most 72 hours ago. Red: the rest.
    Recovery is part of the rule too, but needs a certificate, which nobody here has.
    """
    if person.province != "khanh-hoa":
        return "neutral"
    today = now.astimezone(VIETNAM).date()
    days = sorted(dose.given for dose in person.counted_doses)
    if _full(person) and today - days[-1] >= PROTECTED_AFTER:
        return "green"
    if days and today - days[0] >= PROTECTED_AFTER:
        return "yellow"
    return "yellow" if any(_fresh_negative(test, now) for test in person.tests) else "red"


def last_test(person: Person) -> LabTest | None:
    """The newest test by sampling time; one entered in error never counts."""
    counted = [test for test in person.tests if test.status != "entered-in-error"]
    return max(counted, key=lambda test: test.sampled, default=None)


def expects(person: Person, now: datetime) -> dict[str, Any]:
    """What a gateway that reads this person's record rightly shows: status, doses, last test."""
    test = last_test(person)
    return {
        "status": colour(person, now),
        "doses": len(person.counted_doses),
        "lastTest": None
        if test is None
        else {
            "method": test.method,
            "status": test.status,
            "value": test.value or "pending",
            "sampled": test.sampled.isoformat(),
        },
    }


def _full(person: Person) -> bool:
    counted = person.counted_doses
    return len(counted) >= 2 or any(VACCINES[dose.vaccine][2] == 1 for dose in counted)


def _fresh_negative(test: LabTest, now: datetime) -> bool:
    settled = test.status in ("final", "corrected")
    negative = test.value == "not-detected" and test.method == "naat"
    return settled and negative and now - test.sampled <= PCR_HOLDS
