"""Somebody in the middle of a form is never without it, whoever goes on with them and when."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from redis import Redis

from core.errors import Down
from core.platform.fhir import Fhir, FhirSettings
from core.platform.fhir_editions import AGAIN_SECONDS
from core.store.form_shelf import FormShelf
from tests.core.platform.conftest import AT, MakesHttp, Time, serve, soon
from tests.core.platform.resources import bundle, questionnaire

NAME = "urn:motcua:form:general|2.0"


class Maker:
    """Makes processes: clients that share nothing but what is on the shelf."""

    def __init__(self, base: str, http: MakesHttp, time: Time, shelf: FormShelf | None) -> None:
        self._where = FhirSettings(url=base)
        self._http, self._time, self._shelf = http, time, shelf

    def __call__(self) -> Fhir:
        http = self._http()
        return Fhir(
            self._where, http=http, clock=lambda: AT, tick=self._time.tick, shelf=self._shelf
        )


@pytest.fixture
def process(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time, clean_redis: str
) -> Maker:
    shelf = FormShelf(Redis.from_url(clean_redis))
    return Maker(httpserver.url_for("/fhir"), client_of, time_stands, shelf)


def goes_down(httpserver: HTTPServer) -> None:
    httpserver.clear()
    serve(httpserver, "Questionnaire", {}, status=500)


def test_the_form_of_a_minute_ago_is_better_than_none(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    fhir = Maker(httpserver.url_for("/fhir"), client_of, time_stands, None)()
    serve(httpserver, "Questionnaire", bundle(questionnaire("2.0")))
    fhir.form(deadline=soon())
    goes_down(httpserver)
    time_stands.seconds += 61
    assert fhir.form(deadline=soon()).version == "2.0"
    asked = len(httpserver.log)
    time_stands.seconds += AGAIN_SECONDS - 1
    assert fhir.form(deadline=soon()).version == "2.0"
    assert len(httpserver.log) == asked
    httpserver.clear()
    serve(httpserver, "Questionnaire", bundle(questionnaire("3.0")))
    time_stands.seconds += 30
    assert fhir.form(deadline=soon()).version == "3.0"


def test_another_process_has_the_form_though_the_platform_is_away(
    httpserver: HTTPServer, process: Maker
) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire("2.0")))
    asked = process().form(deadline=soon())
    goes_down(httpserver)
    other = process()
    assert other.form_named(NAME, deadline=soon()) == asked
    assert other.form(deadline=soon()) == asked
    with pytest.raises(Down):
        other.form_named("urn:motcua:form:general|9.9", deadline=soon())


@pytest.mark.parametrize("spoilt", [None, [], {}, "x", {"url": "urn:other", "version": "1"}])
def test_nonsense_on_the_shelf_is_no_form(
    httpserver: HTTPServer, process: Maker, clean_redis: str, spoilt: Any
) -> None:
    serve(httpserver, "Questionnaire", bundle(questionnaire("2.0")))
    process().form(deadline=soon())
    FormShelf(Redis.from_url(clean_redis)).put(NAME, spoilt)
    assert process().form_named(NAME, deadline=soon()).name == NAME


def test_without_redis_the_platform_is_asked(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    shelf = FormShelf(Redis(host="127.0.0.1", port=1))
    fhir = Maker(httpserver.url_for("/fhir"), client_of, time_stands, shelf)()
    serve(httpserver, "Questionnaire", bundle(questionnaire("2.0")))
    assert fhir.form(deadline=soon()).version == "2.0"
