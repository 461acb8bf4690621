"""What each mood is called on the page, and what it does."""

from __future__ import annotations

from sandbox.moods import MoodName

MOOD_WORDS: dict[MoodName, tuple[str, str]] = {
    "well": ("Well", "answers at once"),
    "slow": ("Slow", "does the work, answers after 8 s"),
    "drip": ("Drip", "a byte every 0.2 s"),
    "429": ("429", "too many requests; Retry-After 2 s"),
    "500": ("500", "something broke"),
    "503": ("503", "not now; Retry-After 2 s"),
    "garbage": ("Broken JSON", "half an answer"),
    "wrong": ("Wrong resource", "JSON of the wrong kind"),
    "huge": ("Huge", "an answer of 20 MB"),
    "down": ("Down", "hangs up without a word"),
    "unauthorised": ("Wrong token", "401, whatever the token"),
}
