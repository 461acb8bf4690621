"""The socket side of the stand-in for Zalo: addresses, forms and JSON, refusals as HTTP 200."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl

from tests.peers.serving import Handler, serving
from tests.peers.zalo_rules import Refusal

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass
class Trouble:
    """What an address is to answer instead of doing its work."""

    code: int | None = None
    status: int = 200
    body: bytes | None = None
    delay: float = 0.0
    done_first: bool = False
    """Do the work and then answer like this: whoever asked cannot know."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request that was made: its headers by small names, and what it sent along."""

    path: str
    headers: Mapping[str, str]
    content: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


class Api(Protocol):
    """What stands behind the socket."""

    calls: list[Call]

    def answer(self, call: Call) -> Mapping[str, Any]:
        """The whole answer; raises Refusal."""

    def trouble(self, path: str) -> Trouble | None:
        """What has been planned for this call."""


def serve(api: Api) -> ThreadingHTTPServer:
    """A server on a free port of this machine, already answering."""
    return serving(_Handler, api)


class _Handler(Handler):
    api: Api

    def do_POST(self) -> None:
        call = self._call()
        self.api.calls.append(call)
        trouble = self.api.trouble(call.path)
        if trouble is not None and not trouble.done_first:
            return self._write_trouble(trouble)
        try:
            answer: Mapping[str, Any] = self.api.answer(call)
        except Refusal as no:
            answer = {"error": no.code, "message": no.message}
        if trouble is not None:
            return self._write_trouble(trouble)
        return self._write(200, json.dumps(answer).encode())

    do_GET = do_POST

    def _call(self) -> Call:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        if kind == FORM:
            return Call(path, headers, form=dict(parse_qsl(body.decode())))
        try:
            content = json.loads(body) if body and kind == JSON else {}
        except ValueError:
            content = {}
        return Call(path, headers, content=content if isinstance(content, dict) else {})

    def _write_trouble(self, trouble: Trouble) -> None:
        time.sleep(trouble.delay)
        body = trouble.body
        if body is None:
            code = 0 if trouble.code is None else trouble.code
            body = json.dumps({"error": code, "message": f"Trouble {code}"}).encode()
        self._write(trouble.status, body, trouble.headers)

    def _write(self, status: int, body: bytes, more: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": JSON, **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is for the tests."""
