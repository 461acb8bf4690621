"""What a look says of money and time: when the last of many is out, quiet hours and holidays left out."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.campaigns.report import Report, Tally, Weight, done_at
from core.clock import VIETNAM
from core.message import Network
from core.outbox.manners import Manners
from core.outbox.outgoing import Purpose

NO_HOLIDAYS = Manners(is_holiday=lambda _: False)


def here(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


def ends(messages: int, rate: float, start: datetime, manners: Manners = NO_HOLIDAYS) -> datetime:
    found = done_at(messages, rate, Purpose.CAMPAIGN, start, manners.decent)
    assert found is not None
    return found.astimezone(VIETNAM)


@pytest.mark.parametrize(
    ("messages", "start", "end"),
    [
        (540, here(25, 15), here(25, 15, 9)),
        (540, here(25, 19, 55), here(26, 8, 4)),
        (3600, here(25, 19, 50), here(26, 8, 50)),
        (600, here(25, 19, 50), here(25, 20)),
        (540, here(25, 23), here(26, 8, 9)),
        (36_000 * 3, here(25, 15), here(28, 9)),
        (0, here(25, 15), here(25, 15)),
    ],
)
def test_nothing_is_done_in_quiet_hours(messages: int, start: datetime, end: datetime) -> None:
    assert abs(ends(messages, 1.0, start) - end) < timedelta(seconds=10)


def test_what_does_not_fit_before_a_holiday_is_done_after_it() -> None:
    manners = Manners(is_holiday=lambda day: (day.month, day.day) == (1, 1))
    assert abs(
        ends(900, 1.0, here(31, 19, 50, month=12), manners)
        - datetime(2027, 1, 2, 8, 5, tzinfo=VIETNAM)
    ) < timedelta(seconds=10)


def test_what_never_comes_to_an_end_has_none() -> None:
    assert done_at(100_000_000, 1.0, Purpose.CAMPAIGN, here(25, 15), NO_HOLIDAYS.decent) is None
    assert done_at(1, None, Purpose.CAMPAIGN, here(25, 15), NO_HOLIDAYS.decent) is None


def looked(numbers: dict[Network, int], cost: Decimal | None) -> Tally:
    tally = Tally()
    for network, number in numbers.items():
        for one in range(number):
            tally.sends(f"{network}{one}".encode(), "56", network, Weight(1, cost))
    return tally


def reported(tally: Tally, rates: dict[Network, float]) -> Report:
    now = here(25, 15)
    return tally.report(
        purpose=Purpose.CAMPAIGN, start=now, rate=rates.get, decent=NO_HOLIDAYS.decent, now=now
    )


def test_it_is_done_when_the_slowest_network_is() -> None:
    tally = looked({"phone": 100, "zalo": 60}, Decimal(1))
    seen = reported(tally, {"phone": 10.0, "zalo": 1.0})
    assert (seen.rate, seen.done_at) == (1.0, here(25, 15, 1))
    unknown = reported(tally, {"zalo": 1.0})
    assert (unknown.rate, unknown.done_at) == (None, None), "nobody knows how long the texts take"


def test_nothing_costs_nothing() -> None:
    for tally, cost in (
        (Tally(), Decimal(0)),
        (looked({"phone": 1}, None), None),
        (looked({"phone": 1}, Decimal(300)), Decimal(300)),
    ):
        assert reported(tally, {}).cost == cost
