"""How a channel speaks: screens go in, pages of its own size come out."""

from __future__ import annotations

from typing import Protocol

from core.message import Channel, Page, Screen


class Voice(Protocol):
    """How one channel puts a screen into its own words and size."""

    @property
    def channel(self) -> Channel:
        """The channel it speaks on."""

    @property
    def patience(self) -> float:
        """Seconds within which the person must have an answer."""

    @property
    def keywords(self) -> bool:
        """May a dialogue be started by its word at any time? (Not on USSD, where numbers are typed.)"""

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        """The screen as one page or several; nothing is dropped, options keep their number."""
