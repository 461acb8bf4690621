"""How we learn what has changed on the platforms: they call our hooks, or we ask them again and again.

Where they call (`push`) we still ask now and then, for what was missed while we or they were away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal

import structlog

from core.clock import Deadline, now
from core.errors import PlatformError, Refused
from core.message import Network
from core.notices.news import News
from core.notices.notice import Policy, Span
from core.notices.ports import Event, Kind, PlatformEvents, Source, Speaker
from core.people.check_ins import Rounds
from core.platform import fhir_events
from core.platform.fhir import Fhir
from core.store.cursors import Cursors
from core.store.events import StoredEvents
from gateway.platform_parts import Clients
from gateway.settings import Settings
from gateway.stores import Stores

Mode = Literal["push", "poll", "off"]

RESOURCES: Final[Mapping[Source, fhir_events.EventKind]] = MappingProxyType(
    {
        "result": "Observation",
        "dose": "ImmunizationRecommendation",
        "given": "Immunization",
        "ticket": "Task",
        "isolation": "Flag",
        "passport": "DocumentReference",
    }
)
"""What holds each kind of news on a FHIR server."""

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {name: "dose" if kind == "given" else kind for kind, name in RESOURCES.items()}
)
"""What each resource is news about. A dose that is on record need not be called for: that a server
takes its recommendation away is told by nobody."""

ONE_EACH: Final[frozenset[Kind]] = frozenset({"dose", "passport", "isolation"})
"""Of these a person has one, whichever resource tells of it."""

CRITERIA: Final[Mapping[Source, str]] = MappingProxyType(
    {**RESOURCES, "result": "Observation?category=laboratory"}
)
"""What we subscribe to."""

OVERLAP = timedelta(minutes=10)
"""How far before the last change we ask again: a server's search may lag behind its clock."""

MISSED = timedelta(minutes=15)
"""How often we ask where the platform calls us."""

RENEW_SECONDS = 300.0
"""A subscription is asked for again so often: the platform may have lost or ended it."""

AT_ONCE = 50
"""Things looked at in one go."""

CATCH_UP_SECONDS = 20.0
"""For so long one look goes on with what is due."""

PATIENCE = 30.0
"""Seconds one question to a platform may take; nobody is waiting."""

_log = structlog.get_logger("events")


@dataclass
class Watch:
    """One worker's watch over the platforms; every worker may keep one.

    `endpoint` is our hook's full address, `every` the time between two questions in `poll`.
    """

    mode: Mode
    platform: PlatformEvents
    take: Callable[[Event], bool]
    news: News
    cursors: Cursors
    endpoint: str
    secret: str = field(repr=False)
    every: timedelta = timedelta(seconds=60)
    kinds: tuple[Source, ...] = tuple(RESOURCES)
    tick: Callable[[], float] = time.monotonic
    _renew_at: float = field(default=float("-inf"), init=False)

    def step(self) -> None:
        """Everything that is due now; called every few seconds, harmless when called too often."""
        if self.mode == "push" and self.tick() >= self._renew_at:
            self.subscribe()
        if self.mode != "off":
            for kind in self.kinds:
                self.ask(kind)
        self._catch_up()

    def _catch_up(self) -> None:
        """All that is due, as far as the time for one look reaches: much falls due at one hour."""
        end = self.tick() + CATCH_UP_SECONDS
        while self.news.catch_up(AT_ONCE) == AT_ONCE and self.tick() < end:
            pass

    def subscribe(self) -> bool:
        """Asks to be called about every kind; once that has worked, not again for a while.

        What a platform will not tell by itself is asked for now and then all the same.
        """
        for kind in self.kinds:
            try:
                self.platform.subscribe(
                    kind,
                    endpoint=self.endpoint,
                    secret=self.secret,
                    deadline=Deadline.after(PATIENCE),
                )
            except Refused:
                _log.warning("subscription_refused", kind=kind)
            except PlatformError as error:
                _log.warning("not_subscribed", error=type(error).__name__)
                return False
        self._renew_at = self.tick() + RENEW_SECONDS
        return True

    def ask(self, kind: Source) -> int:
        """Asks what has changed, if it is time to; how much of it was new to us.

        The cursor moves when all of it is kept: whatever happens before, it is asked for again.
        """
        every = self.every if self.mode == "poll" else MISSED
        since = self.cursors.turn(kind, every=every, overlap=OVERLAP)
        if since is None:
            return 0
        try:
            changed, further = self.platform.changed(kind, since, deadline=Deadline.after(PATIENCE))
        except PlatformError as error:
            _log.warning("not_told_what_changed", kind=kind, error=type(error).__name__)
            return 0
        fresh = sum(self.take(event) for event in changed)
        # Never ahead of our own clock: a change dated to come would hide those before it.
        self.cursors.move(kind, min(further, self.cursors.clock()))
        if fresh:
            _log.info("asked_what_changed", kind=kind, fresh=fresh)
        return fresh


