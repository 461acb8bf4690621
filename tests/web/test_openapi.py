"""The page for programs says what the route does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Counter, payload_of_mother
from web.openapi import document
from web.verify import STATUSES

PUBLIC = "https://motcua.example.vn"


def references(node: Any) -> Iterator[str]:
    match node:
        case dict():
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        case list():
            for value in node:
                yield from references(value)


def test_every_reference_leads_somewhere() -> None:
    written = document(PUBLIC)
    for reference in references(written):
        place: Any = written
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert isinstance(place, dict)


def test_it_is_served(counter: Counter) -> None:
    served = counter.client.get("/api/v1/openapi.json")
    assert served.get_json() == document(PUBLIC)


def test_every_status_of_a_refusal_is_described() -> None:
    described = document(PUBLIC)["paths"]["/api/v1/verify"]["post"]["responses"]
    assert {str(status) for status in STATUSES.values()} <= described.keys()
    assert {"200", "400", "401", "403", "413", "415", "429"} <= described.keys()


@pytest.mark.parametrize("scanned", [payload_of_mother(), "hello"])
def test_answers_have_the_fields_that_are_described(counter: Counter, scanned: str) -> None:
    answer = counter.shows(scanned=scanned)
    written = document(PUBLIC)
    described = written["paths"]["/api/v1/verify"]["post"]["responses"][str(answer.status_code)]
    schema = described["content"][answer.mimetype]["schema"]["$ref"].rpartition("/")[2]
    properties = written["components"]["schemas"][schema]["properties"]
    required = set(written["components"]["schemas"][schema].get("required", ()))
    assert required <= answer.get_json().keys() <= properties.keys()


def test_fields_of_the_question_are_those_that_are_read() -> None:
    properties = document(PUBLIC)["components"]["schemas"]["Question"]["properties"]
    assert properties.keys() == {"payload", "code", "scanned", "place"}
