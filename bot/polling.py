"""Fetches updates from Telegram where no webhook can be reached; otherwise the same as the webhook."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

import structlog
from telegram.error import (
    Conflict,
    EndPointNotFound,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.network import Remark
from bot.reception import Reception
from bot.telegram import ALLOWED_UPDATES, update_id
from bot.telegram_errors import alarm, seconds, words
from bot.telegram_line import TelegramLine

WAIT: Final = 30
"""Seconds Telegram may keep us waiting for the next update."""

LONGEST_PAUSE: Final = 60.0

_log = structlog.get_logger("telegram")


class Polling:
    """Takes updates one after the other. What is not stored is fetched again."""

    def __init__(
        self,
        line: TelegramLine,
        reception: Reception,
        *,
        stop: threading.Event,
        wait: int = WAIT,
        first_pause: float = 1.0,
    ) -> None:
        self._line = line
        self._reception = reception
        self._stop = stop
        self._wait = wait
        self._first_pause = first_pause
        self._offset: int | None = None
        self._failures = 0

    def run(self) -> None:
        """Polls until `stop` is set. Raises InvalidToken: with a wrong token there is no hope."""
        while not self._stop.is_set():
            try:
                for update in self._fetch():
                    self._take(update)
            except TimedOut:
                continue
            except (InvalidToken, EndPointNotFound) as error:
                alarm(error)
                raise
            except TelegramError as error:
                self._rest(error)
            except Exception as error:  # noqa: BLE001  (whatever ails the store, Telegram keeps it for us)
                self._pause(type(error).__name__)
            else:
                self._failures = 0

    def _fetch(self) -> list[Any]:
        """The next updates, as Telegram wrote them.

        Spelt in small letters because python-telegram-bot's own `getUpdates` throws the whole batch
        away when it cannot read one of them; Telegram takes either.
        """
        asked = {"timeout": self._wait, "allowed_updates": list(ALLOWED_UPDATES)}
        if self._offset is not None:
            asked["offset"] = self._offset
        updates = self._line.ask(
            lambda bot: bot.do_api_request(
                "getupdates", api_kwargs=asked, read_timeout=self._wait + 10.0
            ),
            patience=self._wait + 20.0,
        )
        return updates if isinstance(updates, list) else []

    def _take(self, update: object) -> None:
        """Stores one update and only then moves on, so that nothing is lost on the way."""
        number = update_id(update)
        if number is None or not isinstance(update, Mapping):
            return
        remark = self._reception.take(update)
        self._offset = number + 1
        if remark is not None:
            self._say(remark)

    def _say(self, remark: Remark) -> None:
        try:
            self._line.ask(
                lambda bot: bot.send_message(remark.chat, remark.said.to(remark.language))
            )
        except TelegramError as error:
            _log.warning("telegram_remark_failed", error=words(error))

    def _rest(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            alarm(error)
        asked = seconds(error.retry_after) if isinstance(error, RetryAfter) else None
        self._pause(words(error), asked)

    def _pause(self, error: str, asked: float | None = None) -> None:
        """Longer after every failure in a row, unless Telegram says how long."""
        pause = min(self._first_pause * 2**self._failures, LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 10)
        _log.warning("telegram_polling_failed", error=error, pause=asked or pause)
        self._stop.wait(asked if asked is not None else pause)
