"""What all routes of one running sandbox share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.areas.risk_map import RiskMap
from sandbox.clock import Clock, utc_now
from sandbox.deliveries import Deliveries
from sandbox.fhir.shelf import Shelf
from sandbox.moods import Moods
from sandbox.people.population import population
from sandbox.tokens import Tokens
from sandbox.world import World

CLIENT_ID = "mot-cua"
CLIENT_SECRET = "sandbox-secret"
"""The development client; anything that matters names its own."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    clock: Clock
    start: datetime
    world: World
    shelf: Shelf
    moods: Moods
    tokens: Tokens
    deliveries: Deliveries


def settle(
    *,
    people: int,
    seed: int,
    client_id: str = CLIENT_ID,
    client_secret: str = CLIENT_SECRET,
    token_seconds: int = 300,
    clock: Clock = utc_now,
) -> Sandbox:
    """A fresh sandbox with its people moved in."""
    start = clock()
    world = World(clock, seed, RiskMap(start))
    for person in population(people=people, seed=seed, start=start):
        world.admit(person)
    return Sandbox(
        clock=clock,
        start=start,
        world=world,
        shelf=Shelf(world, start),
        moods=Moods(clock),
        tokens=Tokens(
            client_id=client_id, client_secret=client_secret, seconds=token_seconds, clock=clock
        ),
        deliveries=Deliveries(world),
    )
