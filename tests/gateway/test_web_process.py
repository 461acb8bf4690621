"""The web process: answers, comes back when killed, and none of its processes outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import psutil
import pytest

from gateway.ports import answers, free_port
from tests.conftest import ROOT

SERVE = "from gateway.settings import Settings; from gateway.web_process import serve; import sys; "
SERVE += "serve(Settings(env='development', port=int(sys.argv[1])), 'tests.gateway.stand_in_app')"


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 15
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A web process with one worker, and its address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], cwd=ROOT)
    eventually(lambda: answers(f"http://127.0.0.1:{port}/"))
    yield process, f"http://127.0.0.1:{port}/"
    process.kill()
    process.wait()


def who_answers(url: str) -> tuple[int, int]:
    with build_opener(ProxyHandler({})).open(url, timeout=5) as response:
        own, parent = response.read().split()
    return int(own), int(parent)


def test_a_worker_that_is_killed_comes_back(web: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = web
    worker, master = who_answers(url)
    assert master == process.pid
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: answers(url))
    assert who_answers(url)[0] != worker


def test_its_workers_end_with_it(web: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = web
    worker = psutil.Process(who_answers(url)[0])
    process.kill()
    process.wait()
    eventually(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


def test_it_stops_quickly_when_told(web: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = web
    worker = psutil.Process(who_answers(url)[0])
    process.terminate()
    assert process.wait(6) == 0
    assert not worker.is_running()
