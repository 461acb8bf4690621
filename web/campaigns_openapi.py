"""What the OpenAPI document says about `/api/v1/campaigns`."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from web.campaigns import APPROVE, READ, WRITE
from web.campaigns_models import Correction, Listed, NewWithRows, Part, Rows, Seen, Shown, Status
from web.openapi import Operation
from web.verify import Refusal

_Answers = dict[int, tuple[type[BaseModel] | None, str]]

_REFUSED: Final[_Answers] = {
    401: (Refusal, "No key, or a wrong one."),
    403: (Refusal, "The key lacks the scope."),
    429: (Refusal, "Too many requests with this key."),
    503: (Refusal, "A server of ours is away; try again later."),
}
_UNKNOWN: Final[_Answers] = {404: (Refusal, "`unknown`: there is no such campaign.")}
_NOT_NOW: Final[_Answers] = {409: (Refusal, "`not-now`: not in the state in which it is.")}
_ROWS: Final[_Answers] = {
    400: (Refusal, "Not what this page describes; `fields` names what is wrong."),
    413: (Refusal, "More than 32 MB."),
    415: (Refusal, "Neither application/json nor multipart/form-data."),
    422: (Refusal, "`cannot-be-done`: the words or the table cannot be used; `message` says why."),
}
_PAGES: Final = {400: (Refusal, "A parameter that is out of range.")}

_EXAMPLE: Final[dict[str, Any]] = {
    "name": "Kết quả 25/11",
    "purpose": "result",
    "template": "result-ready",
    "rows": [{"to": "+84912345678", "name": "Nguyễn Văn An", "province": "56"}],
}


def _parameter(name: str, about: str, place: str = "query") -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": place, "required": False, "description": about, "schema": schema}


def _step(name: str, summary: str, description: str, scope: str = WRITE) -> Operation:
    return Operation(
        method="post",
        path=f"/api/v1/campaigns/{{id}}/{name}",
        name=f"{name}-campaign",
        summary=summary,
        description=description,
        scope=scope,
        asked=None,
        answers={200: (Shown, "As it is now."), **_REFUSED, **_UNKNOWN, **_NOT_NOW},
    )


def _hold(name: str, summary: str, description: str) -> Operation:
    return Operation(
        method="post",
        path=f"/api/v1/campaigns/{{id}}/{name}",
        name=f"{name}-campaign",
        summary=summary,
        description=f"{description} With `province` or `ward` only there.",
        scope=WRITE,
        asked=Part,
        answers={
            200: (Shown, "As it is now."),
            400: (Refusal, "Not a province or a ward."),
            413: (Refusal, "The body is too large."),
            415: (Refusal, "The body is not application/json."),
            **_REFUSED,
            **_UNKNOWN,
            **_NOT_NOW,
        },
        examples={"there": {"value": {"province": "56"}}, "everywhere": {"value": {}}},
    )


OPERATIONS: Final = (
    Operation(
        method="post",
        path="/api/v1/campaigns",
        name="make-campaign",
        summary="Make a campaign",
        description="As JSON, or as multipart/form-data with these fields and a CSV file in "
        "`file`. Nothing is sent before it was checked, and approved with another key. The same "
        "`Idempotency-Key` again gives the campaign that it made (200).",
        scope=WRITE,
        asked=NewWithRows,
        parameters=(_parameter("Idempotency-Key", "Your name for this request.", "header"),),
        answers={
            201: (Shown, "A draft."),
            200: (Shown, "The draft that this Idempotency-Key made before."),
            **_REFUSED,
            **_ROWS,
        },
        examples={"results": {"value": _EXAMPLE}},
    ),
    Operation(
        method="get",
        path="/api/v1/campaigns",
        name="list-campaigns",
        summary="List campaigns",
        description="The newest first.",
        scope=READ,
        asked=None,
        parameters=(_parameter("limit", "At most 500; else 50."), _parameter("after", "An id.")),
        answers={200: (Listed, "A page of them."), **_PAGES, **_REFUSED, **_UNKNOWN},
    ),
    Operation(
        method="get",
        path="/api/v1/campaigns/{id}",
        name="read-campaign",
        summary="See how far a campaign is",
        description="In all and by province, with what the last check found.",
        scope=READ,
        asked=None,
        answers={200: (Status, "The campaign."), **_REFUSED, **_UNKNOWN},
    ),
    Operation(
        method="get",
        path="/api/v1/campaigns/{id}/rows",
        name="list-rows",
        summary="See what became of each row",
        description="In their order; numbers are masked.",
        scope=READ,
        asked=None,
        parameters=(
            _parameter("limit", "At most 500; else 100."),
            _parameter("after", "A row's number."),
            _parameter("state", "Only these: new, fed, out, bad, duplicate, refused or stopped."),
        ),
        answers={200: (Rows, "A page of them."), **_PAGES, **_REFUSED, **_UNKNOWN},
    ),
    Operation(
        method="put",
        path="/api/v1/campaigns/{id}/rows",
        name="correct-campaign",
        summary="Correct a campaign",
        description="Other rows in the place of those before, and other words if some are given, "
        "before it was started. It is a draft again.",
        scope=WRITE,
        asked=Correction,
        answers={200: (Shown, "A draft."), **_REFUSED, **_ROWS, **_UNKNOWN, **_NOT_NOW},
    ),
    Operation(
        method="post",
        path="/api/v1/campaigns/{id}/check",
        name="check-campaign",
        summary="Look at what would be sent",
        description="People, duplicates, bad rows with the reason, opted out, quiet hours, "
        "segments, money, and when it would be done.",
        scope=WRITE,
        asked=None,
        answers={200: (Status, "With its `report`."), **_REFUSED, **_UNKNOWN, **_NOT_NOW},
    ),
    Operation(
        method="post",
        path="/api/v1/campaigns/{id}/approve",
        name="approve-campaign",
        summary="Approve a campaign",
        description="By the key of somebody else than those who made it, who names the `edition` "
        "that they have seen: when words or rows were changed since, it is not approved.",
        scope=APPROVE,
        asked=Seen,
        answers={
            200: (Shown, "Approved."),
            400: (Refusal, "There is no edition."),
            413: (Refusal, "The body is too large."),
            415: (Refusal, "The body is not application/json."),
            **_REFUSED,
            **_UNKNOWN,
            409: (Refusal, "`another-edition`: it was changed since; `not-now`: not in its state."),
            403: (Refusal, "`same-person`, or the key lacks the scope."),
            422: (Refusal, "`cannot-be-done`: there is nobody to send to."),
        },
        examples={"seen": {"value": {"edition": 1}}},
    ),
    _step("start", "Start a campaign", "A few first, and the rest when these fared well."),
    _hold("pause", "Pause a campaign", "Nothing more goes out until it is resumed."),
    _hold("resume", "Resume a campaign", "It goes on."),
    _hold("stop", "Stop a campaign", "Nothing more goes out, for ever."),
)
