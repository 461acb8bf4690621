"""`GET /api/v1/openapi.json`: the public API as OpenAPI 3.1, made from the models that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.errors import PROBLEM
from web.messages_models import Again, Batch, BatchRefusal, Page, TakenBatch, Told
from web.verify import Question, Refusal, Valid

PATH: Final = "/api/v1/openapi.json"
_MODEL: Final = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program may ask of us."""

    method: str
    path: str
    summary: str
    description: str
    scope: str
    asked: type[BaseModel] | None
    answers: Mapping[int, tuple[type[BaseModel], str]]
    """By status: the model of the answer, and when it comes."""
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parameters: tuple[Mapping[str, Any], ...] = ()
    name: str = ""
    """Of the operation; empty: made from the path."""


def _said(status: int, when: str) -> tuple[int, tuple[type[BaseModel], str]]:
    return status, (Refusal, when)


_NO_KEY = _said(401, "No key, or a wrong one.")
_NO_SCOPE = _said(403, "The key lacks the scope.")
_TOO_MANY = _said(429, "Too many requests with this key, or from this address.")
_AWAY = _said(503, "A server of ours is away; try again later, with the same Idempotency-Key.")
_UNKNOWN = _said(404, "`unknown`: no message of yours has this id.")


def _parameter(name: str, place: str, about: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": about,
        "schema": {"type": "string"},
    }


_ID = _parameter("id", "path", "The message's id.", required=True)
MESSAGES: Final = (
    Operation(
        method="post",
        path="/api/v1/messages",
        name="send-messages",
        summary="Send messages",
        description="Takes up to 1,000 messages, all or none, and answers when they are stored. "
        "The same request with the same Idempotency-Key is answered the same and sends nothing "
        "again. One message alone may be sent without the list around it.",
        scope="messages:send",
        asked=Batch,
        parameters=(
            _parameter(
                "Idempotency-Key",
                "header",
                "Your name for this request: the same one whenever you repeat it.",
                required=True,
            ),
        ),
        answers=dict(
            (
                (202, (TakenBatch, "All are stored, in the order of the request.")),
                _said(400, "Not the JSON that this page describes, or no Idempotency-Key."),
                _NO_KEY,
                _NO_SCOPE,
                _said(413, "A body over 2 MB, or more than 1,000 messages."),
                _said(415, "The body is not application/json."),
                (
                    422,
                    (
                        BatchRefusal,
                        "`bad-messages`: nothing was taken, and `problems` tells why; "
                        "`another-body`: the Idempotency-Key came with another request.",
                    ),
                ),
                _TOO_MANY,
                _AWAY,
            )
        ),
        examples={
            "one": {
                "value": {
                    "to": "+84912345678",
                    "template": "result-ready",
                    "values": {"name": "Nguyễn Văn An"},
                    "purpose": "result",
                }
            }
        },
    ),
    Operation(
        method="get",
        path="/api/v1/messages",
        name="list-messages",
        summary="List messages",
        description="Messages that were put in with this key, the newest first. With the scope "
        "`messages:all`, `status=failed` lists everybody's.",
        scope="messages:read",
        asked=None,
        parameters=(
            _parameter("status", "query", "Only these: failed, delivered …"),
            _parameter("cursor", "query", "From the page before."),
            _parameter("limit", "query", "At most 200; else 50."),
        ),
        answers=dict(
            (
                (200, (Page, "A page of them.")),
                _said(400, "A parameter that is unknown or out of range."),
                _NO_KEY,
                _NO_SCOPE,
                _TOO_MANY,
                _AWAY,
            )
        ),
    ),
    Operation(
        method="get",
        path="/api/v1/messages/{id}",
        name="read-message",
        summary="Read what has become of a message",
        description="How it stands, to whom it was given, and everything that happened to it. With "
        "the scope `messages:all` also messages of others.",
        scope="messages:read",
        asked=None,
        parameters=(_ID,),
        answers=dict(
            ((200, (Told, "The message.")), _NO_KEY, _NO_SCOPE, _UNKNOWN, _TOO_MANY, _AWAY)
        ),
    ),
    Operation(
        method="post",
        path="/api/v1/messages/{id}/replay",
        name="replay-message",
        summary="Send a failed message again",
        description="Under the same id, so that nobody who has it already gets it twice where the "
        "provider drops repeats. With the scope `messages:all` also messages of others.",
        scope="messages:replay",
        asked=None,
        parameters=(_ID,),
        answers=dict(
            (
                (202, (Again, "It is queued.")),
                _NO_KEY,
                _NO_SCOPE,
                _UNKNOWN,
                _said(
                    409,
                    "`not-failed`, `forgotten` (its words are kept for seven days), `overtaken` "
                    "(a newer message says it better) or `too-late`.",
                ),
                _TOO_MANY,
                _AWAY,
            )
        ),
    ),
)
VERIFY: Final = Operation(
    method="post",
    path="/api/v1/verify",
    summary="Check a personal QR or a short code",
    description="Answers with no more than an officer needs to compare with the person in front "
    "of them. A scanned payload proves nothing by itself: it is looked up at the national QR "
    "platform. Every look-up is written into the audit table, also a refused one.",
    scope="verify",
    asked=Question,
    answers={
        200: (Valid, "The code holds."),
        400: (Refusal, "The request is not what this page describes."),
        401: (Refusal, "No key, or a wrong one."),
        403: (Refusal, "The key lacks the scope `verify`."),
        404: (Refusal, "`unknown`: nobody is known by this code."),
        409: (Refusal, "`mismatch`: name or birth date are not those of the national record."),
        410: (Refusal, "`expired` or `revoked`."),
        413: (Refusal, "The body is too large."),
        415: (Refusal, "The body is not application/json."),
        422: (
            Refusal,
            "`malformed`: a wrong check digit, a broken payload, or another kind of QR.",
        ),
        429: (Refusal, "Too many requests with this key, or from this address."),
        503: (Refusal, "`unavailable`: a platform does not answer; try again later."),
    },
    examples={
        "code": {"value": {"code": "1234 5678 9012", "place": "Chốt cầu Xóm Bóng"}},
        "scanned": {
            "value": {"scanned": "001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|<1"}
        },
    },
)
OPERATIONS: Final = (VERIFY, *MESSAGES)


