"""The gateway's token: asked for once, renewed in time, renewed when refused, never shown."""

from __future__ import annotations

import json
import threading

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import Down
from core.platform.auth import Credentials
from core.platform.http import Call
from tests.core.platform.conftest import MakesHttp, Time, soon

LOOK = Call(operation="look", path="Patient")


class TokenServer:
    """Gives out numbered tokens, and data to whoever brings one that is still good."""

    def __init__(self, httpserver: HTTPServer, *, life: object = 100) -> None:
        self.life = life
        self.given = 0
        self.good: set[str] = set()
        self.forms: list[str] = []
        httpserver.expect_request("/token").respond_with_handler(self.token)
        httpserver.expect_request("/fhir/Patient").respond_with_handler(self.data)
        self.credentials = Credentials(httpserver.url_for("/token"), "mộ cửa", "a:b/c", "system/*")

    def token(self, request: Request) -> Response:
        assert request.authorization is not None
        assert request.authorization.username == "m%E1%BB%99%20c%E1%BB%ADa"
        assert request.authorization.password == "a%3Ab%2Fc"
        assert request.form.to_dict() == {"grant_type": "client_credentials", "scope": "system/*"}
        self.given += 1
        self.good.add(f"Bearer token-{self.given}")
        return self.json({"access_token": f"token-{self.given}", "expires_in": self.life})

    def data(self, request: Request) -> Response:
        good = request.headers.get("Authorization") in self.good
        return self.json({"well": True}, 200 if good else 401)

    def json(self, body: object, status: int = 200) -> Response:
        return Response(json.dumps(body), status, content_type="application/json")


def test_one_token_serves_until_shortly_before_it_expires(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time
) -> None:
    server = TokenServer(httpserver, life=3600)
    client = client_of(credentials=server.credentials)
    for at, given in ((0, 1), (3500, 1), (3541, 2)):
        time_stands.seconds = 1000.0 + at
        client.ask(LOOK, deadline=soon())
        assert server.given == given


@pytest.mark.parametrize("life", [None, "60", True, -5, 10**12])
def test_an_odd_lifetime_is_taken_for_five_minutes(
    httpserver: HTTPServer, client_of: MakesHttp, time_stands: Time, life: object
) -> None:
    server = TokenServer(httpserver, life=life)
    client = client_of(credentials=server.credentials)
    for at, given in ((0, 1), (239, 1), (241, 2)):
        time_stands.seconds = 1000.0 + at
        client.ask(LOOK, deadline=soon())
        assert server.given == given


def test_a_refused_token_is_renewed_once(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    server = TokenServer(httpserver)
    client = client_of(credentials=server.credentials)
    client.ask(LOOK, deadline=soon())
    server.good.clear()
    assert client.ask(LOOK, deadline=soon()).status == 200
    assert server.given == 2


def test_a_platform_that_refuses_every_token_is_down(
    httpserver: HTTPServer, client_of: MakesHttp
) -> None:
    server = TokenServer(httpserver)
    client = client_of(credentials=server.credentials)
    httpserver.clear()
    httpserver.expect_request("/token").respond_with_handler(server.token)
    httpserver.expect_request("/fhir/Patient").respond_with_json({}, status=401)
    with pytest.raises(Down):
        client.ask(LOOK, deadline=soon())
    assert server.given == 2
    assert sum(request.path == "/fhir/Patient" for request, _ in httpserver.log) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{}", 200), ("[]", 200), ("nope", 200), ('{"access_token": ""}', 200),
        ('{"access_token": "a\\nb"}', 200), ('{"access_token": 7}', 200), ("{}", 401),
    ],
)  # fmt: skip
def test_without_a_token_the_platform_is_down(
    httpserver: HTTPServer, client_of: MakesHttp, body: str, status: int
) -> None:
    httpserver.expect_request("/token").respond_with_data(body, status=status)
    client = client_of(credentials=Credentials(httpserver.url_for("/token"), "me", "s"))
    with pytest.raises(Down):
        client.ask(LOOK, deadline=soon())
    assert all(request.path == "/token" for request, _ in httpserver.log)


def test_many_threads_ask_for_one_token(httpserver: HTTPServer, client_of: MakesHttp) -> None:
    server = TokenServer(httpserver)
    client = client_of(credentials=server.credentials)
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait(5)
        client.ask(LOOK, deadline=soon())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert server.given == 1
    assert sum(request.path == "/fhir/Patient" for request, _ in httpserver.log) == 8


def test_credentials_do_not_show_their_secret() -> None:
    assert "hush" not in repr(Credentials("https://x/token", "me", "hush"))


@pytest.mark.parametrize(("status", "asked"), [(400, 1), (401, 1), (500, 3), (429, 1)])
def test_whom_the_token_address_does_not_know_asks_it_once(
    httpserver: HTTPServer, client_of: MakesHttp, status: int, asked: int
) -> None:
    httpserver.expect_request("/token").respond_with_json(
        {"error": "invalid_client"}, status=status, headers={"Retry-After": "99999999"}
    )
    credentials = Credentials(httpserver.url_for("/token"), "me", "wrong")
    with pytest.raises(Down) as raised:
        client_of(credentials=credentials).ask(LOOK, deadline=soon())
    assert len(httpserver.log) == asked
    assert raised.value.after == (600.0 if status == 429 else None)
