"""What the OpenAPI document says about `/api/v1/messages`."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from web.messages_models import (
    Again,
    BatchOrMessage,
    BatchRefusal,
    Page,
    Search,
    TakenBatch,
    Told,
)
from web.openapi import Operation
from web.verify import Refusal


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


OPERATIONS: Final = (
    Operation(
        method="post",
        path="/api/v1/messages",
        name="send-messages",
        summary="Send messages",
        description="Takes up to 1,000 messages, all or none, and answers when they are stored. "
        "The same request with the same Idempotency-Key is answered the same and sends nothing "
        "again. One message alone may be sent without the list around it.",
        scope="messages:send",
        asked=BatchOrMessage,
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
        method="post",
        path="/api/v1/messages/search",
        name="search-messages",
        summary="Find the messages to a number",
        description="And to the chats of whoever has it, the newest first: those that were put in "
        "with this key; with the scope `messages:all` everybody's, also of notices and campaigns. "
        "That you asked is written into the audit table.",
        scope="messages:read",
        asked=Search,
        answers=dict(
            (
                (200, (Page, "A page of them.")),
                _said(400, "`bad-number`, or not the JSON that this page describes."),
                _NO_KEY,
                _NO_SCOPE,
                _said(413, "The body is too large."),
                _said(415, "The body is not application/json."),
                _TOO_MANY,
                _AWAY,
            )
        ),
        examples={"number": {"value": {"to": "+84912345678"}}},
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
