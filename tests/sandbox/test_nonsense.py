"""Whatever is sent to the sandbox, it answers with a refusal and never breaks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.conftest import DECLARED, Visitor, declaration, ticket
from tests.sandbox.test_happenings import subscription
from tests.sandbox.test_qrqg import STRANGER

ODD: tuple[Any, ...] = (None, 7, -1.5, True, "", "x|y", "\u0000", [], [None], {}, {"a": [1]}, [[]])


def spoilt(body: Any) -> Iterator[Any]:
    """The body with each of its parts replaced by each odd value, one at a time."""
    yield from ODD
    places = list(body) if isinstance(body, dict) else list(range(len(body)))
    for place in places:
        within = body[place]
        variants: Iterator[Any] | tuple[Any, ...] = ODD
        if isinstance(within, dict | list):
            variants = spoilt(within)
        for odd in variants:
            changed = copy.copy(body)
            changed[place] = odd
            yield changed


BODIES: dict[str, tuple[str, Any]] = {
    "declaration": ("/fhir/QuestionnaireResponse", declaration("p-leap-day", "k")),
    "ticket": ("/fhir/Task", ticket("p-leap-day", "k")),
    "subscription": ("/fhir/Subscription", subscription("http://127.0.0.1:9/", "Flag?status=x")),
    "registration": ("/qrqg/v1/personal-qr", STRANGER | {"declarer": "1"}),
    "resolve": ("/qrqg/v1/resolve", {"payload": "a|b|c|0|e|f"}),
    "happen": ("/happen", {"what": "dose-due", "phone": "+84912004701", "date": "2027-01-01"}),
    "result": ("/happen", {"what": "result-final", "qid": "1", "value": "x", "method": "y"}),
}


@pytest.mark.parametrize("name", BODIES)
def test_nonsense_is_refused(visitor: Visitor, name: str) -> None:
    path, body = BODIES[name]
    headers = visitor.auth | {
        "Idempotency-Key": "k",
        "If-None-Exist": f"identifier={DECLARED}|other",
    }
    if name in ("ticket", "subscription", "declaration"):
        del headers["If-None-Exist"]
    codes = {}
    for odd in spoilt(body):
        answer = visitor.http.post(path, json=odd, headers=headers)
        codes[answer.status_code] = odd
    assert max(codes) < 500, codes[max(codes)]
    assert 422 in codes or 400 in codes


@pytest.mark.parametrize("kind", ["QuestionnaireResponse", "Task", "Subscription", "Observation"])
def test_what_was_accepted_can_still_be_searched(visitor: Visitor, kind: str) -> None:
    for name in ("declaration", "ticket", "subscription"):
        path, body = BODIES[name]
        for odd in spoilt(body):
            visitor.http.post(path, json=odd, headers=visitor.auth)
    for parameters in ({"_sort": "-_lastUpdated"}, {"patient": "p-leap-day"}, {"status": "x"}):
        if kind == "Subscription" and "patient" in parameters:
            continue
        assert visitor.fhir(kind, **parameters)["type"] == "searchset"
    if kind == "QuestionnaireResponse":
        assert visitor.fhir(kind, _sort="-authored", identifier="a|b", author="x")["total"] == 0
    visitor.happen("isolation-started", visitor.person("leap-day")["qid"])


@pytest.mark.parametrize(
    "header", ["", "identifier", "identifier=", "=", "?&&", "shoe=1", "identifier=|", "\xff"]
)
def test_an_odd_condition_is_refused_or_means_nothing(visitor: Visitor, header: str) -> None:
    headers = [(name.encode(), value.encode()) for name, value in visitor.auth.items()]
    answer = visitor.http.post(
        "/fhir/Task",
        json=ticket("p-leap-day", "k"),
        headers=[*headers, (b"If-None-Exist", header.encode("latin-1"))],
    )
    assert answer.status_code in (201, 400)
