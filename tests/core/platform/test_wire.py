"""Whatever a server does with a connection, the request ends by its deadline and stays small."""

from __future__ import annotations

import gzip
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pytest_httpserver import HTTPServer

from core.clock import Deadline
from core.errors import Down, Late
from core.platform.wire import Wire

Serve = Callable[[Callable[[socket.socket], None]], str]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire("fhir", size_limit=1000)
    yield made
    made.close()


def get(wire: Wire, url: str, seconds: float = 2.0) -> bytes:
    return wire.send("GET", url, headers={}, content=None, deadline=Deadline.after(seconds)).body


def drip(connection: socket.socket, head: bytes, drops: int) -> None:
    connection.sendall(head)
    for _ in range(drops):
        connection.sendall(b"x")
        time.sleep(0.02)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 ", HEAD + b"X-Long: ", HEAD + b"Content-Length: 900\r\n\r\n"]
)
def test_a_drip_in_the_head_or_the_body_is_late_when_the_deadline_passes(
    wire: Wire, raw_server: Serve, head: bytes
) -> None:
    url = raw_server(lambda connection: drip(connection, head, 150))
    started = time.monotonic()
    with pytest.raises(Late):
        get(wire, url, 0.3)
    assert time.monotonic() - started < 1.5


def test_silence_is_late(wire: Wire, raw_server: Serve) -> None:
    url = raw_server(lambda connection: time.sleep(0.6))
    with pytest.raises(Late):
        get(wire, url, 0.2)


def test_a_deadline_that_has_passed_sends_nothing(wire: Wire, raw_server: Serve) -> None:
    seen: list[int] = []
    url = raw_server(lambda connection: seen.append(1))
    with pytest.raises(Late):
        get(wire, url, 0.0)
    assert seen == []


def test_a_body_over_the_limit_is_not_read_to_its_end(wire: Wire, raw_server: Serve) -> None:
    url = raw_server(
        lambda connection: connection.sendall(
            HEAD + b"Content-Length: 100000000\r\n\r\n" + b"x" * 5000
        )
    )
    with pytest.raises(Down, match="size limit"):
        get(wire, url)


def test_a_body_of_untold_length_is_read_up_to_the_limit(wire: Wire, raw_server: Serve) -> None:
    chunks = b"%x\r\n%s\r\n" % (500, b"x" * 500) * 5
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    url = raw_server(lambda connection: connection.sendall(head + chunks))
    with pytest.raises(Down, match="size limit"):
        get(wire, url)


def test_the_limit_counts_what_was_unpacked(wire: Wire, raw_server: Serve) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    url = raw_server(lambda connection: connection.sendall(head + packed))
    with pytest.raises(Down, match="size limit"):
        get(wire, url)


def test_a_packed_body_is_unpacked(wire: Wire, raw_server: Serve) -> None:
    packed = gzip.compress(b'{"a": 1}')
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert (
        get(wire, raw_server(lambda connection: connection.sendall(head + packed))) == b'{"a": 1}'
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        HEAD + b"Content-Length: 10\r\n\r\nx",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_down(wire: Wire, raw_server: Serve, answer: bytes) -> None:
    with pytest.raises(Down):
        get(wire, raw_server(lambda connection: connection.sendall(answer)))


def test_nobody_there_is_down(wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Down) as raised:
        get(wire, f"http://127.0.0.1:{port}/Patient?telecom=%2B84912345678")
    assert "84912345678" not in repr(raised.value)


def test_an_address_that_is_none_is_down(wire: Wire) -> None:
    with pytest.raises(Down):
        get(wire, "http://[broken/")


def test_a_child_process_opens_connections_of_its_own(wire: Wire, raw_server: Serve) -> None:
    def name_of_caller(connection: socket.socket) -> None:
        body = str(connection.getpeername()[1]).encode()
        for _ in range(3):  # kept alive: the same connection answers again
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            connection.recv(65536)

    url = raw_server(name_of_caller)
    mine = get(wire, url)
    assert get(wire, url) == mine
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, get(wire, url))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 100)
    os.close(reader)
    os.close(writer)
    assert theirs
    assert theirs != mine


def test_whoever_finds_all_connections_taken_is_late(raw_server: Serve) -> None:
    url = raw_server(lambda connection: time.sleep(1.0))
    wire = Wire("fhir", connections=1)

    def hold() -> None:
        with pytest.raises(Late):
            get(wire, url, 0.8)

    holding = threading.Thread(target=hold)
    holding.start()
    time.sleep(0.1)
    started = time.monotonic()
    with pytest.raises(Late):
        get(wire, url, 0.2)
    assert time.monotonic() - started < 0.7
    holding.join()
    wire.close()


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(
    wire: Wire, raw_server: Serve
) -> None:
    answer = HEAD + b"Content-Length: 2\r\n\r\n{}"
    url = raw_server(lambda connection: connection.sendall(answer))  # and hangs up
    for _ in range(3):
        assert get(wire, url) == b"{}"
        time.sleep(0.05)


def test_a_user_in_the_address_is_told_to_the_server(wire: Wire, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/", headers={"Authorization": "Basic bWU6dG9w"}).respond_with_data(
        "well"
    )
    assert get(wire, httpserver.url_for("/").replace("://", "://me:top@")) == b"well"


def test_an_answer_half_read_is_not_the_beginning_of_the_next_one(
    wire: Wire, raw_server: Serve
) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 1500\r\n\r\n" + b"x" * 1500)
        connection.recv(65536)
        connection.sendall(HEAD + b"Content-Length: 3\r\n\r\nold")

    url = raw_server(answer)
    for _ in range(2):
        with pytest.raises(Down, match="size limit"):
            get(wire, url)
