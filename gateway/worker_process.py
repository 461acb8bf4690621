"""``python -m gateway worker``: the worker of this house."""

from __future__ import annotations

import click

from core.notices.ports import PROVIDER
from gateway import campaign_parts, counting, logs, wiring
from gateway.memory import settle
from gateway.outbound import conduct, teller
from gateway.processes import die_with_parent
from gateway.senders import senders
from gateway.settings import load
from gateway.worker import Worker
from gateway.zalo_parts import Tending


@click.command("worker")
def command() -> None:
    """Send what is due and finish what was late."""
    die_with_parent()
    settings = load()
    logs.set_up(settings)
    counting.share(settings.metrics_directory)
    house = wiring.build(settings)

    carriers = senders(house)
    tending = None if house.zalo_tokens is None else Tending(house.zalo_tokens)

    def watch() -> None:
        """One look at the platforms, and at what else must not be forgotten."""
        try:
            house.talks.close_stale()
            house.events.watch.step()
        finally:
            if tending is not None:
                tending.step()

    hearing = house.hearing
    worker = Worker(
        database=house.database,
        inbox=house.inbox,
        outbox=house.outbox,
        deferred=house.deferred,
        upkeep=house.upkeep,
        handlers={
            **dict.fromkeys(hearing.voices, hearing.hear),
            PROVIDER: house.events.news.hear,
        },
        watch=watch,
        feed=campaign_parts.build(house, carriers=lambda: carriers).feed.step,
        tell=teller(house).round,
        senders=carriers,
        conduct=conduct(house, carriers),
        outbox_hands=settings.send_hands,
        deferred_handler=hearing.finish,
        give_up=hearing.give_up,
        sorry=hearing.sorry,
    )
    settle()
    worker.run()
