"""What a campaign has sent lately, and whether that fared so badly that the rest may not follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from core.campaigns.campaign import Stretch
from core.campaigns.changes import Canary

PARTS: Final = 20
"""Stretches of the time that is watched."""


def with_more(lately: Sequence[Stretch], more: Stretch, canary: Canary) -> tuple[Stretch, ...]:
    """With what went out just now, and without what is no longer of lately."""
    last = lately[-1] if lately else None
    if last is not None and more.at < last.at + timedelta(seconds=canary.watch) / PARTS:
        return (*lately[:-1], _joined(last, more))
    return _of_lately((*lately, more), more.at, canary)


def in_all(lately: Sequence[Stretch]) -> Stretch:
    """All of it as one. There must be some."""
    whole, *more = lately
    for one in more:
        whole = _joined(whole, one)
    return whole


def _joined(one: Stretch, two: Stretch) -> Stretch:
    return replace(
        one,
        out=one.out + two.out,
        first=min(one.first, two.first),
        last=max(one.last, two.last),
        message=min(one.message, two.message),
    )


def _of_lately(found: Sequence[Stretch], now: datetime, canary: Canary) -> tuple[Stretch, ...]:
    """A slow campaign is watched for longer: of a few messages nothing can be said."""
    kept: list[Stretch] = []
    since, number = now - timedelta(seconds=canary.watch), 0
    for one in reversed(found):
        if one.at < since and number >= canary.least:
            break
        kept.append(one)
        number += one.out
    return tuple(reversed(kept))
