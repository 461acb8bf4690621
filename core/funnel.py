"""How far people get: what happened at each step of each dialogue, counted without anybody's name."""

from __future__ import annotations

from functools import cache
from typing import Literal

from prometheus_client import Counter

from core.message import Channel
from core.session import Talk

Happening = Literal["reached", "answered", "misunderstood", "abandoned", "dropped"]
"""Shown; answered; something said that is no answer; left for something else; hung up on."""

MOST_QUESTIONS = 200
"""Questions of forms are counted by name up to so many names: forms come from outside."""

OTHER_QUESTION = "q.other"

_steps = Counter(
    "motcua_steps",
    "Steps of the dialogues, by what people did there",
    ["dialogue", "step", "channel", "language", "outcome"],
)
_questions: set[str] = set()


def count(happening: Happening, talk: Talk, channel: Channel, language: str) -> None:
    """Counts it for the step at which this talk stands."""
    _counted(talk.dialogue, _named(talk.step), channel, language, happening).inc()


def _named(step: str) -> str:
    """The name of the step as the metric has it."""
    if not step.startswith("q."):
        return step
    if step not in _questions and len(_questions) >= MOST_QUESTIONS:
        return OTHER_QUESTION
    _questions.add(step)
    return step


@cache
def _counted(dialogue: str, step: str, channel: str, language: str, happening: str) -> Counter:
    return _steps.labels(dialogue, step, channel, language, happening)
