"""Nothing is searched by what R4 does not know: a strict server (HAPI) answers that with 400."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qsl

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import PlatformError
from core.people.papers import Paper
from core.platform.fhir import Fhir
from core.platform.fhir_events import KINDS
from core.platform.ports import Condition, Correction
from tests.core.platform.conftest import AT, soon
from tests.core.platform.resources import PHONE, bundle, declaration, questionnaire

R4: dict[str, set[str]] = {
    "Patient": {"telecom", "phone", "identifier", "name", "birthdate", "gender", "active"},
    "Immunization": {"patient", "status", "date", "vaccine-code", "lot-number"},
    "ImmunizationRecommendation": {"patient", "date", "status", "target-disease"},
    "Observation": {"patient", "subject", "category", "code", "date", "status"},
    "Flag": {"patient", "subject", "date", "author", "encounter", "identifier"},
    "Questionnaire": {"url", "status", "version", "date", "name", "title"},
    "QuestionnaireResponse": {"patient", "subject", "author", "authored", "identifier", "status"},
    "DocumentReference": {"patient", "subject", "type", "status", "date", "category"},
    "Task": {"patient", "subject", "identifier", "code", "status", "authored-on"},
    "Location": {"status", "name", "partof", "type", "address", "identifier"},
    "Subscription": {"url", "status", "criteria", "type", "payload", "contact"},
}
"""Type → its search parameters, as far as they might be wanted (FHIR R4, searchparameter-registry)."""

OF_ALL = {"_id", "_lastUpdated", "_sort", "_count"}


def test_every_search_is_one_that_r4_knows(httpserver: HTTPServer, stand_in: Fhir) -> None:
    wrong: list[str] = []
    kinds: set[str] = set()

    def answer(request: Request) -> Response:
        kind = request.path.rsplit("/", 1)[1]
        condition = request.headers.get("If-None-Exist", "")
        named = {*request.args, *(name for name, _ in parse_qsl(condition))}
        wrong.extend(f"{kind}?{name}" for name in named - R4[kind] - OF_ALL)
        kinds.add(kind)
        found = bundle(*([questionnaire()] if kind == "Questionnaire" else []))
        return Response(json.dumps(found), content_type="application/fhir+json")

    httpserver.expect_request(re.compile("/fhir/[A-Za-z]+")).respond_with_handler(answer)
    feeling = Condition("mother", None, "well", AT)
    correction = Correction("dose-missing", "mother", "mother", "x", AT)
    asked = (
        lambda: stand_in.by_phone(PHONE, deadline=soon()),
        lambda: stand_in.by_paper(Paper("cccd", "079190012345"), deadline=soon()),
        lambda: stand_in.by_qid("1", deadline=soon()),
        lambda: stand_in.doses("mother", deadline=soon()),
        lambda: stand_in.next_dose("mother", deadline=soon()),
        lambda: stand_in.passport("mother", deadline=soon()),
        lambda: stand_in.results("mother", deadline=soon()),
        lambda: stand_in.isolation("mother", deadline=soon()),
        lambda: stand_in.last_declared("mother", deadline=soon()),
        lambda: stand_in.form(deadline=soon()),
        lambda: stand_in.form_named("urn:x|7", deadline=soon()),
        lambda: stand_in.declare(declaration(), key="k", deadline=soon()),
        lambda: stand_in.report(feeling, key="k", deadline=soon()),
        lambda: stand_in.corrections.ask(correction, key="k", deadline=soon()),
        lambda: stand_in.corrections.tickets("mother", deadline=soon()),
        lambda: stand_in.areas.areas(deadline=soon()),
        lambda: stand_in.areas.risk("hue", deadline=soon()),
        lambda: stand_in.subscribe("Task", "http://x.example/", secret="s", key="k", deadline=soon()),
    )  # fmt: skip
    for ask in asked:
        with suppress(PlatformError):
            ask()
    for kind in KINDS.values():
        with suppress(PlatformError):
            stand_in.changed(kind, AT - timedelta(days=1), deadline=soon())
    assert wrong == []
    assert kinds == set(R4)
