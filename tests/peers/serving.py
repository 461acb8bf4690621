"""A server on this machine for the stand-ins of chat networks."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody who hangs up early is nothing to print."""


class Handler(BaseHTTPRequestHandler):
    """Answers one connection, for as many requests as come over it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms for the other side's word


def serving(handler: type[Handler], api: object) -> ThreadingHTTPServer:
    """A server on a free port, already answering; its handlers find `api` in themselves."""
    server = _Server(("127.0.0.1", 0), type("Answering", (handler,), {"api": api}))
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    return server
