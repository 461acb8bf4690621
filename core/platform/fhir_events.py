"""What changes on a FHIR R4 server: being told by it (Subscription), asking it, reading either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from urllib.parse import urlencode, urlsplit

from core.clock import Clock, Deadline
from core.errors import Down, Late
from core.platform.fhir_create import FhirCreate
from core.platform.fhir_read import SKEW
from core.platform.fhir_search import FhirSearch
from core.platform.reading import Json, Object, identifier, mapping, moment, reference, text
from core.platform.watch import anomaly, noting

PLATFORM = "fhir"

EventKind = Literal[
    "Observation",
    "Task",
    "ImmunizationRecommendation",
    "Immunization",
    "Flag",
    "DocumentReference",
]

KINDS: dict[str, EventKind] = {kind: kind for kind in get_args(EventKind)}

ABOUT: dict[EventKind, str] = {
    "Observation": "subject",
    "Task": "for",
    "ImmunizationRecommendation": "patient",
    "Immunization": "patient",
    "Flag": "subject",
    "DocumentReference": "subject",
}
"""The element that names whom a resource is about."""

Also = Mapping[EventKind, tuple[tuple[str, str], ...]]
"""What to ask for of each kind, where not for all of it."""

ALSO: Also = {"Observation": (("category", "laboratory"),)}

OVERLAP = timedelta(seconds=5)
"""Asked for again each time: a server may show a write a little later than it is stamped."""

PAGE_SIZE, PAGE_CAP = 200, 50


@dataclass(frozen=True, slots=True)
class Event:
    """A resource about a person is new or has changed. The same id and version is the same event."""

    kind: EventKind
    id: str
    version: str
    citizen_id: str
    at: datetime
    """When the platform stored this version."""


class FhirEvents:
    """Subscribes and polls; safe between threads."""

    def __init__(
        self, search: FhirSearch, create: FhirCreate, clock: Clock, also: Also = ALSO
    ) -> None:
        self._also = also
        self._search = search
        self._create = create
        self._clock = clock

    def subscribe(
        self, criteria: str, endpoint: str, *, secret: str, key: str, deadline: Deadline
    ) -> str | None:
        """Asks to be told at `endpoint` what comes to match `criteria` (`Task`, `Observation?…`).

        The platform will prove itself with `Authorization: Bearer <secret>`. The same key twice
        makes one Subscription: R4 gives it no identifier, so the key goes into the endpoint's
        query (`?subscription=<key>`). Returns its id, if it was told. Raises as a call does.
        """
        mark = "&" if urlsplit(endpoint).query else "?"
        place = f"{endpoint}{mark}{urlencode({'subscription': key})}"
        resource = {
            "resourceType": "Subscription",
            "status": "requested",
            "reason": "to tell people what has changed in their records",
            "criteria": criteria,
            "channel": {
                "type": "rest-hook",
                "endpoint": place,
                "payload": "application/fhir+json",
                "header": [f"Authorization: Bearer {secret}"],
            },
        }
        # One that has failed for good (status error or off) does not stand in the way of a new one.
        unless = (("url", place), ("status", "requested,active"))
        return self._create.once("subscribe", resource, unless=unless, deadline=deadline).id

    def changed(
        self, kind: EventKind, since: datetime, *, deadline: Deadline
    ) -> tuple[tuple[Event, ...], datetime]:
        """What has changed since, oldest first, and from where to go on asking.

        A few seconds are asked for again, so the same event may come twice. Whatever came before
        the deadline, or before a page that cannot be had, is given; raises as a call does when
        nothing did.
        """
        found: list[Event] = []
        whole = True
        try:
            found.extend(self._since(kind, since, deadline))
        except (Late, Down):
            if not found:
                raise
            whole = False
        latest = self._clock() + SKEW
        # A moment to come would hide whatever happens until then.
        sure = [event.at for event in found if event.at <= latest]
        if len(sure) < len(found):
            anomaly(PLATFORM, "changed", "a change to come")
        if not whole and sure != sorted(sure):
            # The server did not sort: what is missing may be older than what has come.
            sure = []
        found.sort(key=lambda event: event.at)
        return tuple(found), max([since, *sure])

    def _since(self, kind: EventKind, since: datetime, deadline: Deadline) -> Iterator[Event]:
        from_then = (since - OVERLAP).astimezone(UTC).isoformat(timespec="milliseconds")
        asked = from_then.replace("+00:00", "Z")
        query = (
            *self._also.get(kind, ()),
            ("_lastUpdated", f"gt{asked}"),
            ("_sort", "_lastUpdated"),
        )
        resources = self._search.resources(
            "changed", kind, query, deadline=deadline, page_size=PAGE_SIZE, page_cap=PAGE_CAP
        )
        for one in resources:
            event = event_of(one)
            if event is not None:
                yield event


def event_of(resource: Json) -> Event | None:
    """The event that a resource tells of, whether it was posted or found; None if it tells none.

    Takes any JSON at all. What should have been an event and makes no sense is counted.
    """
    read: Object = mapping(resource)
    written = read.get("resourceType")
    kind = KINDS.get(written) if isinstance(written, str) else None
    note = noting(PLATFORM, "event")
    if kind is None:
        note("a resource of another kind")
        return None
    about = read.get(ABOUT[kind])
    if reference(about, "Location") is not None:
        return None
    meta = mapping(read.get("meta"))
    at = moment(meta.get("lastUpdated"))
    version = text(meta.get("versionId"), longest=64) or (at.isoformat() if at else None)
    found, citizen_id = identifier(read.get("id")), reference(about, "Patient")
    if found is None or citizen_id is None or at is None or version is None:
        note(f"{kind} without id, person, version or moment")
        return None
    return Event(kind, found, version, citizen_id, at)
