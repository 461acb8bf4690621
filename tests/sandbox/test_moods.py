"""The platforms' bad days."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import httpx2
import pytest

from tests.sandbox.conftest import DECLARED, Visitor, declaration

READ = "/fhir/Location"


def get(visitor: Visitor, path: str = READ, **headers: str) -> httpx2.Response:
    """A read with a token."""
    return visitor.http.get(path, headers=visitor.auth | headers)


@pytest.mark.parametrize(
    ("mood", "status"), [("429", 429), ("500", 500), ("503", 503), ("unauthorised", 401)]
)
def test_refusing(visitor: Visitor, mood: str, status: int) -> None:
    visitor.mood("fhir", mood, delay=7)
    answer = get(visitor, **{"X-Request-Id": "r1"})
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.headers["X-Request-Id"] == "r1"
    assert answer.headers.get("Retry-After") == ("7" if status in (429, 503) else None)
    assert get(visitor, "/qrqg/v1/personal-qr/1").status_code == 404
    visitor.mood("fhir", "well")
    assert get(visitor).status_code == 200


def test_down_hangs_up_without_a_word(visitor: Visitor) -> None:
    visitor.mood("qrqg", "down")
    with pytest.raises(httpx2.RemoteProtocolError):
        get(visitor, "/qrqg/v1/personal-qr/1")
    assert get(visitor).status_code == 200


def test_garbage_is_not_json(visitor: Visitor) -> None:
    visitor.mood("fhir", "garbage")
    answer = get(visitor)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        json.loads(answer.content)


def test_wrong_is_json_of_the_wrong_kind(visitor: Visitor) -> None:
    visitor.mood("fhir", "wrong")
    visitor.mood("qrqg", "wrong")
    kinds = {each["resource"]["resourceType"] for each in get(visitor).json()["entry"]}
    assert "Location" not in kinds
    assert get(visitor, "/qrqg/v1/personal-qr/1").json()["qid"] is None


def test_huge_is_twenty_megabytes(visitor: Visitor) -> None:
    visitor.mood("fhir", "huge")
    assert len(get(visitor).content) == 20 * 1024 * 1024


def test_slow_takes_its_time_and_does_the_work_first(visitor: Visitor) -> None:
    visitor.mood("fhir", "slow", delay=0.6)
    body, condition = declaration("p-leap-day", "k1"), f"identifier={DECLARED}|k1"
    headers = visitor.auth | {"If-None-Exist": condition}
    with pytest.raises(httpx2.ReadTimeout):
        visitor.http.post("/fhir/QuestionnaireResponse", json=body, headers=headers, timeout=0.2)
    began = time.monotonic()
    again = visitor.write(body, If_None_Exist=condition)
    assert time.monotonic() - began >= 0.6
    assert again.status_code == 200
    assert [each["key"] for each in visitor.http.get("/received").json()] == ["k1"]


def test_drip_outlasts_a_reader_who_waits_for_each_byte(visitor: Visitor) -> None:
    visitor.mood("fhir", "drip", delay=0.002)
    began = time.monotonic()
    answer = visitor.http.get(
        "/fhir/Location", params={"_id": "hue"}, headers=visitor.auth, timeout=1
    )
    assert answer.json()["total"] == 1
    assert time.monotonic() - began >= 0.002 * len(answer.content)


def test_a_refusing_mood_does_no_work(visitor: Visitor) -> None:
    visitor.mood("fhir", "500")
    assert visitor.write(declaration("p-leap-day", "k1")).status_code == 500
    assert visitor.http.get("/received").json() == []


def test_a_mood_passes_after_its_seconds(visitor: Visitor) -> None:
    visitor.mood("fhir", "500", seconds=30)
    assert visitor.http.get("/moods").json()["fhir"]["mood"] == "500"
    visitor.watch.ahead += timedelta(seconds=29)
    assert get(visitor).status_code == 500
    visitor.watch.ahead += timedelta(seconds=2)
    assert get(visitor).status_code == 200
    assert visitor.http.get("/moods").json()["fhir"]["mood"] == "well"


def test_control_routes_have_no_moods(visitor: Visitor) -> None:
    for platform in ("fhir", "qrqg"):
        visitor.mood(platform, "down")
    for path in ("/", "/people", "/received", "/moods", "/healthz", "/openapi.json"):
        assert visitor.http.get(path).status_code == 200
    assert visitor.auth


@pytest.mark.parametrize(
    ("platform", "body", "status"),
    [
        ("sms", {"mood": "well"}, 404),
        ("fhir", {"mood": "grumpy"}, 422),
        ("fhir", {}, 422),
        ("fhir", {"mood": "slow", "seconds": -1}, 422),
        ("fhir", {"mood": "slow", "seconds": "ten"}, 422),
        ("fhir", {"mood": "slow", "delay": True}, 422),
        ("fhir", [], 400),
    ],
)
def test_unknown_moods_are_refused(
    visitor: Visitor, platform: str, body: object, status: int
) -> None:
    assert visitor.http.put(f"/moods/{platform}", json=body).status_code == status
    assert visitor.http.get("/moods").json()["fhir"]["mood"] == "well"


def test_an_error_code_may_be_a_number(visitor: Visitor) -> None:
    assert visitor.http.put("/moods/fhir", json={"mood": 429}).json()["mood"] == "429"
