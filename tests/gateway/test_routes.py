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
    "/healthz": "says nothing but that it lives",
    "/readyz": "names our servers and the platforms, and whether they answer",
    "/metrics": "open in development only; it has a test of its own",
    "/api/v1/openapi.json": "describes the interface to those who are to use it",
    "/simulator": "development only: the page that carries the token of everything below it",
    "/simulator/token": "development only: another site's script may send but not read it",
    "/simulator/api/people": "development only: invented people",
    "/simulator/static/<path:filename>": "development only: the page's own files",
    "/simulator/photo/<name>": "development only: its name is a secret of 18 random bytes",
}
"""Addresses that need no proof, and why."""

PROOFS: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Bearer mc_0123456789ab_0123456789abcdef0123456789abcdef"},
    {"Authorization": "Bearer "},
    {"Authorization": "Basic b2ZmaWNlcjpvZmZpY2Vy"},
    {"X-Twilio-Signature": "guessed", "X-Telegram-Bot-Api-Secret-Token": "guessed"},
    {"X-Twilio-Signature": "", "X-Telegram-Bot-Api-Secret-Token": "", "X-Simulator-Token": ""},
)
"""What somebody might try who has none."""


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


def test_the_addresses_without_proof_are_still_there(house: wiring.House) -> None:
    """One that is gone must leave the list, or something else could come under its name."""
    assert {address for _, address in routes(app.make(house))} >= OPEN.keys()


def test_nobody_gets_in_unproven(house: wiring.House) -> None:
    application = app.make(house)
    client = application.test_client()
    for (method, address), rule in routes(application).items():
        if address in OPEN:
            continue
        path = re.sub(r"<[^>]+>", "wrong", rule.rule)
        for headers in PROOFS:
            answer = client.open(path, method=method, data={"text": "1"}, headers=headers)
            assert answer.status_code in (401, 403, 404), f"{method} {address}"
            assert "Traceback" not in answer.text


def test_what_was_sent_unproven_is_not_stored(house: wiring.House) -> None:
    application = app.make(house)
    client = application.test_client()
    with house.database.begin() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one()
    for (method, address), rule in routes(application).items():
        if address not in OPEN:
            path = re.sub(r"<[^>]+>", "wrong", rule.rule)
            fields = {"from": "+84912345678", "to": "1022", "text": "QR", "id": "1"}
            client.open(path, method=method, query_string=fields, data=fields)
    with house.database.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one() == before


@pytest.mark.parametrize("path", ["/simulator", "/simulator/token", "/simulator/api/people"])
def test_without_the_setting_there_is_no_simulator(house: wiring.House, path: str) -> None:
    quiet = house.settings.model_copy(update={"simulator": False})
    closed = app.make(wiring.build(quiet)).test_client()
    assert closed.get(path).status_code == 404
    assert app.make(house).test_client().get(path).status_code == 200
