"""The addresses that the national platforms call when something has changed: kept, then 202.

What is posted is believed in nothing but that something changed; a worker asks the platform what.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from core.notices.ports import Event
from core.platform.reading import NotJson, identifier, mapping, moment, parsed
from web.errors import problem
from web.keys import presented

NAME: Final = "hooks"
"""Of the blueprint."""
LARGEST: Final = 256 * 1024
"""Octets of one resource."""
JSON_TYPES: Final = frozenset({"application/json", "application/fhir+json"})
LONGEST: Final = 64
"""Letters of a QID or of a version."""

EventOf = Callable[[Mapping[str, Any]], Event | None]
"""Reads a FHIR resource; None when it is nothing that we tell people about."""

Take = Callable[[Event], bool]
"""Keeps an event; False when it is known already."""

_log = structlog.get_logger("hooks")


def blueprint(*, secret: str, event_of: EventOf, take: Take) -> Blueprint:
    """`POST /hooks/fhir` and `POST /hooks/qrqg`. An empty `secret` refuses everybody.

    A resource that is well formed and no news to anybody is answered 202 too: a platform gives up
    a subscription whose hook keeps refusing.
    """
    routes = Blueprint(NAME, __name__, url_prefix="/hooks")

    def answer(read: Callable[[Mapping[str, Any]], Event | Response | None]) -> Response:
        if not _proven(secret):
            return problem(
                401, "no-secret", "Give the secret of the subscription as a bearer token."
            )
        body = _body()
        if isinstance(body, Response):
            return body
        event = read(body)
        return event if isinstance(event, Response) else _kept(event, take)

    @routes.post("/fhir")
    def fhir() -> ResponseReturnValue:
        def read(body: Mapping[str, Any]) -> Event | Response | None:
            if not isinstance(body.get("resourceType"), str) or identifier(body.get("id")) is None:
                return problem(422, "no-resource", "Send one FHIR resource, with its id.")
            return event_of(body)

        return answer(read)

    @routes.post("/qrqg")
    def qrqg() -> ResponseReturnValue:
        def read(body: Mapping[str, Any]) -> Event | Response:
            event = qr_event(body)
            return event or problem(422, "no-event", "Send qid, and version or at (ISO 8601).")

        return answer(read)

    return routes


def qr_event(body: Mapping[str, Any]) -> Event | None:
    """`{"qid": "…", "version": …, "at": "…"}`: something about this personal QR has changed."""
    qid, version, at = (
        _short(body.get("qid")),
        _version(body.get("version")),
        moment(body.get("at")),
    )
    if qid is None or (version is None and at is None):
        return None
    return Event("qr", qid, version, None, at)


def _version(given: object) -> str | None:
    counted = isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 2**63
    return _short(str(given) if counted else given)


def _short(given: object) -> str | None:
    fits = isinstance(given, str) and 0 < len(given) <= LONGEST and given.isprintable()
    return str(given) if fits else None


def _proven(secret: str) -> bool:
    given = presented().encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(given, secret.encode())


def _body() -> Mapping[str, Any] | Response:
    """The JSON object that was sent, or the answer to something that is none."""
    if request.mimetype not in JSON_TYPES:
        return problem(415, "wrong-type", "Send application/fhir+json or application/json.")
    request.max_content_length = LARGEST
    try:
        read = parsed(request.get_data(cache=False))
    except HTTPException as refused:
        return problem(refused.code if refused.code == 413 else 400)
    except NotJson:
        return problem(400, "malformed-request", "This is not JSON.")
    return mapping(read) if isinstance(read, dict) else problem(400)


def _kept(event: Event | None, take: Take) -> Response:
    if event is None:
        _log.info("hook_not_news")
        return Response(status=202)
    try:
        fresh = take(event)
    except Exception as error:  # noqa: BLE001 - whatever ails the store, the platform will call again
        _log.error("event_not_kept", error=type(error).__name__)
        later = problem(503)
        later.headers["Retry-After"] = "5"
        return later
    _log.info("event_kept", kind=event.kind, fresh=fresh)
    return Response(status=202)
