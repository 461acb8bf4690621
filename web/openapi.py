"""`GET /api/v1/openapi.json`: the public API as OpenAPI 3.1, made from the models that read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.errors import PROBLEM
from web.verify import Question, Refusal, Valid

PATH: Final = "/api/v1/openapi.json"
_PART: Final = re.compile(r"{([^}]+)}")
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
    """The model of the body, where there is one."""
    answers: Mapping[int, tuple[type[BaseModel] | None, str]]
    """By status: the model of the answer (None: no body), and when it comes."""
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parameters: tuple[Mapping[str, Any], ...] = ()
    name: str = ""
    """Of the operation; empty: made from the path."""


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
OPERATIONS: Final = (VERIFY,)


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
    listed = (operation.asked, *(model for model, _ in operation.answers.values()))
    return tuple(model for model in listed if model is not None)


def _operation(one: Operation) -> dict[str, Any]:
    written: dict[str, Any] = {
        "operationId": one.name
        or re.sub("[/{}]+", "-", one.path.removeprefix("/api/v1/")).strip("-"),
        "summary": one.summary,
        "description": one.description,
        "security": [{"key": [one.scope]}],
        "responses": {
            str(status): _response(status, model, when)
            for status, (model, when) in one.answers.items()
        },
    }
    parameters = [
        {"name": part, "in": "path", "required": True, "schema": {"type": "string"}}
        for part in _PART.findall(one.path)
    ]
    if parameters or one.parameters:
        written["parameters"] = [*parameters, *map(dict, one.parameters)]
    if one.asked is not None:
        body = {"schema": _ref(one.asked), "examples": dict(one.examples)}
        written["requestBody"] = {"required": True, "content": {"application/json": body}}
    return written


def _response(status: int, model: type[BaseModel] | None, when: str) -> dict[str, Any]:
    described: dict[str, Any] = {"description": f"{HTTPStatus(status).phrase}. {when}"}
    if model is not None:
        kind = "application/json" if status < 400 else PROBLEM
        described["content"] = {kind: {"schema": _ref(model)}}
    return described


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _MODEL.format(model=model.__name__)}
