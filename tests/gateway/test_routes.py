"""Every address is on the page that lists them, and nobody gets in unproven."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from gateway import app, wiring
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "routes.md"
OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/openapi.json",
    "/simulator",
    "/simulator/token",
    "/simulator/api/people",
    "/simulator/static/<path:filename>",
    "/simulator/photo/<name>",
}
"""Addresses that need no proof, with nothing behind them that would; metrics are open only in development."""


def routes(application: Flask) -> dict[tuple[str, str], Rule]:
    """Every method of every address."""
    return {
        (method, rule.rule): rule
        for rule in application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_page_lists_every_address_and_no_other(house: wiring.House) -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/\S*)` \|", PAGE.read_text(encoding="utf-8"), re.M)
    assert sorted(listed) == sorted(routes(app.make(house)))


def test_nobody_gets_in_unproven(house: wiring.House) -> None:
    application = app.make(house)
    client = application.test_client()
    for (method, address), rule in routes(application).items():
        if address in OPEN:
            continue
        path = re.sub(r"<[^>]+>", "wrong", rule.rule)
        for headers in (
            {},
            {"Authorization": "Bearer mc_0123456789ab_0123456789abcdef0123456789abcdef"},
        ):
            answer = client.open(path, method=method, json={}, headers=headers)
            assert answer.status_code in (401, 403, 404), f"{method} {address}"


@pytest.mark.parametrize("path", ["/simulator", "/simulator/token", "/simulator/api/people"])
def test_without_the_setting_there_is_no_simulator(house: wiring.House, path: str) -> None:
    quiet = house.settings.model_copy(update={"simulator": False})
    closed = app.make(wiring.build(quiet)).test_client()
    assert closed.get(path).status_code == 404
    assert app.make(house).test_client().get(path).status_code == 200
