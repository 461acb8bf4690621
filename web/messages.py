"""`/api/v1/messages`: other systems have messages sent, and read what has become of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Final, Protocol

import structlog
from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from core.clock import Clock
from core.outbox.orders import AnotherBody, Order, Taken
from core.outbox.outgoing import Status
from core.outbox.story import NotAgain, Story, Summary
from core.records import ApiKey
from web.errors import problem
from web.keys import Keys, caller, presented
from web.messages_models import (
    Again,
    Page,
    Problem,
    TakenBatch,
    TakenMessage,
    shown,
    told,
)
from web.messages_reading import orders_of, page_of, search_of
from web.messages_reading import read as read_request
from web.verify import Audit

NAME: Final = "messages"
"""Of the blueprint."""
SEND: Final = "messages:send"
READ: Final = "messages:read"
REPLAY: Final = "messages:replay"
ALL: Final = "messages:all"
"""With `READ` and with `REPLAY`: also messages that others have put in."""
MOST_PROBLEMS: Final = 100

NOT_AGAIN: Final[Mapping[NotAgain, str]] = MappingProxyType(
    {
        "unknown": "No message of yours has this id.",
        "not-failed": "This message has not failed.",
        "forgotten": "Its words have been forgotten after their time.",
        "overtaken": "A newer message says it better.",
        "too-late": "It would be useless by now.",
    }
)
"""Why a message cannot be sent again."""

_log = structlog.get_logger("api")
View = Callable[..., ResponseReturnValue]


class Intake(Protocol):
    """Takes in what programs ask for; `core.store.intake.Intake` does."""

    def before(self, owner: str, key: str, said: str) -> Taken | None: ...

    def take(
        self,
        owner: str,
        key: str,
        said: str,
        orders: Sequence[tuple[Order, str | None]],
        *,
        test: bool,
    ) -> Taken: ...


class DeadLetters(Protocol):
    """Sends failed messages again; `core.store.replay.DeadLetters` does."""

    def send_again(
        self, ids: Sequence[str], by: str, *, owner: str | None = None
    ) -> Mapping[str, NotAgain | None]: ...


class Stories(Protocol):
    """Knows what has become of messages; `core.store.stories.Stories` does."""

    def one(self, message_id: str, *, owner: str | None = None) -> Story | None: ...

    def page(
        self, *, owner: str | None, status: Status | None, before: int | None, limit: int
    ) -> tuple[Summary, ...]: ...

    def to_number(
        self,
        phone: str,
        *,
        owner: str | None,
        status: Status | None,
        before: int | None,
        limit: int,
    ) -> tuple[Summary, ...]: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """How often one key, and one address, may call."""

    key: str = "600/minute"
    address: str = "3000/minute"


def blueprint(
    *,
    intake: Intake,
    stories: Stories,
    dead: DeadLetters,
    keys: Keys,
    audit: Audit,
    limiter: Limiter,
    clock: Clock,
    rates: Rates | None = None,
) -> Blueprint:
    """The routes; `limiter` must be initialised with the application."""
    routes = Blueprint(NAME, __name__, url_prefix="/api/v1")
    rates = rates or Rates()
    by_key = limiter.limit(rates.key)
    by_address = limiter.limit(rates.address, key_func=caller)
    desk = _Desk(intake, stories, dead, audit, clock)

    def route(method: str, path: str, scope: str, view: View) -> None:
        """The view for whoever has a key with this scope; it is handed the key."""

        @wraps(view)
        def checked(**place: str) -> ResponseReturnValue:
            key = allowed(keys, scope)
            return key if isinstance(key, Response) else view(key, **place)

        routes.add_url_rule(path, view.__name__, by_key(by_address(checked)), methods=[method])

    route("POST", "/messages", SEND, desk.send)
    route("GET", "/messages/<message_id>", READ, desk.read)
    route("POST", "/messages/<message_id>/replay", REPLAY, desk.replay)
    route("POST", "/messages/search", READ, desk.search)
    route("GET", "/messages", READ, desk.listed)
    return routes


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a program may do, once its key is known."""

    intake: Intake
    stories: Stories
    dead: DeadLetters
    audit: Audit
    clock: Clock

    def send(self, key: ApiKey) -> ResponseReturnValue:
        asked = read_request()
        if isinstance(asked, Response):
            return asked
        try:
            before = self.intake.before(key.id, asked.key, asked.said)
            if before is not None:
                return _taken(key, before)
            orders, problems = orders_of(asked.rows, self.clock)
            if problems:
                return _refused(problems)
            taken = self.intake.take(key.id, asked.key, asked.said, orders, test=key.test)
        except AnotherBody:
            return problem(422, "another-body", "This Idempotency-Key came with another request.")
        _log.info("messages_taken", key_id=key.id, count=len(taken.ids), again=taken.again)
        return _taken(key, taken)

    def read(self, key: ApiKey, message_id: str) -> ResponseReturnValue:
        story = self.stories.one(message_id, owner=_owner(key))
        if story is None:
            return problem(404, "unknown", NOT_AGAIN["unknown"])
        return jsonify(told(story).model_dump(mode="json", by_alias=True))

    def replay(self, key: ApiKey, message_id: str) -> ResponseReturnValue:
        (why,) = self.dead.send_again([message_id], key.id, owner=_owner(key)).values()
        if why is not None:
            return problem(404 if why == "unknown" else 409, why, NOT_AGAIN[why])
        _log.info("message_replayed", key_id=key.id, id=message_id)
        again = Again(id=message_id)
        return jsonify(again.model_dump(mode="json", by_alias=True)), 202

    def search(self, key: ApiKey) -> ResponseReturnValue:
        """The messages to a number; that somebody asked is written down first."""
        asked = search_of()
        if isinstance(asked, Response):
            return asked
        self.audit.record(
            key_id=key.id, kind="messages", outcome="read", subject=asked.phone, place=None
        )
        found = self.stories.to_number(
            asked.phone,
            owner=_owner(key),
            status=asked.status,
            before=asked.before,
            limit=asked.limit,
        )
        return _paged(found, asked.limit)

    def listed(self, key: ApiKey) -> ResponseReturnValue:
        asked = page_of()
        if isinstance(asked, Response):
            return asked
        everybodys = ALL in key.scopes and asked.status is Status.FAILED
        found = self.stories.page(
            owner=None if everybodys else key.id,
            status=asked.status,
            before=asked.before,
            limit=asked.limit,
        )
        return _paged(found, asked.limit)


