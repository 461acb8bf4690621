"""Provinces, wards and their risk levels over FHIR R4: Locations, and Observations about them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

from core.clock import VIETNAM, Clock, Deadline
from core.errors import Late, PlatformError
from core.platform.fhir_codes import codes
from core.platform.fhir_read import SKEW
from core.platform.fhir_search import FhirSearch
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Area, Known, Position, Risk
from core.platform.reading import (
    Json,
    Object,
    code_of,
    identifier,
    mapping,
    moment,
    number,
    objects,
    reference,
    text,
    whole,
)
from core.platform.watch import Note, noting

PLATFORM = "fhir"

PAGE_SIZE, PAGE_CAP = 200, 100
"""There are 34 provinces and 3,321 wards (2025)."""

JURISDICTION = "jdn"
"""Location.physicalType of an area; a building or a site is none."""

LEVELS: dict[int, Literal[1, 2, 3, 4]] = {1: 1, 2: 2, 3: 3, 4: 4}

RETRY_SECONDS = 60.0
"""So long the areas of before do when the platform did not give new ones."""


class FhirAreas:
    """Implements RiskMap; safe between threads."""

    def __init__(
        self,
        search: FhirSearch,
        systems: FhirSystems,
        *,
        seconds: float,
        clock: Clock,
        tick: Callable[[], float],
    ) -> None:
        """For `seconds` the areas are not asked for again."""
        self._search = search
        self._systems = systems
        self._seconds = seconds
        self._clock = clock
        self._tick = tick
        self._lock = threading.Lock()
        self._held: tuple[float, tuple[Area, ...]] | None = None

    def areas(self, *, deadline: Deadline) -> tuple[Area, ...]:
        """Every province and ward that the platform knows; asked for once an hour.

        When the platform does not give them, those of before go on being used.
        """
        held = self._held
        if held is not None and self._tick() < held[0]:
            return held[1]
        # While one thread asks again, the others go on with what they had.
        if not self._lock.acquire(timeout=0 if held else deadline.left()):
            if held is None:
                raise Late(PLATFORM, "waiting for the areas")
            return held[1]
        try:
            if self._held is not held and self._held is not None:
                return self._held[1]
            return self._renewed(held, deadline)
        finally:
            self._lock.release()

    def risk(self, area_id: str, *, deadline: Deadline) -> Known[Risk | None]:
        """The risk level now in force in this area; None when the platform has set none."""
        operation = "risk"
        query = (
            ("subject", f"Location/{area_id}"),
            ("code", f"{self._systems.risk}|risk-level"),
            ("_sort", "-date"),
        )
        found = self._search.resources(operation, "Observation", query, deadline=deadline)
        at = self._clock()
        risk = read_risk(found, area_id, self._systems, at=at, note=noting(PLATFORM, operation))
        return Known(risk, at)

    def _renewed(
        self, held: tuple[float, tuple[Area, ...]] | None, deadline: Deadline
    ) -> tuple[Area, ...]:
        operation = "areas"
        try:
            found = self._search.resources(
                operation,
                "Location",
                (("status", "active"),),
                deadline=deadline,
                page_size=PAGE_SIZE,
                page_cap=PAGE_CAP,
            )
            areas = read_areas(found, note=noting(PLATFORM, operation))
            self._held = (self._tick() + self._seconds, areas)
        except PlatformError:
            if held is None:
                raise
            self._held = (self._tick() + RETRY_SECONDS, held[1])
        return self._held[1]


def read_areas(locations: Iterable[Object], *, note: Note) -> tuple[Area, ...]:
    """Locations without `partOf` are provinces, those that are part of a province are wards."""
    read: dict[str, Object] = {}
    for one in locations:
        kind = mapping(one.get("physicalType")).get("coding")
        area = not kind or any(c.get("code") == JURISDICTION for c in objects(kind))
        found = identifier(one.get("id"))
        if one.get("status", "active") != "active" or not area:
            continue
        if found is None or text(one.get("name"), longest=80) is None:
            note("Location without id or name")
            continue
        read[found] = one
    provinces = {id for id, one in read.items() if not one.get("partOf")}
    areas = (_area(id, one, provinces) for id, one in read.items())
    known = tuple(area for area in areas if area)
    if len(known) < len(read):
        note("Location that is part of no province")
    return known


def _area(id: str, location: Object, provinces: set[str]) -> Area | None:
    part_of = reference(location.get("partOf"), "Location")
    if id not in provinces and part_of not in provinces:
        return None
    name = text(location.get("name"), longest=80) or id
    written = location.get("alias")
    aliases = (text(one, longest=80) for one in (written if isinstance(written, list) else []))
    former = tuple(dict.fromkeys(alias for alias in aliases if alias and alias != name))
    kind: Literal["province", "ward"] = "province" if id in provinces else "ward"
    return Area(id, name, kind, part_of, former, _position(location.get("position")))


def _position(written: Json) -> Position | None:
    """`Location.position`, where it is one on Earth."""
    north, east = (number(mapping(written).get(one)) for one in ("latitude", "longitude"))
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    return float(north), float(east)


def read_risk(
    observations: Iterable[Object], area_id: str, systems: FhirSystems, *, at: datetime, note: Note
) -> Risk | None:
    """The level of the newest final Observation about this area that is in force by `at`."""
    found: list[tuple[datetime, datetime, Risk]] = []
    for one in observations:
        if "risk-level" not in codes(one.get("code"), systems.risk):
            continue
        if reference(one.get("subject"), "Location") != area_id:
            note("risk of another area")
            continue
        if code_of(one.get("status")) not in ("final", "amended", "corrected"):
            continue
        since, level = moment(one.get("effectiveDateTime")), _level(one, systems.risk)
        if since is None or level is None:
            note("risk without level or day")
        elif since <= at + SKEW:
            said = moment(one.get("issued")) or moment(mapping(one.get("meta")).get("lastUpdated"))
            on = since.astimezone(VIETNAM).date()
            found.append((since, said or since, Risk(level, on)))
    if not found:
        return None
    newest = max(found, key=lambda one: one[:2])
    if any(one[:2] == newest[:2] and one[2] != newest[2] for one in found):
        note("contradictory risks")
        return None
    return newest[2]


def _level(observation: Object, system: str) -> Literal[1, 2, 3, 4] | None:
    """`valueInteger`, or a code 1 to 4 of the risk system."""
    value: Json = observation.get("valueInteger")
    coded = set(codes(observation.get("valueCodeableConcept"), system))
    if value is None and len(coded) == 1:
        code = coded.pop()
        value = int(code) if code in ("1", "2", "3", "4") else None
    read = whole(value)
    return None if read is None else LEVELS.get(read)
