"""The risk levels in force: set at the start, changed when somebody says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sandbox.areas.area import Area, Assessed, Level
from sandbox.areas.provinces import PROVINCE_AREAS
from sandbox.areas.wards import WARD_AREAS
from sandbox.people.person import VIETNAM

AREAS: dict[str, Area] = PROVINCE_AREAS | WARD_AREAS
"""Every area by id: provinces first, then the wards province by province."""


class RiskMap:
    """Holds one assessment for each area that has one; its owner locks."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        today = start.astimezone(VIETNAM).date()
        self._in_force = {
            area.id: Assessed(area.id, area.level, today - timedelta(days=area.days), 1, start)
            for area in AREAS.values()
            if area.level is not None
        }

    def now(self, area: str) -> Assessed | None:
        """The level in force in this area; None when it was never assessed."""
        return self._in_force.get(area)

    def everywhere(self) -> list[Assessed]:
        """All levels in force."""
        return list(self._in_force.values())

    def change(self, area: str, level: Level, *, since: date, at: datetime) -> Assessed:
        """Sets the level of a known area from this day on."""
        before = self._in_force.get(area)
        version = before.version + 1 if before else 1
        after = Assessed(area, level, since, version, at)
        self._in_force[area] = after
        return after
