"""A company that carries texts, for benches: it takes whatever it is given, and notes when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path

from gateway.ports import LOOPBACK, free_port

NAME = "bench"
ANSWER = b'{"id": "1"}'


class Company:
    """The running one, and what it was given."""

    def __init__(self, url: str, journal: Path) -> None:
        self.url = url
        self._journal = journal

    def taken(self) -> list[tuple[float, str]]:
        """When (`time.monotonic`) it got a message, and for which number, in that order."""
        lines = self._journal.read_text().splitlines()
        return [(float(moment), phone) for moment, phone in map(str.split, lines)]

    def count(self) -> int:
        """How many it got."""
        return self._journal.read_bytes().count(b"\n")

    def settings(self, secret: str) -> dict[str, str]:
        """The gateway's settings for it: described, without code."""
        prefix = f"MOTCUA_HTTPSMS_{NAME.upper()}_"
        described = {
            "URL": self.url,
            "BODY": '{"to": "{to}", "text": "{text}", "ref": "{id}"}',
            "ID": "/id",
            "CALLS": "form",
            "MESSAGE_ID": "id",
            "MESSAGE_FROM": "from",
            "MESSAGE_TEXT": "text",
            "PATH_SECRET": secret,
        }
        return {"MOTCUA_HTTPSMS": NAME, **{prefix + name: it for name, it in described.items()}}


@contextmanager
def company(directory: Path) -> Iterator[Company]:
    """One in a process of its own, until the block ends."""
    port, journal = free_port(), directory / "journal"
    journal.touch()
    process = get_context("fork").Process(target=_serve, args=(port, journal), daemon=True)
    process.start()
    try:
        yield Company(f"http://{LOOPBACK}:{port}/send", journal)
    finally:
        process.terminate()
        process.join(10)


def _serve(port: int, journal: Path) -> None:
    with journal.open("ab", buffering=0) as written:

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                phone = body.split(b'"to": "')[1].split(b'"')[0]
                written.write(b"%f %b\n" % (time.monotonic(), phone))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(ANSWER)))
                self.end_headers()
                self.wfile.write(ANSWER)

            def log_message(self, *_arguments: object) -> None:
                """Nothing: what is measured is the gateway."""

        ThreadingHTTPServer((LOOPBACK, port), Answering).serve_forever()
