"""Kept calls are spread out, spare a platform that is left alone, and end with one last word."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import now
from core.errors import Absent, Down, Late
from core.outbox.outgoing import Outgoing
from core.platform.breaker import LeftAlone
from core.store.database import Database
from core.store.deferred import Deferred, Kept
from core.store.outbox import Outbox
from core.store.tables import deferred as table
from core.store.tables import outgoing
from gateway.kept_calls import LEAST_A_SECOND, MOST_A_SECOND, KeptCalls, Pace
from tests.core.store.conftest import Clock
from tests.gateway.a_worker import reply, vault


@dataclass
class Scene:
    """Kept calls whose platform does what the test says, at a time that stands still."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    answer: Callable[[Kept], object] = lambda kept: None
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deferred = Deferred(self.database, vault(), self.clock)
        self.calls = KeptCalls(
            self.database,
            self.deferred,
            Outbox(self.database, vault(), now),
            self._finish,
            lambda kept: [reply(f"in-vain-{kept.key}", "+84912345678")],
            tick=lambda: self.clock().timestamp(),
            chance=random.Random(1),
        )

    def _finish(self, kept: Kept) -> list[Outgoing]:
        self.asked.append(kept.key)
        error = self.answer(kept)
        if isinstance(error, Exception):
            raise error
        return [reply(f"done-{kept.key}", "+84912345678")]

    def keep(self, *keys: str) -> None:
        for key in keys:
            self.deferred.keep(key, {"platform": "fhir", "person": key})

    def goes_round(self, seconds: float) -> None:
        """What a worker does in so many seconds, looking every half second."""
        for _look in range(int(seconds * 2)):
            for kept in self.calls.claim(8):
                self.calls.do(kept)
            self.clock.passes(seconds=0.5)

    def states(self) -> set[tuple[str, int]]:
        with self.database.begin() as connection:
            rows = connection.execute(select(table.c.state, table.c.attempts))
            return {(row.state, row.attempts) for row in rows}

    def told(self) -> set[str]:
        with self.database.begin() as connection:
            return set(connection.scalars(select(outgoing.c.key)))


@pytest.fixture
def scene(fresh_database_url: str) -> Iterator[Scene]:
    database = Database(fresh_database_url)
    yield Scene(database)
    database.close()


def test_while_a_platform_is_left_alone_no_call_burns_an_attempt(scene: Scene) -> None:
    scene.answer = lambda kept: LeftAlone("fhir", "left alone")
    scene.keep(*(f"c{number}" for number in range(20)))
    scene.goes_round(60)
    assert 10 <= len(scene.asked) <= 40, "one at a time, every few seconds"
    assert scene.states() == {("new", 0)}
    scene.answer = lambda kept: None
    scene.asked.clear()
    scene.goes_round(30)
    assert sorted(scene.asked) == sorted(f"c{number}" for number in range(20))
    assert scene.states() == {("done", 1)}


def test_told_when_to_come_back_nobody_comes_before(scene: Scene) -> None:
    scene.answer = lambda kept: Down("fhir", "status 503", after=20.0)
    scene.keep("a", "b")
    scene.goes_round(19)
    assert len(scene.asked) == 1
    assert scene.states() == {("new", 0)}


def test_after_an_outage_calls_go_out_slowly_then_faster_never_all_at_once(scene: Scene) -> None:
    scene.keep(*(f"c{number}" for number in range(200)))
    counts = []
    while scene.states() != {("done", 1)}:
        before = len(scene.asked)
        scene.goes_round(1)
        counts.append(len(scene.asked) - before)
    assert counts[0] <= 3
    assert max(counts) <= MOST_A_SECOND + 2
    assert len(counts) < 60


@pytest.mark.parametrize("error", [Down("fhir"), Late("fhir"), KeyError("oops")])
def test_a_call_that_fails_is_tried_less_and_less_often_and_lets_others_pass(
    scene: Scene, error: Exception
) -> None:
    scene.answer = lambda kept: error if kept.key == "poison" else None
    scene.keep("poison", *(f"c{number}" for number in range(10)))
    scene.goes_round(60)
    assert {f"done-c{number}" for number in range(10)} == scene.told()
    assert 4 <= scene.asked.count("poison") <= 9


def test_when_patience_is_over_the_person_is_told_and_the_platform_not_asked(
    scene: Scene,
) -> None:
    scene.keep("a", "b")
    scene.clock.passes(days=3)
    scene.goes_round(1)
    assert scene.asked == []
    assert scene.told() == {"in-vain-a", "in-vain-b"}
    assert scene.states() == {("failed", 0)}
    scene.goes_round(5)
    assert scene.told() == {"in-vain-a", "in-vain-b"}


def test_a_final_no_that_no_step_expected_is_told_at_once(scene: Scene) -> None:
    scene.answer = lambda kept: Absent("fhir")
    scene.keep("a")
    scene.goes_round(5)
    assert scene.asked == ["a"]
    assert scene.told() == {"in-vain-a"}


def test_whoever_lost_the_lease_tells_nothing(scene: Scene) -> None:
    scene.keep("a")
    (slow,) = scene.deferred.claim("fhir", 1)
    scene.clock.passes(seconds=31)
    (quick,) = scene.deferred.claim("fhir", 1)
    scene.calls.do(slow)
    assert scene.told() == set()
    scene.calls.do(quick)
    assert scene.told() == {"done-a"}


def test_the_other_platform_may_be_the_one_in_trouble(scene: Scene) -> None:
    scene.answer = lambda kept: Down("qrqg")
    scene.keep("a")
    scene.goes_round(1)
    scene.clock.passes(seconds=5)
    assert scene.deferred.due() == ["qrqg"]


def test_a_pace_falls_with_failures_and_rests_for_a_random_while() -> None:
    time = [0.0]
    pace = Pace(lambda: time[0], random.Random(1))
    assert pace.room() == 1
    for _success in range(100):
        pace.went_well()
    time[0] = 10.0
    assert pace.room() == MOST_A_SECOND
    for _failure in range(10):
        pace.failed()
    assert pace.room() == LEAST_A_SECOND
    pace.rest(10.0)
    time[0] += 5.0
    assert pace.room() == 0
    time[0] += timedelta(seconds=6).total_seconds()
    assert pace.room() == 1
