"""A web process that is killed the moment its answer has come: by then, what it acknowledged is stored."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import HTTPConnection
from multiprocessing import get_context
from typing import Any

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

HOST = "127.0.0.1"

Asked = tuple[str, dict[str, Any]]
"""A path with its query, and arguments of Flask's test client."""


def answered_and_killed(make: Callable[[], Flask], method: str, asked: Asked) -> int:
    """The status of its answer. `make` is called in the new process, which must share no connection."""
    path, arguments = asked
    request = EnvironBuilder(method=method, **arguments).get_request()
    with socket.create_server((HOST, 0)) as listening:
        process = get_context("fork").Process(target=_serve, args=(make, listening))
        process.start()
        calling = HTTPConnection(HOST, listening.getsockname()[1], timeout=30)
        try:
            calling.request(method, path, request.get_data(), dict(request.headers))
            return calling.getresponse().status
        finally:
            process.kill()
            process.join(10)
            calling.close()


def _serve(make: Callable[[], Flask], listening: socket.socket) -> None:
    make_server(HOST, 0, make(), fd=listening.fileno()).serve_forever()
