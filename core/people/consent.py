"""What a person has agreed to, in the very words that they were shown."""

from __future__ import annotations

from dataclasses import dataclass

from core.message import Channel


@dataclass(frozen=True, slots=True)
class Consent:
    """One "yes": explicit and for one purpose, as Law 91/2025/QH15 asks.

    `wording` is the sentence as it was shown, in `language`, without any personal data in it:
    a later dispute is about these words, not about today's catalogue.
    """

    purpose: str
    wording: str
    language: str
    channel: Channel
