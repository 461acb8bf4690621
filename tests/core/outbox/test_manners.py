"""Nobody is written to at night, on a holiday, or too often; what they asked for always goes."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from core.clock import VIETNAM
from core.outbox.manners import Manners, Quiet, is_public_holiday
from core.outbox.outgoing import Purpose
from gateway.settings_outbox import OutboxSettings


def at(written: str) -> datetime:
    return datetime.fromisoformat(f"2026-{written}:00+07:00")


@pytest.mark.parametrize(
    ("purpose", "moment", "decent"),
    [
        (Purpose.REMINDER, "11-25T09:30", "11-25T09:30"),
        (Purpose.REMINDER, "11-25T19:59", "11-25T19:59"),
        (Purpose.REMINDER, "11-25T20:00", "11-26T08:00"),
        (Purpose.REMINDER, "11-25T07:59", "11-25T08:00"),
        (Purpose.TICKET, "11-25T03:00", "11-25T08:00"),
        (Purpose.CAMPAIGN, "11-25T23:00", "11-26T08:00"),
        (Purpose.RESULT, "11-25T03:00", "11-25T03:00"),
        (Purpose.CODE, "11-25T03:00", "11-25T03:00"),
        (Purpose.REPLY, "02-17T03:00", "02-17T03:00"),
        # Tết: from New Year's Eve to the fourth day
        (Purpose.REMINDER, "02-16T10:00", "02-21T08:00"),
        (Purpose.REMINDER, "02-15T21:00", "02-21T08:00"),
        (Purpose.TICKET, "02-17T10:00", "02-17T10:00"),
        # Reunification Day and the First of May stand side by side
        (Purpose.CAMPAIGN, "04-30T09:00", "05-02T08:00"),
    ],
)
def test_a_message_waits_for_a_decent_hour(purpose: Purpose, moment: str, decent: str) -> None:
    assert Manners().decent(purpose, at(moment)) == at(decent)


def test_the_hour_is_that_of_viet_nam_whatever_clock_is_asked() -> None:
    evening = datetime.fromisoformat("2026-11-25T13:30:00+00:00")
    assert Manners().decent(Purpose.REMINDER, evening) == at("11-26T08:00")


def test_quiet_hours_may_lie_in_the_middle_of_the_day() -> None:
    manners = Manners(quiet={Purpose.REMINDER: Quiet.read("11:30-13:30")}, rests=frozenset())
    assert manners.decent(Purpose.REMINDER, at("11-25T12:00")) == at("11-25T13:30")
    assert manners.another_day(Purpose.REMINDER, at("11-25T12:00")) == at("11-26T08:00")


def test_enough_for_today_is_the_next_decent_morning() -> None:
    manners = Manners()
    assert manners.another_day(Purpose.REMINDER, at("11-25T09:00")) == at("11-26T08:00")
    assert manners.another_day(Purpose.REMINDER, at("02-15T09:00")) == at("02-21T08:00")
    assert manners.another_day(Purpose.TICKET, at("02-15T09:00")) == at("02-16T08:00")


def test_a_day_begins_at_midnight_in_viet_nam() -> None:
    daily = Manners().daily(Purpose.REMINDER, at("11-25T00:10"))
    assert daily is not None
    assert (daily.most, daily.since) == (3, datetime(2026, 11, 25, tzinfo=VIETNAM))
    assert Manners().daily(Purpose.RESULT, at("11-25T00:10")) is None
    assert Manners(limited=frozenset(Purpose)).daily(Purpose.CODE, at("11-25T00:10")) is None


def test_public_holidays_are_known_also_those_of_the_moon() -> None:
    assert is_public_holiday(date(2027, 2, 6)), "the first of Tết 2027"
    assert is_public_holiday(date(2026, 9, 2))
    assert not is_public_holiday(date(2026, 11, 25))


@pytest.mark.parametrize(
    "written", ["", "20:00", "8-20", "20:00-20:00", "25:00-08:00", "20:00+07:00-08:00"]
)
def test_hours_that_make_no_sense_are_refused(written: str) -> None:
    with pytest.raises(ValueError):
        Quiet.read(written)


def test_quiet_begins_on_the_minute_and_ends_on_it() -> None:
    night = Quiet.read("20:00-08:00")
    assert [night.holds(time(*hour)) for hour in ((19, 59), (20, 0), (0, 0), (7, 59), (8, 0))] == [
        *(False, True, True, True, False)
    ]


def test_a_list_of_manners_can_be_set_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable means the default, so nothing has a word of its own."""
    for name in ("QUIET_HOURS", "HOLIDAY_PURPOSES", "DAILY_PURPOSES", "SEND_AGAIN", "CONSENTS"):
        monkeypatch.setenv(f"MOTCUA_{name}", "none")
    manners = OutboxSettings().manners
    assert manners.decent(Purpose.CAMPAIGN, at("02-16T23:00")) == at("02-16T23:00")
    assert not manners.quiet
    assert not manners.rests | manners.limited | manners.again
    assert not manners.consents
