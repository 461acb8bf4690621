"""Alive, ready, counted."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry, Counter

from web import health


def client(*, redis_up: bool = True, token: str = "", is_open: bool = False) -> FlaskClient:
    registry = CollectorRegistry()
    Counter("tests_hops", "Hops", registry=registry).inc(3)

    def ping_redis() -> None:
        if not redis_up:
            raise ConnectionError("redis://:password@127.0.0.1")

    app = Flask("tests")
    app.register_blueprint(
        health.blueprint(
            servers={"postgresql": lambda: True, "redis": ping_redis},
            platforms=lambda: {"fhir": "resting", "qrqg": "well"},
            metrics_token=token,
            metrics_open=is_open,
            registry=registry,
        )
    )
    return app.test_client()


def test_it_is_alive_whatever_the_servers_do() -> None:
    assert client(redis_up=False).get("/healthz").status_code == 200


def test_it_is_ready_although_a_platform_rests() -> None:
    answer = client().get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "ready": True,
        "servers": {"postgresql": "ok", "redis": "ok"},
        "platforms": {"fhir": "resting", "qrqg": "well"},
    }


def test_it_is_not_ready_without_a_server_and_says_which() -> None:
    answer = client(redis_up=False).get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["servers"] == {"postgresql": "ok", "redis": "unreachable"}
    assert b"password" not in answer.data


@pytest.mark.parametrize(
    ("is_open", "token", "given", "status"),
    [
        (True, "", None, 200),
        (False, "", None, 404),
        (False, "", "Bearer ", 404),
        (False, "s3cret", None, 401),
        (False, "s3cret", "Bearer s3cre", 401),
        (False, "s3cret", "Bearer s3cret", 200),
    ],
)
def test_metrics_are_for_those_who_may_see_them(
    is_open: bool, token: str, given: str | None, status: int
) -> None:
    headers = {"Authorization": given} if given is not None else {}
    answer = client(token=token, is_open=is_open).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert (b"tests_hops_total 3.0" in answer.data) == (status == 200)
