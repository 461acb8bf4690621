"""``make run``: everything on one machine, from the database to the worker, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import click

from gateway import ready
from gateway.beside import AlreadyRunning, leave_environment, sole_run
from gateway.kept_servers import KeeperFailed, KeptServers
from gateway.ports import LOOPBACK, free_port, is_free
from gateway.run_plans import SANDBOX, Plans, gateway_plans, sandbox_plan, sandbox_settings
from gateway.run_screen import RunScreen
from gateway.settings import GROUPS, Settings, load
from gateway.settings_names import known_names
from gateway.supervisor import DidNotStart, Supervisor

LOOK_SECONDS = 0.2
START_SECONDS = 90.0
# What each embedded server is called on the screen, and the setting that replaces it.
SERVERS = {"postgres": ("PostgreSQL", "DATABASE_URL"), "valkey": ("Valkey", "REDIS_URL")}


class ToldToStop(BaseException):
    """A signal asked us to stop: not an error, and for ``Run`` alone to catch."""


class CannotRun(Exception):
    """Something that is needed failed; the text says what."""


@click.command("run")
def command() -> None:
    """Start everything on this machine: servers, sandbox, web and worker."""
    os.environ.setdefault("MOTCUA_ENV", "development")
    settings = load(servers=False, join=False)
    if not settings.in_development:
        raise click.ClickException(
            "`run` is for development; in production start what the Procfile names."
        )
    sys.exit(run(settings, RunScreen()))


def run(settings: Settings, screen: RunScreen, *, plans: Plans = gateway_plans) -> int:
    """Run everything until told to stop, and return the exit status.

    Args:
        settings: what the environment says.
        screen: where progress is shown.
        plans: our own processes, ``web`` and ``worker`` among them.
    """
    if settings.port == 0:
        settings = settings.model_copy(update={"port": free_port()})
    elif not is_free(settings.port, host=settings.listen_host):
        screen.failed(
            f"Port {settings.port} is busy, perhaps with another `make run`: stop that program, "
            f"or choose another port with `PORT={settings.port + 1} make run`."
        )
        return 1
    try:
        with sole_run(settings.var_directory):
            return Run(settings, screen, plans).until_told_to_stop()
    except AlreadyRunning as other:
        screen.failed(
            f"`make run` is already running here (process {other}): stop it, or give this one "
            "its own directory with `MOTCUA_VAR=var2 make run`."
        )
        return 1


class Run:
    """One run: what was started, and the addresses found on the way."""

    def __init__(self, settings: Settings, screen: RunScreen, plans: Plans) -> None:
        """Args:
        settings: those of this run, with a port that is free.
        screen: where progress is shown.
        plans: our own processes.
        """
        self._plans = plans
        self._settings = settings
        self._screen = screen
        self._var = settings.var_directory
        self._supervisor = Supervisor(self._var / "log", on_death=screen.died)
        self._kept: KeptServers | None = None
        self._sandbox: str | None = None
        self._environment = dict(os.environ) | {
            "MOTCUA_ENV": settings.env,
            "MOTCUA_VAR": str(self._var),
            "PORT": str(settings.port),
        }

    def until_told_to_stop(self) -> int:
        """Start all, keep all running, stop all; returns the exit status."""
        status = 0
        with _signals_raise(ToldToStop), ExitStack() as in_the_end:
            try:
                self._start(in_the_end)
                self._keep_running()
            except ToldToStop:
                self._screen.stopping()
            except (CannotRun, DidNotStart, KeeperFailed) as error:
                self._screen.failed(str(error))
                status = 1
        self._screen.stopped()
        return status

    def _start(self, in_the_end: ExitStack) -> None:
        ready.remove(self._var)  # one left by a run that was killed would be a lie
        in_the_end.callback(self._stop_servers)
        self._ask_for_servers()
        in_the_end.callback(self._supervisor.stop)
        if not self._settings.platform_fhir_url:
            port = free_port()
            self._sandbox = f"http://{LOOPBACK}:{port}"
            self._environment |= sandbox_settings(self._sandbox)
            self._supervisor.start(sandbox_plan(self._settings, port))
        if self._kept is not None:
            self._take_addresses(self._kept)
        self._migrate()
        for plan in self._plans(self._settings, self._environment):
            self._supervisor.start(plan)
        if self._sandbox is not None:
            self._wait(SANDBOX, f"sandbox with {self._settings.sandbox_people:,} people")
        self._wait("web", "web")
        self._wait("worker", "worker")
        in_the_end.callback(ready.remove, self._var)
        self._tell()
        self._screen.where_to_look(self._settings, sandbox=self._sandbox)

    def _ask_for_servers(self) -> None:
        wanted = tuple(
            name for name, (_, setting) in SERVERS.items() if not os.environ.get(setting)
        )
        if wanted:
            self._kept = KeptServers(self._var, only=wanted)

    def _take_addresses(self, kept: KeptServers) -> None:
        def say(name: str, _address: str) -> None:
            self._screen.ready(SERVERS[name][0])

        for name, address in kept.addresses(say).items():
            self._environment[SERVERS[name][1]] = address

    def _migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "migrate"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotRun(f"The database could not be migrated:\n{done.stderr.strip()[-2000:]}")
        self._screen.ready("migrated")

    def _wait(self, name: str, title: str) -> None:
        self._supervisor.wait_healthy(name, seconds=START_SECONDS)
        self._screen.ready(title)

    def _tell(self) -> None:
        """Write down where everything is, for scripts and for commands that want to join."""
        known = known_names(GROUPS, self._environment)
        ours = {name: self._environment[name] for name in known if self._environment.get(name)}
        leave_environment(self._var, ours)
        settings = self._settings.model_copy(
            update={
                "database_url": self._environment["DATABASE_URL"],
                "redis_url": self._environment["REDIS_URL"],
            }
        )
        pids = self._supervisor.pids
        ready.write(self._var, ready.facts(settings, sandbox=self._sandbox, pids=pids))

    def _keep_running(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            if self._kept is not None and not self._kept.is_alive():
                self._start_servers_again()
            if self._supervisor.tend():
                self._tell()

    def _start_servers_again(self) -> None:
        before = dict(self._environment)
        self._ask_for_servers()
        if self._kept is not None:
            self._take_addresses(self._kept)
        if self._environment != before:
            raise CannotRun("The servers came back at other addresses; start `make run` again.")

    def _stop_servers(self) -> None:
        if self._kept is not None:
            self._kept.stop()


@contextmanager
def _signals_raise(what: type[BaseException]) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal raise this once; the next one ends us at once.

    What we started ends with us even then: the kernel tells it (``gateway/processes.py``).
    """

    def first(_number: int, _frame: FrameType | None) -> None:
        for name in names:
            signal.signal(name, lambda *_: os._exit(1))
        raise what

    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, first) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
