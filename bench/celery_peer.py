"""Celery on Redis doing the same posts, from an environment of its own: no requirement of ours."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.sending import TEXT

_TASKS = """
import json, sys, threading
import pycurl
from celery import Celery

app = Celery("peer", broker="{redis}")
app.conf.worker_prefetch_multiplier = 4
app.conf.task_ignore_result = True
mine = threading.local()


@app.task(acks_late=True)
def send(name, to, text):
    if not hasattr(mine, "curl"):
        mine.curl = pycurl.Curl()
        mine.curl.setopt(pycurl.NOSIGNAL, 1)
        mine.curl.setopt(pycurl.URL, "{url}")
        mine.curl.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json"])
    said = json.dumps({{"id": name, "to": to, "text": text}}).encode()
    mine.curl.setopt(pycurl.POSTFIELDS, said)
    json.loads(mine.curl.perform_rb())


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        send.delay(f"{{number:036}}", f"+849{{number:08}}", {text!r})
"""


@contextmanager
def installed() -> Iterator[Path | None]:
    """A folder with Celery in an environment of its own; None when it could not be installed."""
    with tempfile.TemporaryDirectory(prefix="motcua-celery-") as folder:
        python = f"{folder}/venv/bin/python"
        made = subprocess.run([sys.executable, "-m", "venv", f"{folder}/venv"], check=False)
        wanted = ["celery>=5,<6", "redis>=5,<7", "pycurl>=7.49,<8", "packaging"]
        pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *wanted]
        ready = not made.returncode and not subprocess.run(pip, check=False).returncode
        yield Path(folder) if ready else None


def rate(
    folder: Path, redis_url: str, url: str, count: int, how: str, measure: Callable[[], float]
) -> float:
    """Messages a second at the company, by a worker with these arguments.

    All jobs wait before the worker starts; each is acknowledged when it is done, so that a worker
    which dies loses none: as near as it comes to what ours promises.
    """
    python = f"{folder}/venv/bin/python"
    tasks = _TASKS.format(redis=redis_url, url=url, text=TEXT)
    (folder / "peer.py").write_text(tasks, encoding="utf-8")
    subprocess.run([python, "peer.py", str(count)], cwd=folder, check=True)
    command = [python, "-m", "celery", "-A", "peer", "worker", "-l", "error", *how.split()]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet) as worker:
        try:
            return measure()
        finally:
            for one in psutil.Process(worker.pid).children(recursive=True):
                one.kill()
            worker.kill()
