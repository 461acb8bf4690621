"""The layer in front of the web application which makes answers slow, broken, late or absent.

A mood that spoils the *answer* (slow, drip, garbage, wrong, huge) lets the request do its work first,
as a real server in trouble does; the others refuse before anything is done.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from sandbox.fhir.outcome import Problem
from sandbox.moods import PLATFORMS, Mood, Moods

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HUGE = 20 * 1024 * 1024
"""Bytes in the body of a huge answer."""

REFUSALS: dict[str, tuple[int, str, str]] = {
    "429": (429, "throttled", "too many requests"),
    "500": (500, "exception", "something broke"),
    "503": (503, "transient", "not available for the moment"),
    "unauthorised": (401, "login", "the token is not accepted"),
}


class Moody:
    """A WSGI application around another one. Control routes never feel a mood."""

    def __init__(self, within: WSGIApplication, moods: Moods) -> None:
        self._within, self._moods = within, moods

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        first = environ.get("PATH_INFO", "").strip("/").partition("/")[0]
        platform = next((each for each in PLATFORMS if each == first), None)
        mood = self._moods.now(platform) if platform else Mood()
        if mood.name == "well":
            return self._within(environ, start_response)
        if mood.name == "down":
            _hang_up(environ)
            return []
        fhir = platform == "fhir"
        if mood.name in REFUSALS:
            return _refuse(mood, environ, start_response, fhir=fhir)
        return self._spoilt(mood, environ, start_response, fhir=fhir)

    def _spoilt(
        self, mood: Mood, environ: WSGIEnvironment, start_response: StartResponse, *, fhir: bool
    ) -> Iterable[bytes]:
        status, headers, body = _answer_of(self._within, environ)
        if mood.name == "slow":
            time.sleep(mood.delay)
        elif mood.name != "drip":
            status, headers = "200 OK", _headers(environ, fhir=fhir)
            body = {"garbage": _garbage, "wrong": _wrong, "huge": _huge}[mood.name](fhir)
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return _drops(body, mood.delay) if mood.name == "drip" else [body]


def _answer_of(
    app: WSGIApplication, environ: WSGIEnvironment
) -> tuple[str, list[tuple[str, str]], bytes]:
    kept: list[tuple[str, list[tuple[str, str]]]] = []

    def keep(status: str, headers: list[tuple[str, str]], exc_info: object = None, /) -> object:
        kept.append((status, headers))
        return lambda written: None

    body = b"".join(app(environ, keep))  # type: ignore[arg-type]
    status, headers = kept[-1]
    return status, headers, body


def _refuse(
    mood: Mood, environ: WSGIEnvironment, start_response: StartResponse, *, fhir: bool
) -> list[bytes]:
    code, issue, words = REFUSALS[mood.name]
    outcome = Problem(code, issue, words).outcome()
    body = json.dumps(outcome if fhir or code == 401 else {"error": issue, "reason": words})
    headers = _headers(environ, fhir=fhir)
    if code in (429, 503):
        headers.append(("Retry-After", str(max(1, round(mood.delay)))))
    headers.append(("Content-Length", str(len(body))))
    start_response(f"{code} {HTTPStatus(code).phrase}", headers)
    return [body.encode()]


def _headers(environ: WSGIEnvironment, *, fhir: bool) -> list[tuple[str, str]]:
    headers = [("Content-Type", "application/fhir+json" if fhir else "application/json")]
    if request_id := environ.get("HTTP_X_REQUEST_ID"):
        headers.append(("X-Request-Id", request_id))
    return headers


def _garbage(fhir: bool) -> bytes:
    return b'{"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": {"na\xff\xc3'


def _wrong(fhir: bool) -> bytes:
    if not fhir:
        return json.dumps({"qid": None, "person": ["nobody"]}).encode()
    strangers = [
        {"resourceType": "Basic", "id": "wrong"},
        {"resourceType": "Patient"},
        {"resourceType": "Observation", "status": 7, "valueCodeableConcept": "yes"},
        {"resourceType": "Questionnaire", "item": {"linkId": []}},
    ]
    entries = [{"resource": each} for each in strangers]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


def _huge(fhir: bool) -> bytes:
    start, end = b'{"resourceType": "Bundle", "type": "searchset", "id": "', b'"}'
    return start + b"0" * (HUGE - len(start) - len(end)) + end


def _drops(body: bytes, pause: float) -> Iterator[bytes]:
    for place in range(len(body)):
        time.sleep(pause)
        yield body[place : place + 1]


def _hang_up(environ: WSGIEnvironment) -> None:
    connection = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
