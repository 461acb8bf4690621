"""`/api/v1/campaigns`: made from JSON or a CSV file, checked, approved by another key, sent, held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, Protocol, TypeVar

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from core.campaigns.campaign import (
    Area,
    Campaign,
    CampaignError,
    Fate,
    NoSuchCampaign,
    NotNow,
    OtherEdition,
    Plan,
    RowSeen,
    SamePerson,
    Words,
)
from core.campaigns.progress import Progress
from core.campaigns.report import Report
from core.campaigns.source import Row, read_csv, read_json
from core.campaigns.words import examine, holes
from core.platform.reading import NotJson, parsed
from core.records import ApiKey
from web.campaigns_models import Listed, New, Part, Rows, Said, Seen, row, shown, status
from web.errors import problem
from web.keys import Keys, presented

NAME: Final = "campaigns"
"""Of the blueprint."""
READ: Final = "campaigns:read"
WRITE: Final = "campaigns:write"
APPROVE: Final = "campaigns:approve"
LARGEST: Final = 32_000_000
"""Octets of a request with rows; as CSV about half a million of them."""
LARGEST_OTHER: Final = 10_000
LONGEST_KEY: Final = 200
MOST: Final = 500
"""Rows or campaigns on a page."""
MOST_ROW: Final = 2_000_000_000

_log = structlog.get_logger("campaigns")
_Params = ParamSpec("_Params")
M = TypeVar("M", bound=BaseModel)


class Campaigns(Protocol):
    """Changes campaigns; `core.store.campaigns.Campaigns` does. All raise CampaignError."""

    def make(
        self, plan: Plan, rows: Iterable[Row], *, who: str, key: str | None, test: bool
    ) -> tuple[Campaign, bool]: ...
    def correct(
        self, campaign_id: str, rows: Iterable[Row], *, who: str, words: Words | None
    ) -> Campaign: ...
    def check(self, campaign_id: str, *, who: str) -> tuple[Campaign, Report]: ...
    def approve(self, campaign_id: str, *, who: str, edition: int) -> Campaign: ...
    def start(self, campaign_id: str, *, who: str) -> Campaign: ...
    def pause(self, campaign_id: str, *, who: str, area: Area | None) -> Campaign: ...
    def resume(self, campaign_id: str, *, who: str, area: Area | None) -> Campaign: ...
    def stop(self, campaign_id: str, *, who: str, area: Area | None) -> Campaign: ...


class Shelf(Protocol):
    """Knows campaigns, their rows and how far they are. All raise NoSuchCampaign."""

    def one(self, campaign_id: str) -> Campaign: ...
    def all(self, *, limit: int, after: str | None) -> tuple[Campaign, ...]: ...
    def progress(self, campaign_id: str) -> tuple[Progress, Mapping[str, Progress]]: ...
    def page(
        self, campaign_id: str, *, after: int, limit: int, state: Fate | None
    ) -> tuple[RowSeen, ...]: ...


class Unreadable(Exception):
    """The request cannot be read; holds the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__("unreadable")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Given:
    """A request with rows: its fields, and the rows as JSON or the file's lines."""

    fields: Mapping[str, Any]
    rows: list[Mapping[str, object]] | None = None
    lines: Iterable[bytes] | None = None

    def read(self, needed: frozenset[str]) -> Iterable[Row]:
        """The rows, with the values that the words need."""
        if self.lines is not None:
            return read_csv(self.lines, needed)
        return read_json(self.rows or (), needed)