@dataclass(frozen=True, slots=True)
class FhirWatched:
    """A FHIR server as the source of our events."""

    fhir: Fhir
    passports: str = ""
    """`system|code` of the documents that are vaccine passports."""

    def changed(
        self, kind: Source, since: datetime, *, deadline: Deadline
    ) -> tuple[Sequence[Event], datetime]:
        found, further = self.fhir.changed(RESOURCES[kind], since, deadline=deadline)
        return tuple(_ours(one) for one in found), further

    def subscribe(self, kind: Source, *, endpoint: str, secret: str, deadline: Deadline) -> None:
        criteria = CRITERIA[kind]
        if kind == "passport" and self.passports:
            criteria = f"{criteria}?type={self.passports}"
        self.fhir.subscribe(
            criteria, endpoint, secret=secret, key=f"motcua-{kind}", deadline=deadline
        )


def event_of(resource: Mapping[str, Any]) -> Event | None:
    """The event that a posted FHIR resource tells of; None when it tells none."""
    found = fhir_events.event_of(dict(resource))
    return None if found is None else _ours(found)


def _ours(found: fhir_events.Event) -> Event:
    kind = KINDS[found.kind]
    if kind not in ONE_EACH:
        return Event(kind, found.id, found.version, found.citizen_id, found.at)
    # The versions of two resources are counted apart: one says nothing about the other.
    version = f"{found.kind}/{found.id} {found.version}"
    return Event(kind, found.citizen_id, version, found.citizen_id, found.at)


@dataclass(frozen=True, slots=True)
class Events:
    """Everything about events in this process."""

    ledger: StoredEvents
    news: News
    watch: Watch


def build(
    settings: Settings,
    *,
    stores: Stores,
    clients: Clients,
    rounds: Rounds,
    voices: Mapping[Network, Speaker],
) -> Events:
    """The events of this house. News is only what a platform says now, never what we remember."""
    news = News(
        ledger=stores.ledger,
        readers=stores.readers,
        platforms=clients.platforms,
        voices=voices,
        revoke=stores.codes.revoke,
        clock=now,
        policy=Policy(
            settings.result_text,
            settings.hotlines,
            declared=Span(settings.declaration_hours, settings.declaration_remind_hours),
            tested=settings.tested,
            check_ins=settings.check_ins,
        ),
        rounds=rounds,
    )
    watch = Watch(
        mode=settings.events,
        platform=FhirWatched(clients.fhir, passports=settings.fhir_type_vaccine_passport),
        take=stores.ledger.take,
        news=news,
        cursors=Cursors(stores.database, now),
        endpoint=f"{settings.base_url}/hooks/fhir",
        secret=settings.hook_secret.get_secret_value(),
        every=timedelta(seconds=settings.platform_poll_seconds),
    )
    return Events(stores.ledger, news, watch)
