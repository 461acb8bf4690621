"""Whatever the sandbox serves is valid FHIR R4, as the models of fhir.resources have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from sandbox.fhir.search import SEARCHES
from tests.sandbox.conftest import DECLARED, TICKET, Visitor, declaration, ticket

SERVED = tuple(kind for kind in SEARCHES if kind not in ("QuestionnaireResponse", "Task"))


def pages(visitor: Visitor, kind: str) -> Iterator[dict[str, Any]]:
    """Every page of a search for everything of a kind."""
    parameters = {"_count": "200"}
    while True:
        page = visitor.fhir(kind, **parameters)
        yield page
        link = next((one["url"] for one in page["link"] if one["relation"] == "next"), None)
        if link is None:
            return
        parameters = dict(parse_qsl(urlsplit(link).query))


def faults(resource: dict[str, Any]) -> list[str]:
    """What is wrong with a resource: where, and why."""
    kind = resource["resourceType"]
    companions: list[dict[str, Any]] = []
    plain = without_companions(resource, companions)
    name = f"{kind}/{resource.get('id', '')}"
    checks = [(name, get_fhir_model_class(kind), plain)]
    checks += [(f"{name} _valueString", get_fhir_model_class("Element"), one) for one in companions]
    return [said for one in checks for said in _faults(*one)]


def without_companions(value: Any, taken: list[dict[str, Any]]) -> Any:
    """The same, with `_valueString` taken out of its extensions.

    FHIR allows it there as beside any primitive; the models of fhir.resources alone forget it.
    """
    if isinstance(value, list):
        return [without_companions(one, taken) for one in value]
    if not isinstance(value, dict):
        return value
    if "url" in value and "valueString" in value and "_valueString" in value:
        taken.append(value["_valueString"])
        value = {name: one for name, one in value.items() if name != "_valueString"}
    return {name: without_companions(one, taken) for name, one in value.items()}


def _faults(name: str, model: Any, written: dict[str, Any]) -> list[str]:
    try:
        model.model_validate(written)
    except ValidationError as error:
        return [f"{name} {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return []


def subscription() -> dict[str, Any]:
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "to be told",
        "criteria": "Task",
        "channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:9/hooks/fhir"},
    }


@pytest.mark.parametrize("kind", SERVED)
def test_everything_served_is_valid(visitor: Visitor, kind: str) -> None:
    if kind == "Subscription":
        visitor.write(subscription())
    found = 0
    for page in pages(visitor, kind):
        without = page | {"entry": [{"fullUrl": one["fullUrl"]} for one in page.get("entry", [])]}
        assert faults({name: value for name, value in without.items() if value}) == []
        for entry in page.get("entry", []):
            assert faults(entry["resource"]) == []
            found += 1
    assert found


def test_a_fault_would_be_seen(visitor: Visitor) -> None:
    (patient, *_) = visitor.resources("Patient")
    assert faults(patient | {"gender": ["female"], "born": "1990"})


def test_what_was_written_is_still_valid_when_it_moves(visitor: Visitor) -> None:
    person = visitor.person("wrong-dose-missing")
    patient = person["patient"]
    declared = visitor.write(
        declaration(patient, "d1"), If_None_Exist=f"identifier={DECLARED}|d1"
    ).json()
    opened = visitor.write(ticket(patient, "t1"), If_None_Exist=f"identifier={TICKET}|t1").json()
    assert faults(declared) == faults(opened) == []
    for _ in range(3):
        for changed in visitor.happen("ticket-moved", person["qid"], reason="Đã rõ")["changed"]:
            assert faults(changed) == []


def test_what_happens_is_valid(visitor: Visitor) -> None:
    qid = visitor.person("result-pending")["qid"]
    for what in ("result-final", "result-corrected", "dose-due", "isolation-started"):
        changed = visitor.happen(what, qid)["changed"]
        assert changed
        assert [fault for one in changed for fault in faults(one)] == []


def test_what_it_says_of_itself_is_valid(visitor: Visitor) -> None:
    assert faults(visitor.http.get("/fhir/metadata").json()) == []


@pytest.mark.parametrize("path", ["Patient/nobody", "Nothing", "Patient?colour=red", "Patient"])
def test_its_refusals_are_valid(visitor: Visitor, path: str) -> None:
    auth = {} if path == "Patient" else visitor.auth
    answer = visitor.http.get(f"/fhir/{path}", headers=auth)
    assert answer.status_code >= 400
    assert faults(answer.json()) == []
