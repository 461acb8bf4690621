"""A crowd on USSD: nobody sees another's screen, nobody is lost, and a dead Valkey is got over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.crowd import name_on
from bench.crowded import calm, shaken
from tests.peers.conftest import running_gateway

SESSIONS = 600
"""Enough for the hops of hundreds to be under way at once; `python -m bench crowd` plays 10,000."""


def test_every_session_of_a_crowd_sees_its_own_screens(tmp_path: Path) -> None:
    with running_gateway(tmp_path) as ready:
        crowded = asyncio.run(calm(ready, SESSIONS))
    assert crowded.wrong == []
    assert crowded.others == crowded.asked_to_begin_again == 0
    assert crowded.right == crowded.hops == 7 * SESSIONS


@pytest.mark.parametrize("empty", [False, True])
def test_when_valkey_dies_people_are_asked_to_begin_again_and_can(
    tmp_path: Path, empty: bool
) -> None:
    with running_gateway(tmp_path) as ready:
        before = ready["pids"]
        crowded, redialled, welcome = asyncio.run(shaken(ready, SESSIONS, empty=empty))
        assert ready["pids"] == before
    assert crowded.wrong == []
    assert crowded.others == 0
    assert redialled == crowded.asked_to_begin_again > 0
    assert welcome == redialled
    assert crowded.right + redialled == crowded.hops


def test_a_name_on_a_screen_is_seen() -> None:
    assert name_on("CON Ma cua Thi Huong:\n2314 2280 0383\n") == "Thi Huong"
    assert name_on("CON Mot Cua - Y te\n1 Ma QR") is None
