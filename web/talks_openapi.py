"""What the OpenAPI document says about `/api/v1/talks`."""

from __future__ import annotations

from typing import Final

from web.openapi import Operation
from web.talks import READ, WRITE, NewLine, Talk, TalkList
from web.verify import Refusal

_REFUSED: Final = {
    401: (Refusal, "No key, or a wrong one."),
    403: (Refusal, "The key lacks the scope."),
    429: (Refusal, "Too many requests with this key."),
}
_UNKNOWN: Final = {404: (Refusal, "There is no such talk.")}

OPERATIONS: Final = (
    Operation(
        method="get",
        path="/api/v1/talks",
        summary="List the talks with people",
        description="The open ones, whoever has waited longest first; with `?state=closed` those "
        "that ended last. At most 200, without their lines.",
        scope=READ,
        asked=None,
        answers={200: (TalkList, "The talks."), **_REFUSED},
    ),
    Operation(
        method="get",
        path="/api/v1/talks/{id}",
        summary="Read a talk",
        description="With its last 500 lines, oldest first. That it was read is written into the "
        "audit table.",
        scope=READ,
        asked=None,
        answers={200: (Talk, "The talk."), **_REFUSED, **_UNKNOWN},
    ),
    Operation(
        method="post",
        path="/api/v1/talks/{id}/lines",
        summary="Answer the person",
        description="The line goes out through the outbox, in the person's own chat. Give an "
        "`Idempotency-Key` header: the same key again sends nothing.",
        scope=WRITE,
        asked=NewLine,
        answers={
            202: (None, "Taken; the talk's lines tell what became of it."),
            400: (Refusal, "No text, one that is too long, or no `Idempotency-Key`."),
            **_REFUSED,
            **_UNKNOWN,
            409: (Refusal, "`closed`: the talk is over."),
            413: (Refusal, "The body is too large."),
            415: (Refusal, "The body is not application/json."),
        },
        examples={"answer": {"value": {"text": "Chào chị, trạm y tế mở cửa lúc 7 giờ 30."}}},
    ),
    Operation(
        method="post",
        path="/api/v1/talks/{id}/close",
        summary="End a talk",
        description="The person is told so, and is answered automatically from then on. Again "
        "changes nothing.",
        scope=WRITE,
        asked=None,
        answers={202: (None, "It is over."), **_REFUSED, **_UNKNOWN},
    ),
)
