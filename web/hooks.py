"""The addresses that the national platforms call when something has changed: kept, then 202.

What is posted is believed in nothing but that something changed; a worker asks the platform what.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from core.notices.ports import Event
from core.platform.reading import NotJson, identifier, mapping, moment, objects, parsed
from web.errors import problem
from web.keys import presented

NAME: Final = "hooks"
"""Of the blueprint."""
LARGEST: Final = 256 * 1024
"""Octets of one resource."""
JSON_TYPES: Final = frozenset({"application/json", "application/fhir+json"})
MOST: Final = 100
"""Resources in one Bundle."""
LONGEST: Final = 64
"""Letters of a QID or of a version."""

EventOf = Callable[[Mapping[str, Any]], Event | None]
"""Reads a FHIR resource; None when it is nothing that we tell people about."""

Take = Callable[[Event], bool]
"""Keeps an event; False when it is known already."""

_log = structlog.get_logger("hooks")


def blueprint(*, secret: str, event_of: EventOf, take: Take) -> Blueprint:
    """`/hooks/fhir` and `POST /hooks/qrqg`. An empty `secret` refuses everybody.

    R4 leaves open how a resource is sent: most servers post it, HAPI puts it where a client would,
    below the endpoint, and some send a Bundle. A resource that is well formed and no news to
    anybody is answered 202 too: a platform gives up a subscription whose hook keeps refusing.
    """
    routes = Blueprint(NAME, __name__, url_prefix="/hooks")

    def answer(read: Callable[[Mapping[str, Any]], Sequence[Event] | Response]) -> Response:
        if not _proven(secret):
            return problem(
                401, "no-secret", "Give the secret of the subscription as a bearer token."
            )
        body = _body()
        if isinstance(body, Response):
            return body
        events = read(body)
        return events if isinstance(events, Response) else _kept(events, take)

    @routes.route("/fhir", methods=["POST", "PUT"])
    @routes.route("/fhir/<path:place>", methods=["POST", "PUT"])
    def fhir(place: str = "") -> ResponseReturnValue:
        return answer(lambda body: _of_fhir(body, event_of))

    @routes.post("/qrqg")
    def qrqg() -> ResponseReturnValue:
        return answer(_of_qrqg)

    return routes


def _of_fhir(body: Mapping[str, Any], event_of: EventOf) -> Sequence[Event] | Response:
    if body.get("resourceType") == "Bundle":
        return _in_bundle(body, event_of)
    if not isinstance(body.get("resourceType"), str) or identifier(body.get("id")) is None:
        return problem(422, "no-resource", "Send one FHIR resource, with its id.")
    event = event_of(body)
    return () if event is None else (event,)


def _of_qrqg(body: Mapping[str, Any]) -> Sequence[Event] | Response:
    event = qr_event(body)
    if event is None:
        return problem(422, "no-event", "Send qid, and version or at (ISO 8601).")
    return (event,)


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


def _in_bundle(bundle: Mapping[str, Any], event_of: EventOf) -> Sequence[Event] | Response:
    """What the resources of a Bundle tell, of whatever kind it is."""
    entries = list(objects(bundle.get("entry")))
    if len(entries) > MOST:
        return problem(413)
    found = (event_of(mapping(entry.get("resource"))) for entry in entries if "resource" in entry)
    return tuple(event for event in found if event is not None)


def _kept(events: Sequence[Event], take: Take) -> Response:
    """Kept one by one: what is kept when another fails is known already when all come again."""
    if not events:
        _log.info("hook_not_news")
        return Response(status=202)
    try:
        fresh = sum(take(event) for event in events)
    except Exception as error:  # noqa: BLE001  (whatever ails the store, the platform will call again)
        _log.error("event_not_kept", error=type(error).__name__)
        later = problem(503)
        later.headers["Retry-After"] = "5"
        return later
    _log.info("event_kept", kinds=sorted({event.kind for event in events}), fresh=fresh)
    return Response(status=202)
