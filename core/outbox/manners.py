"""When we write to people on our own account, how often, and what we do when we are not sure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType

import holidays

from core.clock import VIETNAM
from core.outbox.outgoing import ASKED_FOR, Purpose
from core.outbox.ports import Daily

MORNING = time(8)
"""When a day begins that has no quiet hours of its own."""

_LONGEST_HOLIDAY = 30
"""Days; the Tết holidays are at most nine in a row."""


@cache
def _rest_days(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))


def is_public_holiday(day: date) -> bool:
    """Whether Viet Nam rests on this day, Tết included."""
    return day in _rest_days(day.year)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the Vietnamese day in which nothing is sent; they may lie around midnight."""

    begin: time
    end: time

    @classmethod
    def read(cls, written: str) -> Quiet:
        """`20:00-08:00`. Raises ValueError."""
        begin, _, end = written.partition("-")
        quiet = cls(time.fromisoformat(begin.strip()), time.fromisoformat(end.strip()))
        if quiet.begin == quiet.end or quiet.begin.tzinfo or quiet.end.tzinfo:
            raise ValueError("quiet hours begin and end at different times")
        return quiet

    def holds(self, here: time) -> bool:
        """Whether it is quiet at this time of the day."""
        if self.begin < self.end:
            return self.begin <= here < self.end
        return here >= self.begin or here < self.end


_SENT_AGAIN = frozenset(Purpose) - {Purpose.REMINDER, Purpose.CAMPAIGN, Purpose.CHECKIN}
_EVENING_TO_MORNING = Quiet(time(20), time(8))
_LATE_TO_EARLY = Quiet(time(21), time(7))


@dataclass(frozen=True, slots=True)
class Manners:
    """The rules by purpose. What people have just asked for is never held back.

    `quiet`: hours; `rests`: purposes that wait for the end of a public holiday; `limited`:
    purposes of which one person gets at most `most_a_day` together; `again`: purposes that are
    sent a second time rather than perhaps not at all; `consents`: the consent that a purpose needs.
    """

    quiet: Mapping[Purpose, Quiet] = field(
        default_factory=lambda: MappingProxyType(
            {
                **dict.fromkeys(
                    (Purpose.REMINDER, Purpose.TICKET, Purpose.CAMPAIGN), _EVENING_TO_MORNING
                ),
                Purpose.CHECKIN: _LATE_TO_EARLY,
            }
        )
    )
    rests: frozenset[Purpose] = frozenset({Purpose.REMINDER, Purpose.CAMPAIGN})
    limited: frozenset[Purpose] = frozenset({Purpose.REMINDER, Purpose.TICKET, Purpose.CAMPAIGN})
    most_a_day: int = 3
    again: frozenset[Purpose] = _SENT_AGAIN
    consents: Mapping[Purpose, str] = field(default_factory=dict)
    is_holiday: Callable[[date], bool] = is_public_holiday

    def decent(self, purpose: Purpose, moment: datetime) -> datetime:
        """This moment, or the first one after it at which such a message may be sent."""
        if purpose in ASKED_FOR:
            return moment
        quiet = self.quiet.get(purpose)
        here = moment.astimezone(VIETNAM)
        if purpose in self.rests and self.is_holiday(here.date()):
            return self.decent(purpose, self._after_the_holidays(purpose, here.date()))
        if quiet is None or not quiet.holds(here.time()):
            return moment
        days = 1 if quiet.begin > quiet.end and here.time() >= quiet.begin else 0
        end = datetime.combine(here.date() + timedelta(days), quiet.end, VIETNAM)
        return self.decent(purpose, end)

    def another_day(self, purpose: Purpose, moment: datetime) -> datetime:
        """The first decent moment of the next day."""
        tomorrow = moment.astimezone(VIETNAM).date() + timedelta(days=1)
        return self.decent(purpose, self._morning(purpose, tomorrow))

    def daily(self, purpose: Purpose, moment: datetime) -> Daily | None:
        """How many such messages one person may have had since this day began."""
        if purpose not in self.limited or purpose in ASKED_FOR:
            return None
        here = moment.astimezone(VIETNAM)
        return Daily(self.most_a_day, datetime.combine(here.date(), time(), VIETNAM))

    def _after_the_holidays(self, purpose: Purpose, day: date) -> datetime:
        for _ in range(_LONGEST_HOLIDAY):
            day += timedelta(days=1)
            if not self.is_holiday(day):
                break
        return self._morning(purpose, day)

    def _morning(self, purpose: Purpose, day: date) -> datetime:
        quiet = self.quiet.get(purpose)
        begins = quiet.end if quiet is not None and quiet.begin > quiet.end else MORNING
        return datetime.combine(day, begins, VIETNAM)
