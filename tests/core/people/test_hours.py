"""Hours of the week at which somebody is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.clock import VIETNAM
from core.people.hours import Hours

OFFICE = Hours.read("mon-fri 07:30-11:30 13:30-17:00; sat 7:30-11:30")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week that begins on Monday, 23 November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "there", "next_one"),
    [
        (on(23, 7, 29), False, on(23, 7, 30)),
        (on(23, 7, 30), True, on(23, 13, 30)),
        (on(23, 11, 30), False, on(23, 13, 30)),
        (on(27, 16, 59), True, on(28, 7, 30)),
        (on(27, 17), False, on(28, 7, 30)),
        (on(28, 12), False, on(30, 7, 30)),
        (on(29, 9), False, on(30, 7, 30)),
        (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True, on(23, 13, 30)),
    ],
)
def test_somebody_is_there_or_will_be(
    moment: datetime, there: bool, next_one: datetime | None
) -> None:
    assert OFFICE.at(moment) is there
    assert OFFICE.next(moment) == next_one


def test_always_and_never() -> None:
    for hour in range(24):
        assert Hours.read("always").at(on(29, hour, 59))
        assert not Hours.read("").at(on(25, hour))
    assert Hours.read("").next(on(25, 9)) is None


def test_one_day_a_week_is_found_a_week_ahead() -> None:
    assert Hours.read("mon 08:00-09:00").next(on(23, 8, 30)) == on(30, 8)


@pytest.mark.parametrize(
    "wrong",
    [
        *("mon", "07:30-17:00", "mon 7.30-17.00", "fri-mon 07:30-17:00", "day 07:30-17:00"),
        *("mon 17:00-07:30", "mon 07:30-24:01", "mon 07:30-07:30", "mon-fri 07:30-17:00;sun"),
    ],
)
def test_what_is_no_hours_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        Hours.read(wrong)
