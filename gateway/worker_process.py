"""``python -m gateway worker``: the worker of this house."""

from __future__ import annotations

import click

from core.notices.ports import PROVIDER
from gateway import logs, wiring
from gateway.outbound import conduct
from gateway.processes import die_with_parent
from gateway.senders import senders
from gateway.settings import load
from gateway.worker import Worker


@click.command("worker")
def command() -> None:
    """Send what is due and finish what was late."""
    die_with_parent()
    settings = load()
    logs.set_up(settings)
    house = wiring.build(settings)

    carriers = senders(house)
    hearing = house.hearing
    Worker(
        database=house.database,
        inbox=house.inbox,
        outbox=house.outbox,
        deferred=house.deferred,
        upkeep=house.upkeep,
        handlers={
            **dict.fromkeys(hearing.voices, hearing.hear),
            PROVIDER: house.events.news.hear,
        },
        watch=house.events.watch.step,
        senders=carriers,
        conduct=conduct(house, carriers),
        outbox_hands=settings.send_hands,
        deferred_handler=hearing.finish,
        give_up=hearing.give_up,
        sorry=hearing.sorry,
    ).run()
