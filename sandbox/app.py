"""The web application: both platforms, the token endpoint and the control routes together."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.control import ControlRoutes
from sandbox.fhir.routes import FhirRoutes, fhir_answer, http_problem
from sandbox.pages import PageRoutes
from sandbox.qrqg import QrqgRoutes
from sandbox.state import Sandbox

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes a request may carry."""


def create_app(sandbox: Sandbox) -> Flask:
    """The application for one sandbox, without its moods."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(FhirRoutes(sandbox).blueprint(), url_prefix="/fhir")
    app.register_blueprint(QrqgRoutes(sandbox).blueprint(), url_prefix="/qrqg")
    app.register_blueprint(ControlRoutes(sandbox).blueprint())
    app.register_blueprint(PageRoutes(sandbox).blueprint())
    app.add_url_rule(
        "/oauth/token",
        "token",
        lambda: give_token(sandbox),
        methods=["POST"],
    )
    app.register_error_handler(HTTPException, _wrong_turn)
    app.after_request(_same_request_id)
    return app


def give_token(sandbox: Sandbox) -> tuple[Response, int]:
    """RFC 6749 §4.4: a token for the client's credentials, by Basic or in the form."""
    if request.form.get("grant_type") != "client_credentials":
        return jsonify({"error": "unsupported_grant_type"}), 400
    name, secret = _credentials()
    if not sandbox.tokens.knows(name, secret):
        answer = jsonify({"error": "invalid_client"})
        answer.headers["WWW-Authenticate"] = "Basic"
        return answer, 401
    answer = jsonify(
        {
            "access_token": sandbox.tokens.issue(),
            "token_type": "Bearer",
            "expires_in": sandbox.tokens.seconds,
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200


def _credentials() -> tuple[str, str]:
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _wrong_turn(error: HTTPException) -> Response:
    if request.path.startswith("/fhir"):
        problem = http_problem(error)
        return fhir_answer(problem.outcome(), problem.status)
    answer = jsonify({"error": error.name, "reason": error.description})
    answer.status_code = error.code or 500
    return answer


def _same_request_id(answer: Response) -> Response:
    if given := request.headers.get("X-Request-Id"):
        answer.headers["X-Request-Id"] = given
    return answer
