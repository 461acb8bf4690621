"""The settings of what we write on our own account, and when."""

from datetime import time, timedelta

from pydantic import Field, field_validator

from core.notices.notice import CheckInTimes, Span
from core.people.check_ins import CAUSES, Cause
from core.people.stations import Hotlines, Stations
from gateway.settings_groups import Group, Seconds
from gateway.settings_outbox import purposes


class NoticeSettings(Group):
    """What we send on our own account"""

    hotline: str = Field(
        "",
        description="Whom somebody with a positive result is told to call: one number for "
        "everybody, or by place, `Phường Nha Trang, Khánh Hòa = 0258 …; Khánh Hòa = 0258 …; * = "
        "1900 …`. Where none fits: the ward's health station, without a number.",
    )
    declaration_remind_hours: float = Field(
        3.0,
        ge=0,
        description="Hours before a declaration runs out (`MOTCUA_DECLARATION_HOURS` after it was "
        "made) at which its author is reminded, once; where people sleep then, the evening "
        "before. 0: never.",
    )
    test_hours: Seconds = Field(
        72.0,
        description="Hours a negative test counts, from the sampling, where the province has no "
        "rule of its own.",
    )
    test_remind_hours: float = Field(
        12.0, ge=0, description="Hours before that at which people are told, once. 0: never."
    )

    checkin_times: str = Field(
        "08:00, 19:00",
        description="Times of the day (Viet Nam), comma list, at which people in isolation are "
        "asked how they are. `none`: never.",
    )
    checkin_silence_hours: Seconds = Field(
        12.0,
        description="Hours after a question that nobody answered until the health station is told.",
    )
    checkin_alarms: str = Field(
        "severe, worse, silent",
        description="What a health station is told of people in isolation, once each: `severe` "
        "(severely ill or short of breath), `worse` (symptoms, after having felt well), `silent`.",
    )
    stations: str = Field(
        "",
        repr=False,
        description="Health stations that take alarms by SMS: `Phường Nha Trang, Khánh Hòa = "
        "+84…; Khánh Hòa = +84…; * = +84…`; a ward is named with its province, `*` is everywhere "
        "else. Where no line fits, nobody is told (docs/alarms.md).",
    )

    ussd_push: str = Field(
        "",
        description="Purposes whose texts are shown on the screen as USSD messages, comma list, "
        "where a line can do that (`MOTCUA_KANNEL_USSD_SMSC`, `MOTCUA_MOBICENTS_PUSH_URL`). What "
        "does not fit a page, or is not taken, goes as a text.",
    )

    @field_validator("ussd_push")
    @classmethod
    def _known_pushed(cls, value: str) -> str:
        purposes(value)
        return value

    @field_validator("checkin_times")
    @classmethod
    def _readable_times(cls, value: str) -> str:
        _times(value)
        return value

    @field_validator("checkin_alarms")
    @classmethod
    def _known_causes(cls, value: str) -> str:
        _causes(value)
        return value

    @field_validator("stations")
    @classmethod
    def _readable_stations(cls, value: str) -> str:
        Stations.read(value)
        return value

    @field_validator("hotline")
    @classmethod
    def _readable_hotlines(cls, value: str) -> str:
        Hotlines.read(value)
        return value

    @property
    def hotlines(self) -> Hotlines:
        """Whom to call after a positive result, by place."""
        return Hotlines.read(self.hotline)

    @property
    def check_ins(self) -> CheckInTimes:
        """When people in isolation are asked, and how long they may be silent."""
        silence = timedelta(hours=self.checkin_silence_hours)
        return CheckInTimes(_times(self.checkin_times), silence)

    @property
    def alarm_causes(self) -> frozenset[Cause]:
        """What stations are told."""
        return _causes(self.checkin_alarms)

    @property
    def station_table(self) -> Stations:
        """Who is told, by place."""
        return Stations.read(self.stations)

    @property
    def tested(self) -> Span:
        """How long a test counts, and when people are told."""
        return Span(self.test_hours, self.test_remind_hours)


def _times(written: str) -> tuple[time, ...]:
    """`08:00, 19:00`. Raises ValueError."""
    if written.strip() == "none":
        return ()
    found = sorted(time.fromisoformat(part.strip()) for part in written.split(",") if part.strip())
    if not found or any(one.tzinfo for one in found):
        raise ValueError("times of the day, such as 08:00, or none")
    return tuple(found)


def _causes(written: str) -> frozenset[Cause]:
    """`severe, silent`. Raises ValueError."""
    named = {part.strip() for part in written.split(",") if part.strip()}
    if unknown := named - set(CAUSES):
        raise ValueError(f"{min(unknown)!r} is none of {', '.join(CAUSES)}")
    return frozenset(cause for cause in CAUSES if cause in named)
