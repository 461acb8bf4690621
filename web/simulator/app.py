"""Puts the simulator together: the page, and the providers it stands in for."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint
from redis import Redis

from core.clock import Clock
from web.simulator import networks, page
from web.simulator.bot_api import BotApi
from web.simulator.handset import Handset
from web.simulator.people import SandboxPeople
from web.simulator.post import Poster
from web.simulator.requests import Lines, Networks
from web.simulator.threads import Threads


@dataclass(frozen=True, slots=True)
class StandIns:
    """What the gateway proves itself with to the providers that the simulator plays."""

    bot_token: str = field(repr=False)
    kannel_username: str
    kannel_password: str = field(repr=False)
    zalo_token: str = field(default="", repr=False)


def blueprints(
    *,
    lines: Lines,
    reach: str,
    redis: Redis,
    clock: Clock,
    short_number: str,
    officer_key: str,
    secret: str,
    sandbox: str | None = None,
    stand_ins: StandIns | None = None,
) -> tuple[Blueprint, ...]:
    """Everything below `/simulator`; register it only where the setting allows it.

    `reach` is where this very server listens, `secret` signs the page's token, `sandbox` is whose
    people are listed. Without `stand_ins` the providers are real ones, and nothing is played.
    """
    threads = Threads(redis)
    poster = Poster(reach)

    def seconds() -> float:
        return clock().timestamp()

    handset = Handset(
        networks=Networks(lines, clock),
        poster=poster,
        threads=threads,
        bot_api=BotApi(threads, seconds),
        short_number=short_number,
    )
    people = SandboxPeople(sandbox)
    shown = page.blueprint(
        handset=handset, people=people, poster=poster, officer_key=officer_key, secret=secret
    )
    if stand_ins is None:
        return (shown,)
    played = networks.blueprint(
        threads=threads,
        poster=poster,
        bot_token=stand_ins.bot_token,
        kannel_username=stand_ins.kannel_username,
        kannel_password=stand_ins.kannel_password,
        now=seconds,
        zalo_token=stand_ins.zalo_token,
    )
    return (shown, played)
