"""A process that keeps the embedded servers for another one, and stops them when that one ends.

``python -m gateway.keeper --directory D --for PID`` prints one JSON object a line as each server
becomes ready (``{"postgres": "<address>"}``) and lives until it is told to stop or until process
PID is gone, however that happened: so no server is ever left behind. A server that dies meanwhile
is started again.
"""

import json
import os
import select
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import click
import psutil

from gateway.servers import Postgres, Server, ServerNotStarted, Valkey

LOOK_SECONDS = 0.5
MAKERS: dict[str, Callable[..., Server]] = {"postgres": Postgres, "valkey": Valkey}


@click.command()
@click.option("--directory", type=click.Path(path_type=Path), required=True)
@click.option("--for", "owner", type=int, required=True, help="Live as long as this process.")
@click.option("--only", type=click.Choice(list(MAKERS)), multiple=True, default=list(MAKERS))
@click.option("--throw-away", is_flag=True, help="Wait for no disk, and remove the directory.")
def main(directory: Path, owner: int, only: tuple[str, ...], throw_away: bool) -> None:
    """Start the servers, say where they are, keep them, stop them."""
    awake, waker = os.pipe()
    os.set_blocking(waker, False)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: os.write(waker, b"."))
    servers = {name: MAKERS[name](directory / name, forgetful=throw_away) for name in only}
    try:
        _start(servers)
        _keep(servers, awake, owner)
    except ServerNotStarted as error:
        print(json.dumps({"error": str(error)}), flush=True)
        sys.exit(1)
    finally:
        for server in servers.values():
            server.stop()
        if throw_away:
            shutil.rmtree(directory, ignore_errors=True)


def _start(servers: dict[str, Server]) -> None:
    """Start all at the same time, and print each address as soon as it is known."""
    with ThreadPoolExecutor(len(servers)) as pool:
        starting = {pool.submit(server.start): name for name, server in servers.items()}
        for done in as_completed(starting):
            print(json.dumps({starting[done]: done.result()}), flush=True)


def _keep(servers: dict[str, Server], told_to_stop: int, owner: int) -> None:
    """Return when told to stop or when the owner is gone; a server that dies is started again."""
    watched = [told_to_stop, *_end_of(owner)]
    while psutil.pid_exists(owner) and not select.select(watched, [], [], LOOK_SECONDS)[0]:
        for server in servers.values():
            if not server.is_alive():
                server.start()


def _end_of(owner: int) -> list[int]:
    """What becomes readable when the owner ends, where the system has such a thing (Linux)."""
    try:
        return [os.pidfd_open(owner)]
    except (AttributeError, OSError):
        return []


if __name__ == "__main__":
    main()
