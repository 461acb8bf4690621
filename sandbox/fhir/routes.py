"""The FHIR R4 server's addresses: search, read and create."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.fhir.capability import capability
from sandbox.fhir.outcome import Problem
from sandbox.fhir.search import SEARCHES, Parameters, ordered
from sandbox.fhir.writes import create
from sandbox.state import Sandbox
from sandbox.world import Resource

FHIR_JSON = "application/fhir+json"
PAGE, LARGEST_PAGE = 50, 200
"""Resources on a page of a search, unless `_count` says otherwise; and at most."""


def fhir_answer(resource: Resource, status: int = 200) -> Response:
    """A resource as an answer."""
    body = json.dumps(resource, ensure_ascii=False)
    return Response(body, status=status, content_type=f"{FHIR_JSON}; charset=utf-8")


def login_needed() -> Response:
    """401, for a missing, unknown or expired token."""
    problem = Problem(401, "login", "a valid bearer token is needed")
    answer = fhir_answer(problem.outcome(), 401)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def http_problem(error: HTTPException) -> Problem:
    """The framework's own errors (404, 405, 413, …) as a Problem."""
    codes = {404: "not-found", 405: "not-supported", 413: "too-long", 415: "not-supported"}
    status = error.code or 500
    return Problem(status, codes.get(status, "invalid"), error.name)


class FhirRoutes:
    """Answers for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def blueprint(self) -> Blueprint:
        """All routes, to be mounted under /fhir."""
        routes = Blueprint("fhir", __name__)
        routes.before_request(self._authenticate)
        routes.register_error_handler(Problem, lambda it: fhir_answer(it.outcome(), it.status))
        for path, view, method in (
            ("/metadata", self.metadata, "GET"),
            ("/<kind>", self.search, "GET"),
            ("/<kind>/_search", self.search_by_post, "POST"),
            ("/<kind>", self.create, "POST"),
            ("/<kind>/<id>", self.read, "GET"),
        ):
            routes.add_url_rule(path, view_func=view, methods=[method])
        return routes

    def _authenticate(self) -> Response | None:
        if request.endpoint == "fhir.metadata":
            return None
        held = self._sandbox.tokens.holds(request.headers.get("Authorization"))
        return None if held else login_needed()

    def metadata(self) -> Response:
        """The CapabilityStatement; needs no token."""
        return fhir_answer(capability(self._sandbox.start, request.host_url + "fhir"))

    def read(self, kind: str, id: str) -> Response:
        """One resource by its id."""
        _known(kind)
        resource = self._sandbox.shelf.read(kind, id)
        if resource is None:
            raise Problem(404, "not-found", f"no such {kind}")
        answer = fhir_answer(resource)
        answer.headers["ETag"] = f'W/"{resource["meta"]["versionId"]}"'
        return answer

    def search(self, kind: str) -> Response:
        """A page of what matches the parameters in the address."""
        return self._page(kind, list(request.args.items(multi=True)))

    def search_by_post(self, kind: str) -> Response:
        """The same with the parameters in a form, where no log keeps them."""
        return self._page(kind, [*request.args.items(multi=True), *request.form.items(multi=True)])

    def create(self, kind: str) -> Response:
        """A conditional create: 201 with the new resource, 200 with the one already there."""
        _known(kind)
        if request.mimetype not in (FHIR_JSON, "application/json"):
            raise Problem(415, "not-supported", f"send {FHIR_JSON}")
        body = request.get_json(force=True, silent=True)
        if body is None:
            raise Problem(400, "structure", "the body is not JSON")
        condition = request.headers.get("If-None-Exist")
        resource, new = create(self._sandbox.shelf, kind, body, only_if_none=condition)
        answer = fhir_answer(resource, 201 if new else 200)
        version = resource["meta"]["versionId"]
        answer.headers["ETag"] = f'W/"{version}"'
        if new:
            self._sandbox.deliveries.announce(resource)
            where = f"{request.host_url}fhir/{kind}/{resource['id']}/_history/{version}"
            answer.headers["Location"] = where
        return answer

    def _page(self, kind: str, parameters: Parameters) -> Response:
        _known(kind)
        asked = dict(parameters)
        found = self._sandbox.shelf.search(kind, parameters)
        found = ordered(kind, found, asked.get("_sort"))
        count = min(_whole(asked.get("_count"), PAGE), LARGEST_PAGE)
        offset = _whole(asked.get("_offset"), 0)
        page = found[offset : offset + count]
        base = f"{request.host_url}fhir/{kind}"
        links = [{"relation": "self", "url": f"{base}?{urlencode(parameters)}"}]
        if page and offset + count < len(found):
            rest = [pair for pair in parameters if pair[0] not in ("_offset", "_count")]
            rest += [("_count", str(count)), ("_offset", str(offset + count))]
            links.append({"relation": "next", "url": f"{base}?{urlencode(rest)}"})
        bundle: Resource = {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(found),
            "link": links,
        }
        if page:
            bundle["entry"] = [
                {
                    "fullUrl": f"{base}/{each['id']}",
                    "resource": each,
                    "search": {"mode": "match"},
                }
                for each in page
            ]
        return fhir_answer(bundle)


def _known(kind: str) -> None:
    if kind not in SEARCHES:
        raise Problem(404, "not-supported", "no such resource type here")


def _whole(written: str | None, otherwise: int) -> int:
    if written is None:
        return otherwise
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise Problem(400, "invalid", "_count and _offset are whole numbers")
    return int(written)
