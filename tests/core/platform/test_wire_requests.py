"""What a request carries and what comes of it: nothing goes twice, nowhere else, and with nothing in it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import Deadline
from core.errors import Down, Late
from core.platform.wire import Hopeless, Raw, Unreached, Wire

Serve = Callable[[Callable[[socket.socket], None]], str]

WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire("fhir")
    yield made
    made.close()


def ask(
    wire: Wire,
    url: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Raw:
    return wire.send(
        method, url, headers=headers or {}, content=content, deadline=Deadline.after(3.0)
    )


class Moody:
    """Answers the first request of each connection, takes the second one and hangs up."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(WELL)
        more = connection.recv(65536)
        if more:
            self.heard.append(more.split(b" ", 1)[0])


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_what_goes_over_a_connection_that_breaks_is_not_sent_again(
    wire: Wire, raw_server: Serve, method: str
) -> None:
    moody = Moody()
    url = raw_server(moody)
    ask(wire, url, method)
    with pytest.raises(Down) as raised:
        ask(wire, url, method)
    assert not isinstance(raised.value, Unreached), "nobody knows whether it was heard"
    assert moody.heard == [method.encode()]


def test_who_is_gone_since_the_last_request_has_got_nothing(wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"

        def once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(WELL)

        serving = threading.Thread(target=once)
        serving.start()
        ask(wire, url)
        serving.join()
    with pytest.raises(Unreached):
        ask(wire, url)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Name": "a\r\nX-Other: b"},
        {"X-Name": "a\nb"},
        {"X\r\nName": "a"},
        {"X-Name": "a\0"},
        {"X-Name": "Đỗ"},
    ],
)
def test_a_field_that_would_be_two_or_is_no_latin_is_not_sent(
    wire: Wire, httpserver: HTTPServer, headers: dict[str, str]
) -> None:
    with pytest.raises(Hopeless):
        ask(wire, httpserver.url_for("/"), headers=headers)
    assert httpserver.log == []


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/a\0b", "/\x7f", "/Đỗ"])
def test_an_address_with_what_no_address_holds_is_not_sent(
    wire: Wire, httpserver: HTTPServer, path: str
) -> None:
    with pytest.raises(Hopeless) as raised:
        ask(wire, httpserver.url_for("/").rstrip("/") + path)
    assert path not in repr(raised.value)
    assert httpserver.log == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1/x", ""])
def test_only_http_is_spoken(wire: Wire, url: str) -> None:
    with pytest.raises(Hopeless):
        ask(wire, url)


def test_no_proxy_of_the_environment_is_asked(
    wire: Wire, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    httpserver.expect_request("/").respond_with_data("well")
    assert ask(wire, httpserver.url_for("/")).body == b"well"


def test_nobody_is_followed(wire: Wire, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(
        "", status=302, headers={"Location": httpserver.url_for("/there")}
    )
    assert ask(wire, httpserver.url_for("/")).status == 302
    assert [asked.path for asked, _ in httpserver.log] == ["/"]


def test_the_connection_goes_where_it_is_told(httpserver: HTTPServer) -> None:
    asked: list[tuple[str, int]] = []

    def where(host: str, port: int) -> str:
        asked.append((host, port))
        return "127.0.0.1"

    told = {"Host": f"clinic.invalid:{httpserver.port}"}
    httpserver.expect_request("/", headers=told).respond_with_data("well")
    wire = Wire("webhook", where=where)
    raw = ask(wire, f"http://clinic.invalid:{httpserver.port}/")
    wire.close()
    assert raw.status == 200
    assert asked == [("clinic.invalid", httpserver.port)]


def test_where_it_must_not_go_it_does_not_go(httpserver: HTTPServer) -> None:
    def where(_host: str, _port: int) -> str:
        raise OSError

    wire = Wire("webhook", where=where)
    with pytest.raises(Unreached):
        ask(wire, httpserver.url_for("/"))
    assert httpserver.log == []


def test_to_ask_where_to_go_is_part_of_the_time(httpserver: HTTPServer) -> None:
    def where(_host: str, _port: int) -> str:
        time.sleep(0.3)
        return "127.0.0.1"

    wire = Wire("webhook", where=where)
    with pytest.raises(Late):
        wire.send(
            "GET", httpserver.url_for("/"), headers={}, content=None, deadline=Deadline.after(0.2)
        )
    assert httpserver.log == []


@pytest.mark.parametrize(
    ("method", "content"),
    [("GET", None), ("POST", b"a=1"), ("POST", None), ("PUT", b"{}"), ("DELETE", None)],
)
def test_methods_and_bodies_arrive_as_they_were_given_whatever_went_before(
    wire: Wire, httpserver: HTTPServer, method: str, content: bytes | None
) -> None:
    def repeat(request: Request) -> Response:
        kind = request.headers.get("Content-Type", "none")
        return Response(f"{request.method} {kind} ".encode() + request.get_data())

    httpserver.expect_request("/").respond_with_handler(repeat)
    url = httpserver.url_for("/")
    ask(wire, url, "POST", {"Content-Type": "text/plain"}, b"something else before it")
    assert ask(wire, url, method, content=content).body == f"{method} none ".encode() + (
        content or b""
    )


def test_an_empty_field_arrives_empty(wire: Wire, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/", headers={"X-Empty": ""}).respond_with_data("well")
    assert ask(wire, httpserver.url_for("/"), headers={"X-Empty": ""}).body == b"well"


def test_fields_by_lower_case_name_those_of_the_last_head_and_no_trailers(
    wire: Wire, raw_server: Serve
) -> None:
    url = raw_server(
        lambda connection: connection.sendall(
            b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
            b"HTTP/1.1 201 Created\r\nSet-Cookie: a\r\nset-cookie: b\r\nTransfer-Encoding: chunked\r\n"
            b"\r\n2\r\n{}\r\n0\r\nRetry-After: 600\r\n\r\n"
        )
    )
    raw = ask(wire, url)
    assert (raw.status, raw.body) == (201, b"{}")
    assert raw.headers == {"set-cookie": "a, b", "transfer-encoding": "chunked"}


def test_everybody_gets_the_answer_to_their_own_question(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_handler(
        lambda request: Response(request.get_data(), headers={"X-Of": request.headers["X-Of"]})
    )
    wire, url = Wire("fhir", connections=4), httpserver.url_for("/")
    threads = set()

    def once(number: int) -> bool:
        threads.add(threading.get_ident())
        raw = ask(wire, url, "POST", {"X-Of": str(number)}, b"%d" % number)
        return raw.body == b"%d" % number and raw.headers["x-of"] == str(number)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(once, range(300)))
    wire.close()
    assert len(threads) > 1
