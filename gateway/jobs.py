"""Periodic work on procrastinate: once each time, however many workers there are."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import structlog
from procrastinate import App, PsycopgConnector

from core.store.database import Database
from core.store.upkeep import Upkeep

_log = structlog.get_logger()

_HANDS = 4
_STALLED_SECONDS = 30
_CLOCK_WAS_SET = 5.0
"""Seconds by which the time of day may part from the time that passes."""


class Jobs:
    """One procrastinate worker in a thread. Periodic jobs run once, however many workers there are."""

    def __init__(
        self,
        database: Database,
        upkeep: Upkeep,
        watch: Callable[[], None] = lambda: None,
        tell: Callable[[], object] = lambda: None,
        feed: Callable[[], object] = lambda: None,
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`watch` is one look at what has changed on the platforms, `tell` one round of telling
        other systems what became of their messages; either may take a while. `feed` gives the
        outbox the next slice of every campaign. `wall` is the time of day, in seconds.
        """
        self._database = database
        self._upkeep = upkeep
        self._watch = watch
        self._feed = feed
        self._tell = tell
        self._wall = wall

    def run(self, stopping: threading.Event, stop_seconds: float) -> None:
        """Works until `stopping` is set; comes back by itself when PostgreSQL went away."""
        pause = 0.5
        while not stopping.is_set():
            try:
                asyncio.run(self._until(stopping, stop_seconds))
                pause = 0.5
            except Exception as error:  # noqa: BLE001  (PostgreSQL is away: try again later)
                _log.warning("jobs: trouble", error=type(error).__name__)
            if not stopping.is_set():
                stopping.wait(pause)
                pause = min(pause * 2, 5.0)

    async def _until(self, stopping: threading.Event, stop_seconds: float) -> None:
        app = self.app()
        async with app.open_async():
            work = asyncio.create_task(
                app.run_worker_async(
                    concurrency=_HANDS,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=stop_seconds,
                    delete_jobs="successful",
                    # Jobs for later, and those of dead workers, are not notified.
                    fetch_job_polling_interval=1.0,
                )
            )
            began = self._wall() - time.monotonic()
            while not work.done() and not stopping.is_set():
                await asyncio.wait([work], timeout=0.2)
                if abs(self._wall() - time.monotonic() - began) > _CLOCK_WAS_SET:
                    # Periodic jobs are counted from the last one: after a step back nothing would
                    # be due until then, after one ahead every job of the days left out.
                    _log.warning("jobs: the clock was set")
                    break
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    def app(self) -> App:
        """A fresh procrastinate app, connected to nothing yet, with all our tasks."""
        connector = PsycopgConnector(
            conninfo=self._database.libpq_url, min_size=1, max_size=_HANDS, timeout=5.0
        )
        app = App(connector=connector)

        @app.periodic(cron="* * * * * */20")
        @app.task(name="sweep", queueing_lock="sweep", queue="upkeep")
        async def sweep(timestamp: int) -> None:
            await asyncio.to_thread(self._upkeep.expire)
            for job in await app.job_manager.get_stalled_jobs(
                seconds_since_heartbeat=_STALLED_SECONDS
            ):
                await app.job_manager.retry_job(job)

        @app.periodic(cron="17 * * * *")
        @app.task(name="forget", queueing_lock="forget", queue="upkeep")
        async def forget(timestamp: int) -> None:
            await asyncio.to_thread(self._upkeep.mend)
            await asyncio.to_thread(self._upkeep.forget)
            await app.job_manager.delete_old_jobs(nb_hours=72, include_failed=True)

        @app.periodic(cron="* * * * * */5")
        @app.task(name="watch", queueing_lock="watch", lock="watch", queue="upkeep")
        async def watch(timestamp: int) -> None:
            # One at a time everywhere: two slow looks would take every hand there is.
            await asyncio.to_thread(self._watch)

        @app.periodic(cron="* * * * * */2")
        @app.task(name="tell", queueing_lock="tell", lock="tell", queue="upkeep")
        async def tell(timestamp: int) -> None:
            await asyncio.to_thread(self._tell)

        @app.periodic(cron="* * * * * */2")
        @app.task(name="feed", queueing_lock="feed", queue="upkeep")
        async def feed(timestamp: int) -> None:
            # No lock: a campaign is in one worker's hands by its row, and a dead worker lets go of
            # it at once, where its job would hold a lock until it is found stalled.
            await asyncio.to_thread(self._feed)

        return app
