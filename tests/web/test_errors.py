"""What goes wrong is said in the caller's own way, and every answer is safe in a browser."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from web import errors


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("tests")
    app.config["MAX_CONTENT_LENGTH"] = 100
    errors.install(app, outages=(ConnectionError,))

    @app.get("/api/v1/away")
    def away() -> str:
        raise ConnectionRefusedError("postgresql://secret@server")

    @app.post("/api/v1/fails")
    def fails() -> str:
        raise LookupError("+84912345678")

    @app.get("/fails")
    def fails_too() -> str:
        raise LookupError("+84912345678")

    @app.get("/own")
    def own() -> Response:
        return Response("x", headers={"Content-Security-Policy": "default-src 'self'"})

    return app.test_client()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/v1/fails", 500),
        ("GET", "/api/v1/fails", 405),
        ("GET", "/api/nothing?name=NGUYEN", 404),
    ],
)
def test_a_program_is_answered_in_json(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, errors.PROBLEM)
    told = answer.get_json()
    assert (told["status"], told["result"]) == (status, "refused")
    assert b"84912345678" not in answer.data
    assert b"NGUYEN" not in answer.data


def test_a_server_of_ours_that_is_away_is_no_fault_but_a_wait(client: FlaskClient) -> None:
    answer = client.get("/api/v1/away")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["reason"] == "unavailable"
    assert b"secret" not in answer.data


def test_a_method_that_is_not_taken_names_those_that_are(client: FlaskClient) -> None:
    assert "POST" in client.get("/api/v1/fails").headers["Allow"]


def test_a_browser_is_answered_in_a_line(client: FlaskClient) -> None:
    answer = client.get("/fails")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")
    assert answer.get_data(as_text=True) == "Internal Server Error\n"


def test_answers_are_safe_in_a_browser(client: FlaskClient) -> None:
    headers = client.get("/nothing").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_a_route_may_have_a_policy_of_its_own(client: FlaskClient) -> None:
    assert client.get("/own").headers["Content-Security-Policy"] == "default-src 'self'"


def test_over_https_browsers_are_told_to_stay_there(client: FlaskClient) -> None:
    assert client.get("/own", base_url="https://x.vn").headers["Strict-Transport-Security"]
