"""`/api/v1/talks`: operators read what people write to a person, and answer them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, Final, Literal

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from core.clock import VIETNAM
from core.people.talks import OperatorTalk, OperatorTalks
from core.records import ApiKey
from web.errors import problem
from web.keys import Keys, presented
from web.models import Model, here
from web.verify import Audit

NAME: Final = "talks"
"""Of the blueprint."""
READ: Final = "talks:read"
WRITE: Final = "talks:write"
"""Scopes. Whoever may write has nearly always read before, and needs both."""
LARGEST: Final = 20_000
LONGEST: Final = 1500
"""Letters of a line: what every network takes in one message."""
LONGEST_KEY: Final = 200

_log = structlog.get_logger("talks")
View = Callable[..., ResponseReturnValue]


class NewLine(Model):
    """What is to be said to the person."""

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)
    ] = Field(description="Sent as it stands, after a sign that a person wrote it.")


class Line(Model):
    """One thing that was said."""

    by: Literal["person", "operator"]
    text: str = Field(description="Empty for what cannot be shown: a photo, a voice message …")
    at: datetime
    status: str | None = Field(
        description="What became of an operator's line: queued, sending, sent, delivered, failed …"
    )


class Talk(Model):
    """A conversation of a person with your staff."""

    id: str
    network: str = Field(examples=["zalo"])
    language: str = Field(examples=["vi"])
    by_hand: bool = Field(description="Begun by somebody in the network's own console.")
    opened_at: datetime
    waiting_since: datetime | None = Field(description="Since when the person has no answer.")
    closed_at: datetime | None
    ending: Literal["operator", "person", "time"] | None = Field(description="Who ended it.")
    lines: list[Line] = Field(description="Oldest first; empty in the list of talks.")


class TalkList(Model):
    """The talks that are open, whoever has waited longest first; or those that ended last."""

    talks: list[Talk]


def blueprint(
    *, talks: OperatorTalks, keys: Keys, audit: Audit, limiter: Limiter, rate: str = "600/minute"
) -> Blueprint:
    """The routes; `limiter` must be initialised with the application."""
    routes = Blueprint(NAME, __name__, url_prefix="/api/v1/talks")
    desk = _Desk(talks, audit)

    def allowed(scope: str, view: View) -> View:
        """The view for whoever has a key with this scope; it is handed the key."""

        @wraps(view)
        @limiter.limit(rate)
        def checked(**path: str) -> ResponseReturnValue:
            key = keys.check(presented())
            if key is None:
                return problem(401)
            if scope not in key.scopes:
                return problem(403)
            done = view(key, **path)
            _log.info("talks_api", key_id=key.id, what=view.__name__)
            return done

        return checked

    routes.get("")(allowed(READ, desk.listed))
    routes.get("/<talk_id>")(allowed(READ, desk.read))
    routes.post("/<talk_id>/lines")(allowed(WRITE, desk.say))
    routes.post("/<talk_id>/close")(allowed(WRITE, desk.close))
    return routes


@dataclass(frozen=True, slots=True)
class _Desk:
    """What an operator may do, once the key is known."""

    talks: OperatorTalks
    audit: Audit

    def listed(self, key: ApiKey) -> ResponseReturnValue:
        found = self.talks.listed(closed=request.args.get("state") == "closed")
        return jsonify(_json(TalkList(talks=[_shown(one) for one in found])))

    def read(self, key: ApiKey, talk_id: str) -> ResponseReturnValue:
        found = self.talks.read(talk_id)
        # What is not written down is not shown: whoever answers must be able to say who read it.
        outcome = "found" if found else "unknown"
        self.audit.record(key_id=key.id, kind="talk", outcome=outcome, subject=None, place=None)
        return problem(404) if found is None else jsonify(_json(_shown(found)))

    def say(self, key: ApiKey, talk_id: str) -> ResponseReturnValue:
        line = _read()
        named = request.headers.get("Idempotency-Key", "")
        if isinstance(line, Response):
            return line
        if not 0 < len(named) <= LONGEST_KEY:
            return problem(400, "no-idempotency-key", "Give an Idempotency-Key of your own.")
        return _changed(lambda: self.talks.say(talk_id, line.text, key_id=key.id, key=named))

    def close(self, key: ApiKey, talk_id: str) -> ResponseReturnValue:
        return _changed(lambda: self.talks.close(talk_id))


def _changed(change: Callable[[], str | None]) -> ResponseReturnValue:
    try:
        done = change()
    except KeyError:
        return problem(404)
    if done == "closed":
        return problem(409, "closed", "This talk is over; the person is answered by us again.")
    return Response(status=202)


def _read() -> NewLine | Response:
    """The line, or the answer to a request that is none."""
    if request.mimetype != "application/json":
        return problem(415)
    request.max_content_length = LARGEST
    try:
        return NewLine.model_validate(json.loads(request.get_data(cache=False)))
    except (ValidationError, ValueError, RecursionError):
        return problem(400, fields=["text"])


def _shown(talk: OperatorTalk) -> Talk:
    return Talk(
        id=talk.id,
        network=talk.network,
        language=talk.language,
        by_hand=talk.by_hand,
        opened_at=talk.opened_at.astimezone(VIETNAM),
        waiting_since=here(talk.waiting_since),
        closed_at=here(talk.closed_at),
        ending=talk.ending,
        lines=[
            Line(by=one.by, text=one.said, at=one.at.astimezone(VIETNAM), status=one.status)
            for one in talk.lines
        ],
    )


def _json(shown: BaseModel) -> dict[str, Any]:
    return shown.model_dump(mode="json", by_alias=True)
