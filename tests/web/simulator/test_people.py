"""Whom one can play, as the sandbox lists them."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from web.simulator.people import SandboxPeople

HUONG = {"name": "Nguyễn Thị Hường", "phone": "+84912004701", "story": "mother", "truth": "secret"}


def test_those_with_a_telephone_are_listed_once_a_minute(httpserver: HTTPServer) -> None:
    moment = [0.0]
    listing = [HUONG, {"name": "Phạm Thị Mận", "phone": None}]
    httpserver.expect_ordered_request("/people").respond_with_json(listing)
    httpserver.expect_ordered_request("/people").respond_with_json([])
    people = SandboxPeople(httpserver.url_for("").rstrip("/"), tick=lambda: moment[0])
    assert [person["phone"] for person in people()] == ["+84912004701"]
    assert "truth" not in people()[0]
    moment[0] = 61.0
    assert people() == []


@pytest.mark.parametrize("body", ["nonsense", "null", "7", '"x"', "[1, null]"])
def test_nonsense_is_nobody(httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/people").respond_with_data(body, content_type="application/json")
    assert SandboxPeople(httpserver.url_for("").rstrip("/"))() == []


def test_without_a_sandbox_there_is_nobody() -> None:
    assert SandboxPeople(None)() == []
    assert SandboxPeople("http://127.0.0.1:1")() == []
