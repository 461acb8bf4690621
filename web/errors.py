"""What goes wrong is said in the caller's own way: JSON to programs, a line of text to others.

Never a stack trace, and never a word of what was sent. `secure` adds the headers that keep
browsers from doing more with an answer than we meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

API: Final = "/api/"
PROBLEM: Final = "application/problem+json"
"""RFC 9457. Besides its own members each problem has `result`, `reason` and `message`."""

_log = structlog.get_logger("web")

_REASONS: Final = {
    400: ("malformed-request", "The request cannot be read."),
    401: ("no-key", "Give a valid key in the Authorization header, as a bearer token."),
    403: ("wrong-scope", "This key may not do that."),
    404: ("not-found", "There is nothing at this address."),
    405: ("wrong-method", "This address does not take that method."),
    413: ("too-large", "The request is too large."),
    415: ("wrong-type", "Send application/json."),
    429: ("too-many", "Too many requests with this key; wait a little."),
    500: ("failed", "Something went wrong here; it has been written down."),
    503: ("unavailable", "Not possible at the moment; try again later."),
}

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_FOR_MACHINES: Final = frozenset({"sms", "bot"})
"""Blueprints that no browser calls: a provider's answer has no use for a browser's rules."""

_SOON: Final = 5
"""Seconds after which to try again when one of our own servers is away."""

_HTTPS: Final = "max-age=31536000; includeSubDomains"


def problem(
    status: int,
    reason: str | None = None,
    message: str | None = None,
    **more: object,
) -> Response:
    """A refusal as the API gives it; without words of its own, those of the status."""
    usual_reason, usual_message = _REASONS.get(status, _REASONS[400 if status < 500 else 500])
    body = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "result": "refused",
        "reason": reason or usual_reason,
        "message": message or usual_message,
        **{name: value for name, value in more.items() if value is not None},
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = PROBLEM
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def wrong_fields(wrong: ValidationError, model: type[BaseModel]) -> list[str]:
    """Which fields of a request are wrong, by their names in it, in order.

    Only names that are ours: a caller's own field name may be anything at all.
    """
    errors = wrong.errors(include_input=False, include_url=False, include_context=False)
    known = {field.alias or name for name, field in model.model_fields.items()}
    return sorted({str(one["loc"][0]) for one in errors if one["loc"]} & known)


def install(app: Flask, *, outages: tuple[type[Exception], ...] = ()) -> None:
    """Makes every error of this application an answer as described above, and secures all answers.

    `outages` are raised when one of our own servers is away: then it is 503, to be tried again.
    """

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.response
        return _answer(error.code or 500, dict(error.get_headers()))

    @app.errorhandler(Exception)
    def failed(_error: Exception) -> ResponseReturnValue:
        _log.exception("request_failed", endpoint=request.endpoint, method=request.method)
        return _answer(500, {})

    def away(error: Exception) -> ResponseReturnValue:
        _log.error("server_away", endpoint=request.endpoint, error=type(error).__name__)
        return _answer(503, {"Retry-After": _SOON})

    for outage in outages:
        app.register_error_handler(outage, away)

    @app.after_request
    def safe(response: Response) -> Response:
        if request.blueprint in _FOR_MACHINES:
            return response
        return secure(response, https=request.is_secure)


def secure(response: Response, *, https: bool) -> Response:
    """Adds the security headers which the route has not set itself."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if https:
        response.headers.setdefault("Strict-Transport-Security", _HTTPS)
    return response


def _answer(status: int, headers: Mapping[str, Any]) -> Response:
    if request.path.startswith(API):
        response = problem(status)
    else:
        response = Response(HTTPStatus(status).phrase + "\n", status, mimetype="text/plain")
    for name in ("Allow", "Retry-After"):
        if name in headers:
            response.headers[name] = str(headers[name])
    return response
