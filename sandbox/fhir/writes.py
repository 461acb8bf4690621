"""Creating resources, once: what is checked, and what makes a repeated create harmless."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from sandbox.clock import stamp
from sandbox.fhir.codes import CASES, IDENTIFIER
from sandbox.fhir.declarations import check_answers
from sandbox.fhir.outcome import Problem
from sandbox.fhir.search import matching, moment, parts
from sandbox.fhir.shelf import WRITTEN, Shelf
from sandbox.world import Kind, Resource

WATCHED = (
    "Observation", "ImmunizationRecommendation", "Task", "Flag", "Immunization",
    "DocumentReference",
)  # fmt: skip
"""What a Subscription may be about."""

KINDS: dict[str, Kind] = {
    "QuestionnaireResponse": "declaration",
    "Task": "ticket",
    "Subscription": "subscription",
}


def create(
    shelf: Shelf, kind: str, body: Any, *, only_if_none: str | None
) -> tuple[Resource, bool]:
    """Stores a resource and says whether it is new.

    `only_if_none` is the If-None-Exist header: when something matches it already, that is returned
    and nothing is stored. Raises Problem.
    """
    if kind not in WRITTEN:
        raise Problem(405, "not-supported", f"{kind} cannot be written here")
    if not isinstance(body, dict) or body.get("resourceType") != kind:
        raise Problem(400, "structure", f"the body must be a {kind}")
    with shelf.world.lock:
        if only_if_none and (found := _existing(shelf, kind, body, only_if_none)):
            return found, False
        CHECKS[kind](shelf, body)
        return _store(shelf, kind, body, only_if_none), True


def _existing(shelf: Shelf, kind: str, body: Resource, condition: str) -> Resource | None:
    parameters = parse_qsl(condition.lstrip("?"), strict_parsing=False)
    if not parameters:
        raise Problem(400, "invalid", "If-None-Exist holds no search")
    found = shelf.search(kind, parameters)
    if len(found) > 1:
        raise Problem(412, "multiple-matches", "If-None-Exist matches several resources")
    for name, wanted in parameters:
        carried = [
            f"{each.get('system', '')}|{each.get('value', '')}"
            for each in parts(body, "identifier")
            if isinstance(each, dict)
        ]
        if name == "identifier" and wanted not in carried:
            # Any server would store such a resource twice: the repeat could never find the first.
            raise Problem(400, "invalid", "the resource lacks the identifier in If-None-Exist")
    return found[0] if found else None


def _store(shelf: Shelf, kind: str, body: Resource, condition: str | None) -> Resource:
    world = shelf.world
    id = f"{kind.lower()}-{len(world.written[kind]) + 1}"
    meta = {"versionId": "1", "lastUpdated": stamp(world.clock())}
    stored = {"resourceType": kind, "id": id, "meta": meta} | {
        name: value for name, value in body.items() if name not in ("resourceType", "id", "meta")
    }
    if kind == "Subscription":
        stored["status"] = "active"
    if kind == "Task":
        number = f"YC{len(world.written[kind]) + 1:06d}"
        told = {"use": "official", "system": f"{IDENTIFIER}ticket", "value": number}
        stored["identifier"] = [*parts(body, "identifier"), told]
    world.written[kind][id] = stored
    about = parts(body, "subject.reference") or parts(body, "for.reference")
    world.note(
        KINDS[kind],
        key=_key(condition),
        id=id,
        person=about[0].removeprefix("Patient/") if about else None,
        body=body,
    )
    return stored


def _key(condition: str | None) -> str | None:
    for name, value in parse_qsl((condition or "").lstrip("?")):
        if name == "identifier":
            return value.rpartition("|")[2]
    return None


def _known_patient(shelf: Shelf, body: Resource, element: str, *, required: bool) -> None:
    found = parts(body, f"{element}.reference")
    if not found:
        if required:
            raise Problem(422, "required", f"{element} is missing", expression=[element])
        return
    named = found[0]
    if not isinstance(named, str) or not named.startswith("Patient/"):
        raise Problem(422, "value", f"{element} must name a Patient", expression=[element])
    if shelf.world.person(named.removeprefix("Patient/")) is None:
        raise Problem(
            422,
            "not-found",
            f"{element} names nobody known",
            text="Không tìm thấy người được khai báo.",
            expression=[element],
        )


def _check_declaration(shelf: Shelf, body: Resource) -> None:
    if body.get("status") not in ("completed", "amended"):
        raise Problem(422, "value", "status must be completed", expression=["status"])
    _known_patient(shelf, body, "subject", required=True)
    _known_patient(shelf, body, "author", required=False)
    _known_patient(shelf, body, "source", required=False)
    if not isinstance(body.get("authored"), str):
        raise Problem(422, "required", "authored is missing", expression=["authored"])
    moment(body["authored"])
    # An edition retired meanwhile is still good: somebody may have been in the middle of it.
    asked = str(body.get("questionnaire", ""))
    for form in shelf.questionnaires.values():
        if asked in (f"{form['url']}|{form['version']}", form["url"]):
            named = form
            if asked != form["url"] or form["status"] == "active":
                break
    else:
        raise Problem(
            422,
            "not-found",
            "questionnaire names no form known here",
            text="Mẫu tờ khai không tồn tại.",
            expression=["questionnaire"],
        )
    check_answers(named, body)


def _check_ticket(shelf: Shelf, body: Resource) -> None:
    _known_patient(shelf, body, "for", required=True)
    if body.get("status") not in ("draft", "requested"):
        raise Problem(422, "value", "a new ticket has status requested", expression=["status"])
    for element in ("intent", "code"):
        if element not in body:
            raise Problem(422, "required", f"{element} is missing", expression=[element])
    named = [code for code in parts(body, "code.coding.code") if code in CASES]
    if len(named) != 1:
        raise Problem(
            422,
            "code-invalid",
            f"code must be one of {', '.join(CASES)}",
            text="Chưa rõ hồ sơ sai ở điểm nào.",
            expression=["code"],
        )


def _check_subscription(shelf: Shelf, body: Resource) -> None:
    channel = body.get("channel")
    if not isinstance(channel, dict) or channel.get("type") != "rest-hook":
        raise Problem(422, "value", "only rest-hook is offered", expression=["channel.type"])
    if not str(channel.get("endpoint", "")).startswith(("http://", "https://")):
        raise Problem(422, "value", "endpoint must be an address", expression=["channel.endpoint"])
    kind, _, query = str(body.get("criteria", "")).partition("?")
    if kind not in WATCHED:
        raise Problem(422, "value", f"cannot watch {kind!r}", expression=["criteria"])
    matching(kind, parse_qsl(query), [])


CHECKS = {
    "QuestionnaireResponse": _check_declaration,
    "Task": _check_ticket,
    "Subscription": _check_subscription,
}
