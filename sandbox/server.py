"""The HTTP server: threads, connections kept alive, and able to hang up in the middle of a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import LARGEST_BODY, create_app
from sandbox.moody import Moody
from sandbox.state import Sandbox


class Handler(WSGIRequestHandler):
    """Reads each request whole, so that the next one on the same connection starts where it should.

    Werkzeug's own handler closes the connection after every answer; platforms do not.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 65  # seconds a silent connection is kept
    _status = ""
    _headers: list[tuple[str, str]] = []

    def run_wsgi(self) -> None:
        """Serves one request."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = environ = self.make_environ()
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._stop("411 Length Required")
        elif int(length) > LARGEST_BODY:
            self._stop("413 Content Too Large")
        else:
            environ["wsgi.input"] = BytesIO(self.rfile.read(int(length)))
            self._status = ""
            try:
                self._send(self.server.app(environ, self._start))
            except (ConnectionError, TimeoutError):
                self.close_connection = True

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self._status, self._headers = status, headers
        return lambda written: None

    def _send(self, body: Iterable[bytes]) -> None:
        waiting: bytes | None = None
        try:
            for piece in body:
                waiting = self._head() if waiting is None else b""
                # The head and the first piece leave together, so that one packet can hold both.
                self.wfile.write(waiting if self.command == "HEAD" else waiting + piece)
        finally:
            if close := getattr(body, "close", None):
                close()
        if not self._status:
            self.close_connection = True  # the layer below has hung up
        elif waiting is None:
            self.wfile.write(self._head())

    def _head(self) -> bytes:
        lines = [f"HTTP/1.1 {self._status}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        named = {name.lower() for name, _ in self._headers}
        if "content-length" not in named and self._status[:3] not in ("204", "304"):
            self.close_connection = True
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _stop(self, status: str) -> None:
        self.close_connection = True
        head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        self.wfile.write(head.encode())

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keeps quiet: phone and paper numbers are in the addresses."""


def listen(sandbox: Sandbox, *, host: str = "127.0.0.1", port: int = 0) -> BaseWSGIServer:
    """A server bound to its port (0: a free one) and ready for `serve_forever`."""
    app = Moody(create_app(sandbox).wsgi_app, sandbox.moods)
    return make_server(host, port, app, threaded=True, request_handler=Handler)


def address(server: BaseWSGIServer) -> str:
    """The base URL of a server."""
    return f"http://{server.host}:{server.port}"


@contextmanager
def running(sandbox: Sandbox) -> Iterator[str]:
    """Serves on a free port of this machine for as long as the block lasts; gives the base URL."""
    server = listen(sandbox)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield address(server)
    finally:
        server.shutdown()
        thread.join()
