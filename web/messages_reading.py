"""Reads what programs send to `/api/v1/messages`: the request, its messages, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask import Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from core.clock import Clock
from core.outbox.orders import Order, Reason, Refused, check
from core.outbox.outgoing import Status
from core.people.phone import BadPhone, read_phone
from core.platform.reading import NotJson, parsed
from web.errors import problem, wrong_fields
from web.messages_models import MOST, Message, Problem, Search

LARGEST: Final = 2_000_000
"""Octets of a request."""

LARGEST_SEARCH: Final = 10_000

PAGE: Final = 50
LONGEST_PAGE: Final = 200

LAST: Final = 2**63 - 1
"""No `seq` is higher."""

REASONS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        "bad-number": "This is no phone number.",
        "cannot-be-texted": "This number is no mobile: texts do not reach it.",
        "text-or-template": "Give text, or template with its values.",
        "unreadable-text": "The text is empty, or has characters that cannot be sent.",
        "too-long": "The text is longer than six parts.",
        "unknown-template": "There is no template of this name.",
        "bad-values": "These values are missing, or are not what the template needs.",
        "unknown-language": "This language is not spoken here.",
        "purpose": "The purpose is result, reminder, ticket or campaign.",
        "never-useful": "It would be useless before it may be sent.",
        "too-far": "The moment is more than a year away.",
        "same-key-twice": "This key stands in the request before.",
    }
)
"""What is wrong with a message, for people."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be taken in: its own key, what it says, and its messages."""

    key: str
    said: str
    rows: Sequence[object]


def read() -> Request | Response:
    """The request, or the answer to one that cannot be read."""
    if request.mimetype != "application/json":
        return problem(415)
    key = request.headers.get("Idempotency-Key", "").strip()
    if not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
        return problem(
            400,
            "no-idempotency-key",
            "Give an Idempotency-Key of 1 to 200 letters and digits: the same one when you repeat.",
        )
    request.max_content_length = LARGEST
    try:
        body = parsed(request.get_data(cache=False))
    except HTTPException as refused:
        return problem(refused.code if refused.code == 413 else 400)
    except NotJson:
        return problem(400, "malformed-request", "This is not JSON.")
    rows = _rows(body)
    if isinstance(rows, Response):
        return rows
    return Request(key, json.dumps(body, sort_keys=True, separators=(",", ":")), rows)


def _rows(body: object) -> Sequence[object] | Response:
    match body:
        case {"messages": list() as rows, **more} if not more:
            if not rows:
                return problem(400, "no-messages", "The list is empty.")
            if len(rows) > MOST:
                return problem(413, "too-many-messages", f"At most {MOST:,} in one request.")
            return rows
        case {"to": _}:
            return [body]
    return problem(400, "malformed-request", 'Send {"messages": […]}, or one message alone.')


def orders_of(
    rows: Sequence[object], clock: Clock
) -> tuple[list[tuple[Order, str | None]], list[Problem]]:
    """The messages, and what is wrong with those that cannot be sent."""
    now = clock()
    orders: list[tuple[Order, str | None]] = []
    problems: list[Problem] = []
    named: set[str] = set()
    for index, row in enumerate(rows):
        try:
            one = Message.model_validate(row)
            if one.key in named:
                raise Refused("same-key-twice")
            named |= {one.key} if one.key is not None else set()
            orders.append((check(one.asked(), now), one.key))
        except ValidationError as wrong:
            problems.append(_malformed(index, wrong))
        except Refused as refused:
            problems.append(
                Problem(
                    index=index,
                    reason=refused.reason,
                    message=REASONS[refused.reason],
                    fields=list(refused.names) or None,
                )
            )
    return orders, problems


def _malformed(index: int, wrong: ValidationError) -> Problem:
    return Problem(
        index=index,
        reason="malformed",
        message="A field is missing, unknown, or of the wrong kind.",
        fields=wrong_fields(wrong, Message) or None,
    )


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page of messages is asked for; `before` is the `seq` of the last one seen."""

    status: Status | None
    before: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class Asked(PageAsked):
    """The same, of the messages to one number."""

    phone: str


def page_of() -> PageAsked | Response:
    """The page that is asked for by the address, or the answer to an address that names none."""
    asked = request.args
    try:
        if not asked.keys() <= {"status", "cursor", "limit"}:
            raise ValueError("another parameter")
        return PageAsked(
            status=Status(asked["status"]) if "status" in asked else None,
            before=number(asked["cursor"], LAST) if "cursor" in asked else None,
            limit=number(asked.get("limit", str(PAGE)), LONGEST_PAGE),
        )
    except ValueError:
        return problem(
            400,
            "malformed-request",
            f"status, cursor and limit (at most {LONGEST_PAGE}) are known.",
        )


def search_of() -> Asked | Response:
    """What is searched for, or the answer to a request that cannot be read."""
    if request.mimetype != "application/json":
        return problem(415)
    request.max_content_length = LARGEST_SEARCH
    try:
        one = Search.model_validate(parsed(request.get_data(cache=False)))
        before = None if one.cursor is None else number(one.cursor, LAST)
        return Asked(one.status, before, one.limit, read_phone(one.to))
    except HTTPException as refused:
        return problem(refused.code if refused.code == 413 else 400)
    except BadPhone:
        return problem(400, "bad-number", REASONS["bad-number"])
    except (NotJson, ValueError):
        return problem(
            400,
            "malformed-request",
            'Send {"to": "+84…"}, with status, cursor and limit if you like.',
        )


def number(written: str, most: int) -> int:
    """A number from a page's address. Raises ValueError."""
    if not (written.isascii() and written.isdigit() and len(written) < 20):
        raise ValueError("no number")
    number = int(written)
    if not 0 < number <= most:
        raise ValueError("out of range")
    return number
