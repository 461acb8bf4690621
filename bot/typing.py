"""Shows "typing…" in a chat whose answer takes longer than a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.telegram import PROVIDER
from bot.telegram_line import TelegramLine
from core.message import Inbound

AFTER: Final = 1.0
"""Seconds: whoever is answered sooner would only see it flicker."""

AGAIN: Final = 4.5
"""Telegram shows it for five seconds."""

Show = Callable[[str], None]
"""Shows it once in the chat of this address; never raises."""


@dataclass(frozen=True, slots=True)
class Typing:
    """Shows it on those networks that have such a thing, by provider."""

    shows: Mapping[str, Show] = field(default_factory=dict)
    after: float = AFTER
    again: float = AGAIN

    @contextmanager
    def while_answering(self, inbound: Inbound) -> Iterator[None]:
        """Shown while the block runs, from `after` seconds on."""
        show = self.shows.get(inbound.provider)
        if show is None:
            yield
            return
        answered = threading.Event()
        threading.Thread(
            target=self._show, args=(show, inbound.address.value, answered), daemon=True
        ).start()
        try:
            yield
        finally:
            answered.set()

    def _show(self, show: Show, chat: str, answered: threading.Event) -> None:
        wait = self.after
        while not answered.wait(wait):
            show(chat)
            wait = self.again


def on_telegram(line: TelegramLine) -> Mapping[str, Show]:
    """Telegram's way."""

    def show(chat: str) -> None:
        try:
            line.ask(lambda bot: bot.send_chat_action(int(chat), ChatAction.TYPING), patience=3.0)
        except (TelegramError, ValueError):
            return  # the answer counts, not its trimmings

    return {PROVIDER: show}