def blueprint(
    *, campaigns: Campaigns, shelf: Shelf, keys: Keys, limiter: Limiter, rate: str = "600/minute"
) -> Blueprint:
    """The routes; `limiter` must be initialised with the application."""
    routes = Blueprint(NAME, __name__, url_prefix="/api/v1/campaigns")

    def route(method: str, path: str, scope: str, view: Callable[..., ResponseReturnValue]) -> None:
        """The view for whoever has a key with this scope; it is handed the key."""

        @wraps(view)
        @limiter.limit(rate)
        def checked(**place: str) -> ResponseReturnValue:
            key = keys.check(presented())
            if key is None:
                return problem(401)
            if scope not in key.scopes:
                return problem(403, "wrong-scope", f"This key lacks the scope {scope}.")
            try:
                answer = view(key, **place)
            except Unreadable as unreadable:
                return unreadable.answer
            except CampaignError as error:
                return _refused(error)
            _log.info("campaigns_api", key_id=key.id, what=view.__name__)
            return answer

        routes.add_url_rule(path, view.__name__, checked, methods=[method])

    def make(key: ApiKey) -> ResponseReturnValue:
        given = _given()
        asked = _model(New, given.fields)
        plan = asked.plan
        examine(plan.words)
        rows = given.read(holes(plan.words))
        made, fresh = campaigns.make(
            plan, rows, who=key.name, key=_idempotency_key(), test=key.test
        )
        return _said(shown(made)), 201 if fresh else 200

    def correct(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        given = _given()
        words = _model(Said, given.fields).words
        used = words or shelf.one(campaign_id).plan.words
        examine(used)
        rows = given.read(holes(used))
        return _said(shown(campaigns.correct(campaign_id, rows, who=key.name, words=words)))

    def check(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        checked, _ = campaigns.check(campaign_id, who=key.name)
        return _stands(checked)

    def approve(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        seen = _model(Seen, _small())
        return _said(shown(campaigns.approve(campaign_id, who=key.name, edition=seen.edition)))

    def start(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(campaigns.start(campaign_id, who=key.name)))

    def pause(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(campaigns.pause(campaign_id, who=key.name, area=_part())))

    def resume(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(campaigns.resume(campaign_id, who=key.name, area=_part())))

    def stop(key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(campaigns.stop(campaign_id, who=key.name, area=_part())))

    def read(_key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _stands(shelf.one(campaign_id))

    def listed(_key: ApiKey) -> ResponseReturnValue:
        limit = _number("limit", usual=50, most=MOST)
        found = shelf.all(limit=limit, after=request.args.get("after"))
        last = found[-1].id if len(found) == limit else None
        return _said(Listed(campaigns=[shown(one) for one in found], next=last))

    def rows_of(_key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        shelf.one(campaign_id)
        limit = _number("limit", usual=100, most=MOST)
        after = _number("after", usual=0, most=MOST_ROW, least=0)
        found = shelf.page(campaign_id, after=after, limit=limit, state=_fate())
        last = found[-1].number if len(found) == limit else None
        return _said(Rows(rows=[row(one) for one in found], next=last))

    def _stands(campaign: Campaign) -> Response:
        return _said(status(campaign, *shelf.progress(campaign.id)))

    one = "/<campaign_id>"
    route("POST", "", WRITE, make)
    route("GET", "", READ, listed)
    route("GET", one, READ, read)
    route("GET", f"{one}/rows", READ, rows_of)
    route("PUT", f"{one}/rows", WRITE, correct)
    route("POST", f"{one}/approve", APPROVE, approve)
    for view in (check, start, pause, resume, stop):
        route("POST", f"{one}/{view.__name__}", WRITE, view)
    return routes


def _refused(error: CampaignError) -> Response:
    match error:
        case NoSuchCampaign():
            return problem(404, "unknown", "There is no such campaign.")
        case NotNow():
            status_, reason = 409, "not-now"
        case OtherEdition():
            status_, reason = 409, "another-edition"
        case SamePerson():
            status_, reason = 403, "same-person"
        case _:
            status_, reason = 422, "cannot-be-done"
    said = str(error)
    return problem(status_, reason, f"{said[:1].upper()}{said[1:]}.")


def _given() -> _Given:
    """The fields and rows of a request. Raises Unreadable."""
    request.max_content_length = LARGEST
    match request.mimetype:
        case "application/json":
            body = _json(empty=False)
            rows = body.pop("rows", None)
            if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
                raise Unreadable(problem(400, message="`rows` must be a list of objects."))
            return _Given(body, rows=rows)
        case "multipart/form-data":
            fields, file = _form()
            return _Given(fields, lines=file)
    raise Unreadable(problem(415, message="Send application/json or multipart/form-data."))


def _form() -> tuple[dict[str, str], Iterable[bytes]]:
    try:
        file = request.files.get("file")
        fields = {name: value for name, value in request.form.items() if value}
    except HTTPException as refused:
        raise Unreadable(problem(413 if refused.code == 413 else 400)) from None
    except ValueError:
        raise Unreadable(problem(400)) from None
    if file is None:
        raise Unreadable(problem(400, message="Send the rows as a CSV file in the field `file`."))
    return fields, file.stream


def _json(*, empty: bool) -> dict[str, Any]:
    """The object that was sent; without a body an empty one, where that is allowed."""
    try:
        data = request.get_data(cache=False)
        body = {} if empty and not data else parsed(data)
    except HTTPException as refused:
        raise Unreadable(problem(413 if refused.code == 413 else 400)) from None
    except NotJson:
        raise Unreadable(problem(400, message="This is not JSON.")) from None
    if not isinstance(body, dict):
        raise Unreadable(problem(400, message="Send a JSON object."))
    return body


def _small() -> dict[str, Any]:
    """The fields of a request without rows; none at all are as good as an empty object."""
    request.max_content_length = LARGEST_OTHER
    if request.mimetype not in ("", "application/json"):
        raise Unreadable(problem(415))
    return _json(empty=True)


def _part() -> Area | None:
    """Which part of a campaign is meant."""
    part = _model(Part, _small())
    if part.province is not None and part.ward is not None:
        raise Unreadable(problem(400, message="Give either a province or a ward."))
    return part.area


def _model(kind: type[M], fields: Mapping[str, Any]) -> M:
    try:
        return kind.model_validate(fields)
    except ValidationError as wrong:
        errors = wrong.errors(include_input=False, include_url=False, include_context=False)
        known = {field.alias or name for name, field in kind.model_fields.items()}
        # Only names that are ours: a caller's own field name may be anything at all.
        named = sorted({str(one["loc"][0]) for one in errors if one["loc"]} & known)
        told = f"Wrong or missing: {', '.join(named)}." if named else "There is an unknown field."
        raise Unreadable(problem(400, message=told, fields=named or None)) from None


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isascii() or not (key == "" or key.isprintable()):
        raise Unreadable(problem(400, message="An Idempotency-Key has at most 200 letters."))
    return key or None


def _number(name: str, *, usual: int, most: int, least: int = 1) -> int:
    given = request.args.get(name)
    if given is None:
        return usual
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= 10 else -1
    if not least <= number <= most:
        raise Unreadable(problem(400, message=f"`{name}` is a number from {least} to {most}."))
    return number


def _fate() -> Fate | None:
    given = request.args.get("state")
    try:
        return None if given is None else Fate(given)
    except ValueError:
        known = ", ".join(Fate)
        raise Unreadable(problem(400, message=f"`state` is one of {known}.")) from None


def _said(model: BaseModel) -> Response:
    return jsonify(model.model_dump(mode="json", by_alias=True))
