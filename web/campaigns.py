"""`/api/v1/campaigns`: made from JSON or a CSV file, checked, approved by another key, sent, held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Final, Protocol

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from pydantic import BaseModel

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
from core.campaigns.source import Row
from core.campaigns.words import examine, holes
from core.records import ApiKey
from web import campaigns_reading as reading
from web.campaigns_models import Listed, New, Rows, Said, Seen, row, shown, status
from web.errors import problem
from web.keys import Keys, presented

NAME: Final = "campaigns"
"""Of the blueprint."""
READ: Final = "campaigns:read"
WRITE: Final = "campaigns:write"
APPROVE: Final = "campaigns:approve"
MOST: Final = 500
"""Rows or campaigns on a page."""
MOST_ROW: Final = 2_000_000_000

_log = structlog.get_logger("campaigns")
View = Callable[..., ResponseReturnValue]


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
    def waits(self, found: Campaign) -> datetime | None: ...
    def progress(self, campaign_id: str) -> tuple[Progress, Mapping[str, Progress]]: ...
    def page(
        self, campaign_id: str, *, after: int, limit: int, state: Fate | None
    ) -> tuple[RowSeen, ...]: ...


def blueprint(
    *, campaigns: Campaigns, shelf: Shelf, keys: Keys, limiter: Limiter, rate: str = "600/minute"
) -> Blueprint:
    """The routes; `limiter` must be initialised with the application."""
    routes = Blueprint(NAME, __name__, url_prefix="/api/v1/campaigns")
    desk = _Desk(campaigns, shelf)

    def route(method: str, path: str, scope: str, view: View) -> None:
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
            except reading.Unreadable as unreadable:
                return unreadable.answer
            except CampaignError as error:
                return _refused(error)
            _log.info("campaigns_api", key_id=key.id, what=view.__name__)
            return answer

        routes.add_url_rule(path, view.__name__, checked, methods=[method])

    one = "/<campaign_id>"
    route("POST", "", WRITE, desk.make)
    route("GET", "", READ, desk.listed)
    route("GET", one, READ, desk.read)
    route("GET", f"{one}/rows", READ, desk.rows_of)
    route("PUT", f"{one}/rows", WRITE, desk.correct)
    route("POST", f"{one}/approve", APPROVE, desk.approve)
    for view in (desk.check, desk.start, desk.pause, desk.resume, desk.stop):
        route("POST", f"{one}/{view.__name__}", WRITE, view)
    return routes


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a program may do, once its key is known. All raise Unreadable and CampaignError."""

    campaigns: Campaigns
    shelf: Shelf

    def make(self, key: ApiKey) -> ResponseReturnValue:
        given = reading.given()
        asked = reading.model(New, given.fields)
        plan = asked.plan
        examine(plan.words)
        rows = given.read(holes(plan.words))
        made, fresh = self.campaigns.make(
            plan, rows, who=key.name, key=reading.idempotency_key(), test=key.test
        )
        return _said(shown(made)), 201 if fresh else 200

    def correct(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        given = reading.given()
        words = reading.model(Said, given.fields).words
        used = words or self.shelf.one(campaign_id).plan.words
        examine(used)
        rows = given.read(holes(used))
        return _said(shown(self.campaigns.correct(campaign_id, rows, who=key.name, words=words)))

    def check(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        checked, _ = self.campaigns.check(campaign_id, who=key.name)
        return self._stands(checked)

    def approve(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        seen = reading.model(Seen, reading.small())
        return _said(shown(self.campaigns.approve(campaign_id, who=key.name, edition=seen.edition)))

    def start(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(self.campaigns.start(campaign_id, who=key.name)))

    def pause(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(self.campaigns.pause(campaign_id, who=key.name, area=reading.part())))

    def resume(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(self.campaigns.resume(campaign_id, who=key.name, area=reading.part())))

    def stop(self, key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return _said(shown(self.campaigns.stop(campaign_id, who=key.name, area=reading.part())))

    def read(self, _key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        return self._stands(self.shelf.one(campaign_id))

    def listed(self, _key: ApiKey) -> ResponseReturnValue:
        limit = reading.number("limit", usual=50, most=MOST)
        found = self.shelf.all(limit=limit, after=request.args.get("after"))
        last = found[-1].id if len(found) == limit else None
        return _said(Listed(campaigns=[shown(one) for one in found], next=last))

    def rows_of(self, _key: ApiKey, campaign_id: str) -> ResponseReturnValue:
        self.shelf.one(campaign_id)
        limit = reading.number("limit", usual=100, most=MOST)
        after = reading.number("after", usual=0, most=MOST_ROW, least=0)
        found = self.shelf.page(campaign_id, after=after, limit=limit, state=reading.fate())
        last = found[-1].number if len(found) == limit else None
        return _said(Rows(rows=[row(one) for one in found], next=last))

    def _stands(self, campaign: Campaign) -> Response:
        held_until = self.shelf.waits(campaign)
        return _said(status(campaign, held_until, *self.shelf.progress(campaign.id)))


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


def _said(model: BaseModel) -> Response:
    return jsonify(model.model_dump(mode="json", by_alias=True))
