"""A few thousand generated updates of every kind; `python -m bench chat-fuzz` brings 100,000."""

from __future__ import annotations

import os
from typing import Any

import pytest

from gateway import wiring
from tests.gateway.chat_fuzz import Fuzz
from tests.peers.any_updates import AnyUpdates, mixed

COUNT = int(os.environ.get("CHAT_FUZZ_UPDATES", "2000"))


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    return fresh_database_url


def test_nothing_that_networks_bring_fails_or_holds_a_chat_up(
    house: wiring.House, people: dict[str, dict[str, Any]]
) -> None:
    known = [one for one in people.values() if one["phone"] and one["papers"]][:6]
    seen = Fuzz(house, 20261126, known).run(COUNT)
    assert {status for _network, status in seen.statuses} <= {200, 400}
    assert (seen.failed, seen.again) == (0, 0)
    assert seen.last_words
    assert seen.unanswered == []


def test_the_same_seed_gives_the_same_updates_and_another_one_others() -> None:
    def bodies(seed: int) -> list[bytes]:
        drawn = AnyUpdates(seed)
        return [drawn.body(event) for _network, event in mixed(drawn, 300)]

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)