def blueprint(*, public_url: str, operations: Sequence[Operation] = OPERATIONS) -> Blueprint:
    """Serves the document; `public_url` is where the world reaches us."""
    routes = Blueprint("openapi", __name__)
    written = document(public_url, operations)

    @routes.get(PATH)
    def openapi() -> ResponseReturnValue:
        return jsonify(written)

    return routes


def document(public_url: str, operations: Sequence[Operation] = OPERATIONS) -> dict[str, Any]:
    """The whole document."""
    models = {model for one in operations for model in _models(one)}
    _, schemas = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template=_MODEL,
    )
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Một Cửa",
            "version": "1",
            "description": "One door to the national health platform, for programs of officers "
            "and integrators. Keys are made by an operator and carry scopes.",
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(operation: Operation) -> tuple[type[BaseModel], ...]:
    asked = () if operation.asked is None else (operation.asked,)
    return (*asked, *(model for model, _ in operation.answers.values()))


def _operation(one: Operation) -> dict[str, Any]:
    written: dict[str, Any] = {
        "operationId": one.name or one.path.removeprefix("/api/v1/").replace("/", "-"),
        "summary": one.summary,
        "description": one.description,
        "security": [{"key": [one.scope]}],
        "responses": {
            str(status): {
                "description": f"{HTTPStatus(status).phrase}. {when}",
                "content": {
                    "application/json" if status < 400 else PROBLEM: {"schema": _ref(model)}
                },
            }
            for status, (model, when) in one.answers.items()
        },
    }
    if one.parameters:
        written["parameters"] = [dict(parameter) for parameter in one.parameters]
    if one.asked is not None:
        written["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {"schema": _ref(one.asked), "examples": dict(one.examples)}
            },
        }
    return written


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _MODEL.format(model=model.__name__)}
