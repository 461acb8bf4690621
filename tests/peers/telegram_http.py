"""The socket side of the stand-in for Telegram: addresses, the three encodings, answers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from io import BytesIO
from typing import Any, Protocol

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from tests.peers.serving import Handler, serving
from tests.peers.telegram_rules import Refusal

Form = Mapping[str, str]
Files = Mapping[str, tuple[str, bytes]]
"""Name of the part → its file name and content."""


@dataclass
class Trouble:
    """What a method is to answer instead of doing its work."""

    status: int = 200
    description: str = ""
    retry_after: int | None = None
    delay: float = 0.0
    body: bytes | None = None
    done_first: bool = False
    """Do the work and then answer like this: the bot cannot know."""


class Api(Protocol):
    """What stands behind the socket."""

    token: str

    def hear(self, method: str, form: Form) -> None:
        """A call has come in, whatever becomes of it."""

    def answer(self, method: str, form: Form, files: Files) -> object:
        """The result of a method; raises Refusal."""

    def file(self, path: str) -> bytes | None:
        """What is downloaded from `file/bot<token>/<path>`."""

    def trouble(self, method: str) -> Trouble | None:
        """What has been planned for this call."""


def serve(api: Api) -> ThreadingHTTPServer:
    """A server on a free port of this machine, already answering."""
    return serving(_Handler, api)


class _Handler(Handler):
    api: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path.startswith(f"/file/bot{self.api.token}/"):
            content = self.api.file(self.path.partition(f"{self.api.token}/")[2])
            return self._write(404 if content is None else 200, content or b"")
        bot, _, method = self.path.lstrip("/").partition("/")
        if bot.partition(":")[0] != "bot" + self.api.token.partition(":")[0]:
            return self._write(404, _refused(404, "Not Found"))
        if bot != f"bot{self.api.token}":
            return self._write(401, _refused(401, "Unauthorized"))
        form, files = self._read(body)
        self.api.hear(method, form)
        trouble = self.api.trouble(method)
        if trouble is not None and not trouble.done_first:
            return self._write_trouble(trouble)
        status, answer = self._do(method, form, files)
        if trouble is not None:
            return self._write_trouble(trouble)
        return self._write(status, answer)

    do_GET = do_POST

    def _do(self, method: str, form: Form, files: Files) -> tuple[int, bytes]:
        try:
            result = self.api.answer(method, form, files)
        except Refusal as refusal:
            return refusal.status, _refused(refusal.status, refusal.description)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _read(self, body: bytes) -> tuple[Form, Files]:
        kind, options = parse_options_header(self.headers.get("Content-Type", ""))
        if kind == "application/json":
            return {name: _as_text(value) for name, value in json.loads(body).items()}, {}
        _, form, files = FormDataParser().parse(BytesIO(body), kind, len(body), options)
        return form.to_dict(), {
            name: (file.filename or "", file.stream.read()) for name, file in files.items()
        }

    def _write_trouble(self, trouble: Trouble) -> None:
        time.sleep(trouble.delay)
        body = trouble.body
        if body is None:
            body = _refused(trouble.status, trouble.description, trouble.retry_after)
        self._write(trouble.status, body)

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output is for the tests."""


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _refused(status: int, description: str, retry_after: int | None = None) -> bytes:
    answer: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        answer["parameters"] = {"retry_after": retry_after}
    return json.dumps(answer).encode()
