"""A light HTTP load: raw keep-alive sockets in a few processes, so that the server is what is measured."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from urllib.parse import urlsplit

Make = Callable[[int, int], bytes]
"""(client, count) → the next request as bytes."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run: requests per second and the latency of each, in milliseconds."""

    per_second: float
    milliseconds: Sequence[float]
    wrong: int
    """Answers that were not what was expected."""

    def percentile(self, percent: int) -> float:
        return statistics.quantiles(self.milliseconds, n=100)[percent - 1]


@cache
def _head(url: str) -> bytes:
    parts = urlsplit(url)
    return (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
    ).encode()


def form_request(url: str, body: bytes) -> bytes:
    """A form POST as it goes over the wire, keep-alive."""
    return b"%b%d\r\n\r\n%b" % (_head(url), len(body), body)


def _one_client(
    address: tuple[str, int], make: Make, expect: bytes, client: int, seconds: float
) -> tuple[list[float], int]:
    """One connection, one request after another until the time is up."""
    took: list[float] = []
    wrong = count = 0
    with socket.create_connection(address) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            wire.sendall(make(client, count))
            answer = _read_answer(wire)
            took.append((time.perf_counter() - began) * 1000)
            wrong += expect not in answer
            count += 1
    return took, wrong


def _read_answer(wire: socket.socket) -> bytes:
    """One HTTP/1.1 answer with a Content-Length."""
    got = wire.recv(65536)
    while b"\r\n\r\n" not in got:
        got += wire.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += wire.recv(65536)
    return head + body


def run(url: str, make: Make, *, expect: bytes, clients: int, seconds: float) -> Load:
    """Drives `url` with so many connections for so many seconds."""
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    with ProcessPoolExecutor(clients, mp_context=get_context("fork")) as pool:
        runs = [
            pool.submit(_one_client, address, make, expect, client, seconds)
            for client in range(clients)
        ]
        results = [one.result() for one in runs]
    took = [one for times, _wrong in results for one in times]
    return Load(len(took) / seconds, took, sum(wrong for _times, wrong in results))
