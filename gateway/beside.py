"""How a command started next to a running ``make run`` joins it: one lock and one private file.

``make run`` holds the lock while it lives and leaves the environment it gives its processes in
``run.json``; a command that is told of no servers of its own takes that environment over.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from gateway.development import write_private
from gateway.locks import is_held

LOCK_NAME = "run.lock"
FILE_NAME = "run.json"


class AlreadyRunning(Exception):
    """Another ``make run`` uses the same directory."""


@contextmanager
def sole_run(var: Path) -> Iterator[None]:
    """Hold the directory for this process alone.

    Raises:
        AlreadyRunning: another process holds it; the text names its process id.
    """
    var.mkdir(parents=True, exist_ok=True)
    with (var / LOCK_NAME).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        (var / FILE_NAME).unlink(missing_ok=True)
        try:
            yield
        finally:
            (var / FILE_NAME).unlink(missing_ok=True)


def leave_environment(var: Path, environment: Mapping[str, str]) -> None:
    """Leave the environment of this run's processes for commands that want to join."""
    write_private(var / FILE_NAME, json.dumps(dict(environment), indent=2) + "\n")


def join_run(environ: MutableMapping[str, str]) -> None:
    """Add the environment of the ``make run`` that is running here to ours, if we have no servers.

    A name that is set already stays as it is.
    """
    if environ.get("MOTCUA_ENV") == "production":
        return
    if environ.get("DATABASE_URL") or environ.get("REDIS_URL"):
        return
    var = Path(environ.get("MOTCUA_VAR") or "var")
    if not is_held(var / LOCK_NAME):
        return
    try:
        left = json.loads((var / FILE_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    for name, value in left.items():
        if not environ.get(name):
            environ[name] = value