def _owner(key: ApiKey) -> str | None:
    """Whose messages this key may see; None: everybody's."""
    return None if ALL in key.scopes else key.id


def allowed(keys: Keys, scope: str) -> ApiKey | Response:
    """The key of this request, if it may do that; else the answer."""
    key = keys.check(presented())
    if key is None:
        _log.info("key_refused")
        return problem(401)
    if scope not in key.scopes:
        return problem(403, "wrong-scope", f"This key lacks the scope {scope}.")
    return key


def _refused(problems: Sequence[Problem]) -> Response:
    return problem(
        422,
        "bad-messages",
        f"Nothing was taken: {len(problems):,} of the messages cannot be sent.",
        problems=[
            one.model_dump(mode="json", by_alias=True, exclude_none=True)
            for one in problems[:MOST_PROBLEMS]
        ],
    )


def _taken(key: ApiKey, taken: Taken) -> Response:
    body = TakenBatch(
        test=key.test,
        messages=[
            TakenMessage(id=one, repeated=not fresh)
            for one, fresh in zip(taken.ids, taken.fresh, strict=True)
        ],
    )
    answer = jsonify(body.model_dump(mode="json", by_alias=True))
    answer.status_code = 202
    if taken.again:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _paged(found: Sequence[Summary], limit: int) -> Response:
    page = Page(
        messages=[shown(one) for one in found],
        cursor=str(found[-1].seq) if len(found) == limit else None,
    )
    return jsonify(page.model_dump(mode="json", by_alias=True))
