"""``python -m gateway web``: granian serving the web application from one or more processes."""

import importlib
from collections.abc import Callable
from typing import Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from gateway.processes import die_with_parent
from gateway.settings import Settings, load

APPLICATION = "gateway.wsgi"
STOP_SECONDS = 4


@click.command("web")
def command() -> None:
    """Answer HTTP requests."""
    serve(load())


def serve(settings: Settings, application: str = APPLICATION) -> None:
    """Serve until told to stop.

    Args:
        settings: where to listen, and with how many processes and threads.
        application: the module that holds the WSGI application ``app``.
    """
    server = MPServer(
        target=application,
        address=settings.listen_host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels(settings.log_level),
    )
    server.serve(target_loader=_load, wrap_loader=True)


def _load(application: str) -> Callable[..., Any]:
    """Import the application in the process that will serve it, after the fork.

    Pools and threads must not cross a fork, and a worker must not outlive its master.
    """
    die_with_parent()
    app: Callable[..., Any] = importlib.import_module(application).app
    return app
