"""`POST /api/v1/verify`: an officer, or an officer's program, checks a personal QR or a short code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Protocol

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from pydantic import Field, ValidationError, model_validator

from core.clock import Deadline
from core.privacy import redact
from core.records import ApiKey
from web.errors import problem, wrong_fields
from web.keys import Keys, caller, presented
from web.look_up import Given, LookUp, Outcome, Reason, Seen
from web.models import Model, here
from web.words import MESSAGES, OTHER_CODE, in_language

NAME: Final = "verify"
"""Of the blueprint."""
SCOPE: Final = "verify"
LARGEST: Final = 10_000
STATUSES: Final[dict[Reason, int]] = {
    "expired": 410,
    "revoked": 410,
    "unknown": 404,
    "malformed": 422,
    "mismatch": 409,
    "unavailable": 503,
}

_log = structlog.get_logger("verify")
_Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Question(Model):
    """What is to be looked up: exactly one of `payload`, `code` and `scanned`."""

    payload: _Text | None = Field(None, description="The text of a personal QR (Decision 1405).")
    code: _Text | None = Field(
        None, description="A short code of twelve digits; spaces do not matter.",
        examples=["1234 5678 9012"],
    )  # fmt: skip
    scanned: _Text | None = Field(None, description="Either of them, or whatever was scanned.")
    place: str | None = Field(
        None, max_length=80, description="The checkpoint, for the audit table; not a person."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Question:
        if sum(one is not None for one in (self.payload, self.code, self.scanned)) != 1:
            raise ValueError("give exactly one of payload, code and scanned")
        return self

    def given(self) -> tuple[str, Given]:
        """The text, and what the caller says it is."""
        if self.payload is not None:
            return self.payload, "payload"
        return (self.code, "code") if self.code is not None else (self.scanned or "", "scanned")


class Valid(Model):
    """The code holds. Compare name and birth year with the person in front of you."""

    result: Literal["valid"] = "valid"
    name: str = Field(description="Masked.", examples=["NGUYEN V** A**"])
    birth_year: int | None
    status: Literal["green", "yellow", "red", "neutral"] | None = Field(
        description="Null when the health platform has no record; neutral where no rule exists."
    )
    doses: int | None
    status_as_of: datetime | None = Field(description="When the health platform was asked.")
    status_until: datetime | None = Field(description="When the status will change by itself.")
    valid_until: datetime | None = Field(description="When a short code ends; null for a QR.")


class Refusal(Model):
    """Why not. Nothing of what was sent is repeated."""

    result: Literal["refused"] = "refused"
    reason: str = Field(description="A word for programs.", examples=["expired"])
    message: str = Field(description="A sentence for people, by Accept-Language (vi, en).")
    status: int
    title: str
    kind: str | None = Field(None, description="What else was scanned, if we know it: cccd-card …")
    fields: list[str] | None = Field(None, description="Which fields of the request are wrong.")


class Audit(Protocol):
    """Writes look-ups down; `core.store.audit.LookUps` does."""

    def record(
        self, *, key_id: str, kind: str, outcome: str, subject: str | None, place: str | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """How often one key, and one address, may ask."""

    key: str = "120/minute"
    address: str = "1200/minute"


@dataclass(frozen=True, slots=True)
class _Done:
    """A request that was dealt with, before it is written down; `word` says how it ended."""

    answer: Response
    word: str
    outcome: Outcome | None = None


def blueprint(
    *,
    look_up: LookUp,
    keys: Keys,
    audit: Audit,
    limiter: Limiter,
    rates: Rates | None = None,
    patience: float = 10.0,
    tick: Callable[[float], Deadline] = Deadline.after,
) -> Blueprint:
    """The route; `limiter` must be initialised with the application.

    `patience` is how many seconds an officer waits; `tick` makes a deadline of them.
    """
    routes = Blueprint(NAME, __name__, url_prefix="/api/v1")
    rates = rates or Rates()

    @routes.post("/verify")
    @limiter.limit(rates.key)
    @limiter.limit(rates.address, key_func=caller)
    def verify() -> ResponseReturnValue:
        key = keys.check(presented())
        if key is None:
            _log.info("key_refused")
            return _problem(401, "no-key")
        question = _read()
        if SCOPE not in key.scopes:
            done = _Done(_problem(403, "wrong-scope"), "wrong-scope")
        elif isinstance(question, Response):
            done = _Done(question, "malformed-request")
        else:
            outcome = look_up.look(*question.given(), tick(patience))
            done = _Done(_answer(outcome), outcome.refused or "found", outcome)
        place = None if isinstance(question, Response) else question.place
        return done.answer if _written(audit, key, done, place) else _problem(503, "unavailable")

    return routes


def _written(audit: Audit, key: ApiKey, done: _Done, place: str | None) -> bool:
    """Whether the look-up stands in the audit table: without that, nothing is shown."""
    kind = done.outcome.kind if done.outcome else "unread"
    try:
        audit.record(
            key_id=key.id,
            kind=kind,
            outcome=done.word,
            subject=done.outcome.qid if done.outcome else None,
            place=None if place is None else str(redact(place)),
        )
    except Exception:  # noqa: BLE001  (whatever ails the store, nothing is shown unaudited)
        _log.exception("look_up_not_written", key_id=key.id)
        return False
    _log.info("look_up", key_id=key.id, kind=kind, outcome=done.word)
    return True


def _read() -> Question | Response:
    """The question, or the answer to a request that is none."""
    if request.mimetype != "application/json":
        return _problem(415, "wrong-type")
    request.max_content_length = LARGEST
    try:
        return Question.model_validate(json.loads(request.get_data(cache=False)))
    except ValidationError as wrong:
        fields = wrong_fields(wrong, Question) or None
        return _problem(400, "malformed-request", fields=fields)
    except (ValueError, RecursionError):
        return _problem(400, "malformed-request")


def _answer(outcome: Outcome) -> Response:
    if outcome.seen is not None:
        return jsonify(_valid(outcome.seen).model_dump(mode="json", by_alias=True))
    reason: Reason = outcome.refused or "unavailable"
    other = OTHER_CODE.get(outcome.kind)
    message = in_language(other, request.accept_languages) if other else None
    kind = outcome.kind if other else None
    answer = _problem(STATUSES[reason], reason, message=message, kind=kind)
    if reason == "unavailable":
        answer.headers["Retry-After"] = "10"
    return answer


def _valid(seen: Seen) -> Valid:
    return Valid.model_validate(
        {
            "name": seen.name,
            "birthYear": seen.birth_year,
            "status": seen.status,
            "doses": seen.doses,
            "statusAsOf": here(seen.as_of),
            "statusUntil": here(seen.status_until),
            "validUntil": here(seen.valid_until),
        }
    )


def _problem(status: int, reason: str, *, message: str | None = None, **more: Any) -> Response:
    said = message or in_language(MESSAGES[reason], request.accept_languages)
    return problem(status, reason, said, **more)
