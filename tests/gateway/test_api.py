"""The API as the whole house serves it, with the keys that a developer has."""

from __future__ import annotations

from flask.testing import FlaskClient

from core.outbox.outgoing import Status
from gateway import wiring
from gateway.outbound import teller


def test_an_operators_key_sends_reads_and_replays(house: wiring.House, client: FlaskClient) -> None:
    key = house.settings.operator_key.get_secret_value()
    bearer = {"Authorization": f"Bearer {key}"}
    body = {"to": "0912345678", "text": "Xin chào", "purpose": "result"}
    headers = {**bearer, "Idempotency-Key": house.settings.var}
    taken = client.post("/api/v1/messages", json=body, headers=headers)
    assert taken.status_code == 202
    name = taken.get_json()["messages"][0]["id"]
    (claimed,) = [one for one in house.outbox.claim(1000) if one.outgoing.id == name]
    house.outbox.end(claimed, Status.FAILED, "no")
    listed = client.get("/api/v1/messages?status=failed", headers=bearer).get_json()["messages"]
    assert name in {one["id"] for one in listed}
    assert client.post(f"/api/v1/messages/{name}/replay", headers=bearer).status_code == 202
    assert house.outbox.status(name) is Status.QUEUED
    officer = {"Authorization": f"Bearer {house.settings.officer_key.get_secret_value()}"}
    assert client.get(f"/api/v1/messages/{name}", headers=officer).status_code == 403


def test_webhooks_may_lead_inside_in_development_only(house: wiring.House) -> None:
    assert teller(house).internal
    settings = house.settings.model_copy(update={"webhook_internal": False})
    assert not teller(wiring.build(settings)).internal
