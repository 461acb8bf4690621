"""Clients of the sandbox and of small stand-in servers, and ways to put a platform in a mood."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Any, Protocol
from urllib.request import Request, urlopen

import pytest
from prometheus_client import REGISTRY
from pytest_httpserver import HTTPServer

from core.clock import VIETNAM, Deadline
from core.platform.auth import Credentials
from core.platform.fhir import MEDIA_TYPE, Fhir, FhirSettings, outcome_text
from core.platform.http import PlatformHttp
from core.platform.qrqg import Qrqg, QrqgSettings

AT = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)


def soon(seconds: float = 5.0) -> Deadline:
    """Ample time for a platform that is well."""
    return Deadline.after(seconds)


def counted(name: str, **labels: str) -> float:
    """What a Prometheus counter stands at."""
    return REGISTRY.get_sample_value(f"motcua_platform_{name}_total", labels) or 0.0


def anomalies() -> float:
    """All anomalies counted so far, of every kind."""
    found = (metric for metric in REGISTRY.collect() if metric.name == "motcua_platform_anomalies")
    return sum(s.value for metric in found for s in metric.samples if s.name.endswith("_total"))


def serve(httpserver: HTTPServer, path: str, body: Any, **more: Any) -> None:
    """The stand-in FHIR server answers GETs of this path so."""
    httpserver.expect_request(f"/fhir/{path}", method="GET").respond_with_json(body, **more)


def queries(httpserver: HTTPServer) -> list[dict[str, str]]:
    """What the stand-in server was asked, in order."""
    return [request.args.to_dict() for request, _ in httpserver.log]


class Time:
    """A clock that stands still until it is told to move; sleeping moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def tick(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def deadline(self, seconds: float) -> Deadline:
        return Deadline.after(seconds, self.tick)


@pytest.fixture
def time_stands() -> Time:
    return Time()


class MakesHttp(Protocol):
    def __call__(self, **wanted: Any) -> PlatformHttp: ...


@pytest.fixture
def client_of(httpserver: HTTPServer, time_stands: Time) -> Iterator[MakesHttp]:
    """Makes clients of the stand-in server, on the clock that stands still."""
    made: list[PlatformHttp] = []

    def make(**wanted: Any) -> PlatformHttp:
        usual: dict[str, Any] = {
            "media_type": MEDIA_TYPE,
            "reason": outcome_text,
            "clock": lambda: AT,
            "tick": time_stands.tick,
            "sleep": time_stands.sleep,
            "chance": Random(1),
            "new_id": lambda: "request-1",
        }
        base = wanted.pop("base", httpserver.url_for("/fhir"))
        made.append(PlatformHttp("fhir", base, **{**usual, **wanted}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def stand_in(httpserver: HTTPServer, client_of: MakesHttp) -> Fhir:
    """A FHIR client of the stand-in server, at 8 o'clock on 23 November 2026."""
    settings = FhirSettings(url=httpserver.url_for("/fhir"), page_cap=3)
    return Fhir(settings, http=client_of(), clock=lambda: AT)


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Serves every connection with a function of the test's own; for what no server should do."""
    listeners: list[socket.socket] = []

    def serve(answer: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                answer(connection)

        def run() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=handle, args=(connection,), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def credentials(sandbox: str) -> Credentials:
    return Credentials(f"{sandbox}/oauth/token", "mot-cua", "sandbox-secret")


@pytest.fixture
def fhir(sandbox: str, credentials: Credentials) -> Iterator[Fhir]:
    client = Fhir(FhirSettings(url=f"{sandbox}/fhir", credentials=credentials))
    yield client
    client.close()


@pytest.fixture
def qrqg(sandbox: str, credentials: Credentials) -> Iterator[Qrqg]:
    client = Qrqg(QrqgSettings(url=f"{sandbox}/qrqg", credentials=credentials))
    yield client
    client.close()


def asked(url: str, body: object = None, method: str = "GET") -> Any:
    """What the sandbox's own addresses answer."""
    content = None if body is None else json.dumps(body).encode()
    request = Request(url, content, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=5) as answer:
        return json.load(answer)


@pytest.fixture
def mood(sandbox: str) -> Iterator[Callable[..., None]]:
    """Puts a platform of the sandbox in a mood; both are well again when the test is over."""

    def put(platform: str, name: str, **more: float) -> None:
        asked(f"{sandbox}/moods/{platform}", {"mood": name, **more}, "PUT")

    yield put
    put("fhir", "well")
    put("qrqg", "well")


@pytest.fixture(scope="module")
def people(sandbox: str) -> dict[str, dict[str, Any]]:
    """The sandbox's people by their story, as it tells them."""
    told = asked(f"{sandbox}/people?limit=300")
    told = told["people"] if isinstance(told, dict) else told
    return {person["story"]: person for person in reversed(told)}
