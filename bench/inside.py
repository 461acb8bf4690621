"""A menu step without server and clients: what its round trips to Redis take, and what the rest."""

from __future__ import annotations

import importlib
import io
import os
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any
from unittest.mock import patch

from rich.console import Console

from bench import house, ussd
from core.store.redis_line import Line

STEPS = 500
ROUNDS = 20


def main() -> None:
    """Prints the median times of a bare handler and of a step, in microseconds."""
    with house.servers() as environment, patch.dict(os.environ, environment):
        # It reads its settings when it is imported.
        app = importlib.import_module("bench.wsgi").app
        url = f"/ussd/africastalking/{house.SECRET}"
        _timed(app, url, [_body("first", number) for number in range(ROUNDS * STEPS)])
        bodies = [_body("inside", number) for number in range(ROUNDS * STEPS)]
        with _Watched() as trips:
            bare, steps, waits = [], [], []
            for number in range(ROUNDS):
                some = bodies[number * STEPS : (number + 1) * STEPS]
                bare.append(_timed(app, house.BARE, some))
                trips.seconds = 0.0
                steps.append(_timed(app, url, some))
                waits.append(trips.seconds / STEPS)
    Console().print(
        f"in process: bare Flask handler {_micro(bare)} µs, menu step {_micro(steps)} µs, of which "
        f"{_micro(waits)} µs are Redis (medians of {ROUNDS} times {STEPS:,})",
        soft_wrap=True,
    )


class _Watched:
    """Adds up the time in which a line waits for Redis."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._ask = Line.ask
        self._patch: Any = None

    def __enter__(self) -> _Watched:
        def ask(line: Line, *commands: Any) -> list[Any]:
            began = time.perf_counter()
            answers = self._ask(line, *commands)
            self.seconds += time.perf_counter() - began
            return answers

        self._patch = patch.object(Line, "ask", ask)
        self._patch.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self._patch.stop()


def _body(run: str, number: int) -> bytes:
    client, count = number % ussd.CLIENTS, number // ussd.CLIENTS
    return ussd.step("http://bench/", run, client, count).partition(b"\r\n\r\n")[2]


def _timed(app: Callable[..., Iterable[bytes]], path: str, bodies: Sequence[bytes]) -> float:
    """Seconds of one request."""
    began = time.perf_counter()
    for body in bodies:
        answer = b"".join(app(_environ(path, body), lambda _status, _headers, _error=None: None))
        assert answer.startswith(b"CON "), answer
    return (time.perf_counter() - began) / len(bodies)


def _environ(path: str, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "bench",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
    }


def _micro(seconds: Sequence[float]) -> str:
    return f"{median(seconds) * 1e6:.0f}"
