"""The addresses that chat networks call: prove the caller, store what was said, answer at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bot.reception import Reception
from core.asked import Answer, Asked, TooLarge, WrongType, status_of
from core.errors import Malformed, Unauthentic

LARGEST: Final = 1_000_000
"""Octets of an event; those of any network stay far below."""

JSON: Final = "application/json"
AGAIN: Final = 5
"""Seconds after which a network that asks is told to bring an event again."""

_log = structlog.get_logger("chat")


Fetch = Callable[[str, bool], bytes | None]
"""The picture of this name as a PNG, or None; True only looks whether it is there."""


def blueprint(receptions: Iterable[Reception], *, picture: Fetch = lambda *_: None) -> Blueprint:
    """`POST /bot/<network>/webhook` for each of them, and `GET /bot/qr/<name>.png`.

    The networks try again for a day whatever is not answered with 2xx, and some keep back what
    else a person says: so what we cannot use is answered 200 as well.
    """
    routes = Blueprint("bot", __name__, url_prefix="/bot")
    for reception in receptions:
        routes.add_url_rule(
            f"/{reception.network.name}/webhook",
            endpoint=reception.network.name,
            view_func=_Door(reception).view,
            methods=("POST",),
        )

    @routes.get("/qr/<name>.png")
    def qr(name: str) -> ResponseReturnValue:
        """A network fetches a picture that it was told of; whoever does not know it finds nothing."""
        found = picture(name, request.method == "HEAD")
        if found is None:
            shown = _response(Answer("nothing here", 404))
        else:
            shown = Response(found, mimetype="image/png")
        shown.headers["Cache-Control"] = "no-store"
        shown.headers["X-Robots-Tag"] = "noindex"
        shown.headers["X-Content-Type-Options"] = "nosniff"
        return shown

    return routes


class _Door:
    """One network's webhook."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._network = reception.network

    def view(self) -> ResponseReturnValue:
        """Answers one call; never with 500."""
        try:
            answer = self._answer()
        except Unauthentic:
            answer = self._refused("forbidden", 403)
        except Malformed as malformed:
            answer = self._refused(malformed.what, status_of(malformed))
        except Exception as error:  # noqa: BLE001  (whatever ails the store, the network keeps it)
            name = self._network.name
            _log.error("chat_event_not_stored", network=name, error=type(error).__name__)
            answer = Answer("later", 503)
        response = _response(answer)
        if answer.status == 503:
            response.headers["Retry-After"] = str(AGAIN)
        return response

    def _answer(self) -> Answer:
        asked = _asked()
        if not self._network.prove(asked):
            raise Unauthentic
        if not self._network.awake:
            self._reception.count("not set up yet")
            return self._network.taken(None)
        is_json = asked.content_type.partition(";")[0].strip().lower() == JSON
        if self._network.labels_json and not is_json:
            raise WrongType("JSON only")
        return self._network.taken(self._reception.take(_event(asked)))

    def _refused(self, why: str, status: int) -> Answer:
        """Counted and logged with everything else that comes, in fixed words."""
        self._reception.count(why)
        return Answer(why, status)


def _response(answer: Answer) -> Response:
    return Response(answer.text, answer.status, content_type=answer.content_type)


def _asked() -> Asked:
    """Flask's request without Flask; raises TooLarge before reading more than may come."""
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge("too large") from None
    except HTTPException:  # the caller hung up in the middle of it
        raise Malformed("unreadable") from None
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked("webhook", request.query_string, body, request.content_type or "", headers)


def _event(asked: Asked) -> Mapping[str, Any]:
    try:
        event = json.loads(asked.body)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(event, dict):
        raise Malformed("not an event")
    return event
