"""Starts programs by others for a test, waits for what they do, and ends them again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import randrange
from typing import TypeVar

import httpx2

from gateway.ports import is_free

SOON = 20.0
QUIET = (20_000, 30_000)

T = TypeVar("T")


def start(
    command: Sequence[str], directory: Path, in_the_end: ExitStack
) -> subprocess.Popen[bytes]:
    """A program until the end of the test, its words in `<its name>.log` there."""
    written = directory / f"{Path(command[0]).name}.log"
    with written.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=directory
        )

    def stop() -> None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    in_the_end.callback(stop)
    return process


@contextmanager
def running_node(script: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server on Node until the block ends, and its port, which it prints first."""
    process = subprocess.Popen(
        ["node", script.name, *arguments],
        cwd=script.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


def quiet_port() -> int:
    """A free port outside of those that the system gives to whoever connects: it will still be free
    when a program that is told of it first, or again, comes to listen there."""
    return next(port for port in iter(lambda: randrange(*QUIET), None) if is_free(port))


def read(url: str) -> str:
    """What is served there; nothing while nobody serves."""
    try:
        return httpx2.get(url, timeout=2).text
    except httpx2.HTTPError:
        return ""


def until(done: Callable[[], T], or_else: str, seconds: float = SOON) -> T:
    """What `done` gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < deadline, or_else
        time.sleep(0.05)
    return found
