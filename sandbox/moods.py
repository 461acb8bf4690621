"""How each platform feels: well, slow, refusing, talking nonsense, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal, get_args

from sandbox.clock import Clock

Platform = Literal["fhir", "qrqg"]
MoodName = Literal[
    "well", "slow", "drip", "429", "500", "503", "garbage", "wrong", "huge", "down", "unauthorised"
]

PLATFORMS: tuple[Platform, ...] = get_args(Platform)
MOODS: tuple[MoodName, ...] = get_args(MoodName)
LONGEST_MOOD = 86_400
"""Seconds a mood may last, and an answer be delayed."""


@dataclass(frozen=True, slots=True)
class Mood:
    """`delay` is in seconds: until the answer (slow), between two bytes (drip), Retry-After (429)."""

    name: MoodName = "well"
    delay: float = 0.0
    until: datetime | None = None


DELAYS: dict[MoodName, float] = {"slow": 8.0, "drip": 0.2, "429": 2.0, "503": 2.0}
"""The delay of a mood for which none was given, in seconds."""


class Moods:
    """The present mood of both platforms; one that was given a duration passes by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moods: dict[Platform, Mood] = {platform: Mood() for platform in PLATFORMS}
        self._lock = Lock()

    def now(self, platform: Platform) -> Mood:
        """The mood at this moment."""
        with self._lock:
            mood = self._moods[platform]
            if mood.until and self._clock() >= mood.until:
                mood = self._moods[platform] = Mood()
            return mood

    def put(
        self, platform: Platform, name: MoodName, *, seconds: float, delay: float | None
    ) -> Mood:
        """Sets the mood, for so many seconds or (0) until it is changed."""
        until = self._clock() + timedelta(seconds=seconds) if seconds else None
        mood = Mood(name, DELAYS.get(name, 0.0) if delay is None else delay, until)
        with self._lock:
            self._moods[platform] = mood
        return mood
