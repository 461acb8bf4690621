"""The OpenAPI document of the QRQG contract, the token endpoint and the control routes."""

from __future__ import annotations

from typing import Any, get_args

from sandbox.areas.area import LEVELS
from sandbox.fhir.general_form import EDITIONS
from sandbox.happenings import HAPPENINGS
from sandbox.moods import MOODS, PLATFORMS
from sandbox.people.person import Gender
from sandbox.qrqg import PAPER_SHAPES

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}
DAY: Json = {"type": "string", "format": "date"}
BEARER = [{"bearer": list[str]()}]


def document(base: str) -> Json:
    """Made from the tables the requests are checked against."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Một Cửa sandbox", "version": "1"},
        "servers": [{"url": base}],
        "paths": _qrqg() | _control(),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "client": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}},
                },
            }
        },
    }


def _qrqg() -> Json:
    person = _object(name=TEXT, birthDate=DAY, gender={"enum": [*get_args(Gender)]})
    paper = _object(type={"enum": [*PAPER_SHAPES]}, number=TEXT)
    asked = _object(paper=paper, name=TEXT, birthDate=DAY, gender={"enum": [*get_args(Gender)]})
    asked["properties"] |= {"declarer": TEXT, "phone": TEXT, "bhyt": TEXT}
    issued = _object(qid=TEXT, payload=TEXT)
    status: Json = {"enum": ["active", "revoked"]}
    shown = _object(qid=TEXT, payload=TEXT, status=status, person=person)
    resolved = _object(qid=TEXT, status=status, person=person)
    key = _parameter("Idempotency-Key", "header", TEXT, required=True)
    qid = _parameter("qid", "path", TEXT, required=True)
    return {
        "/qrqg/v1/personal-qr": {
            "post": _operation(
                "Issue or return the person's one QID", issued, BEARER, body=asked,
                parameters=[key], codes=("200", "201"),
            )
        },
        "/qrqg/v1/personal-qr/{qid}": {
            "get": _operation("The personal QR behind a QID", shown, BEARER, parameters=[qid])
        },
        "/qrqg/v1/resolve": {
            "post": _operation(
                "The person whose payload was scanned", resolved, BEARER, body=_object(payload=TEXT)
            )
        },
    }  # fmt: skip


def _mood() -> Json:
    number: Json = {"type": "number", "minimum": 0}
    mood = _object(mood={"enum": [*MOODS]})
    mood["properties"] |= {"seconds": number, "delay": number}
    return mood


def _event() -> Json:
    event = _object(what={"enum": [*HAPPENINGS]})
    event["properties"] |= dict.fromkeys(
        ("phone", "qid", "value", "method", "ticket", "state", "reason", "date", "area"), TEXT
    )
    event["properties"] |= {"days": WHOLE, "level": {"enum": [*LEVELS]}}
    return event


def _control() -> Json:
    anything: Json = {"type": "object"}
    rows: Json = {"type": "array", "items": anything}
    edition = _object(edition={"enum": [*EDITIONS]})
    platform = _parameter("platform", "path", {"enum": [*PLATFORMS]}, required=True)
    return {
        "/people": {
            "get": _operation(
                "Whom one can play", rows,
                parameters=[
                    *(_parameter(name, "query", WHOLE) for name in ("limit", "offset")),
                    *(_parameter(name, "query", TEXT) for name in ("phone", "story")),
                ],
            )
        },
        "/moods": {"get": _operation("How both platforms feel", anything)},
        "/moods/{platform}": {
            "put": _operation("Set a mood", anything, body=_mood(), parameters=[platform])
        },
        "/happen": {"post": _operation("Make something happen", anything, body=_event())},
        "/received": {
            "get": _operation(
                "What was written here, newest last", rows,
                parameters=[
                    _parameter(name, "query", TEXT) for name in ("kind", "key", "qid", "phone")
                ],
            )
        },
        "/forms": {
            "get": _operation("The forms in force, and the editions ready to be published", anything),
            "post": _operation(
                "Put an edition of the general form in force", anything, body=edition, codes=("201",)
            ),
        },
        "/passport-keys": {
            "get": _operation("The keys to check vaccine passports with (JWK set)", anything)
        },
        "/healthz": {"get": _operation("Whether it is up", anything)},
    }  # fmt: skip


def _operation(
    summary: str,
    answer: Json,
    security: list[Json] | None = None,
    *,
    body: Json | None = None,
    parameters: list[Json] | None = None,
    codes: tuple[str, ...] = ("200",),
) -> Json:
    content = {"application/json": {"schema": answer}}
    operation: Json = {
        "summary": summary,
        "responses": {code: {"description": summary, "content": content} for code in codes},
    }
    refusals = {"401": "no valid token"} if security else {}
    refusals |= {"400": "not JSON", "422": "refused, with a reason"} if body else {}
    operation["responses"] |= {code: {"description": why} for code, why in refusals.items()}
    if security:
        operation["security"] = security
        operation["responses"]["404"] = {"description": "unknown"}
    if parameters:
        operation["parameters"] = parameters
    if body:
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(name: str, where: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": where, "schema": schema, "required": required}


def _object(**fields: Json) -> Json:
    return {"type": "object", "properties": dict(fields), "required": list(fields)}
