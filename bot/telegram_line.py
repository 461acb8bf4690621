"""The line to Telegram's Bot API: one event loop on one thread, which any thread may speak through.

python-telegram-bot binds its connections to the loop that first used them, so a Bot must live on a
single loop that never ends. The thread starts when it is first needed, in whichever process that
is: a thread does not survive a fork.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import TimedOut
from telegram.request import HTTPXRequest

Result = TypeVar("Result")
Request = Callable[[Bot], Coroutine[Any, Any, Result]]

API_URL: Final = "https://api.telegram.org"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class TelegramLine:
    """Asks the Bot API from ordinary threads. Thread-safe."""

    def __init__(
        self,
        token: str,
        *,
        api_url: str = API_URL,
        patience: float = 30.0,
        read_seconds: float = 10.0,
    ) -> None:
        self.bot_id = token.partition(":")[0]
        self._token = token
        self._url = api_url.rstrip("/")
        self._patience = patience
        self._read_seconds = read_seconds
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bot: Bot | None = None
        self._process = 0
        _keep_token_out_of_logs()

    def ask(self, request: Request[Result], *, patience: float | None = None) -> Result:
        """Runs `request` on the loop and waits for its result.

        Raises telegram.error.TelegramError; TimedOut after `patience` seconds in all.
        """
        loop, bot = self._open()
        waiting = asyncio.run_coroutine_threadsafe(request(bot), loop)
        try:
            return waiting.result(self._patience if patience is None else patience)
        except (TimeoutError, CancelledError):
            waiting.cancel()
            raise TimedOut from None

    def close(self) -> None:
        """Hangs up; the next `ask` opens the line again."""
        with self._lock:
            loop, bot, process = self._loop, self._bot, self._process
            self._loop = self._bot = None
        if loop is None or bot is None or process != os.getpid():
            return
        asyncio.run_coroutine_threadsafe(bot.request.shutdown(), loop).result(self._patience)
        loop.call_soon_threadsafe(loop.stop)

    def _open(self) -> tuple[asyncio.AbstractEventLoop, Bot]:
        with self._lock:
            if self._loop is None or self._bot is None or self._process != os.getpid():
                self._loop = asyncio.new_event_loop()
                self._bot = self._make_bot()
                self._process = os.getpid()
                threading.Thread(
                    target=_run, args=(self._loop,), name="telegram-line", daemon=True
                ).start()
            return self._loop, self._bot

    def _make_bot(self) -> Bot:
        # A server on this machine is never behind the proxy that the environment may name.
        trust_env = urlsplit(self._url).hostname not in _LOOPBACK
        request = HTTPXRequest(
            connection_pool_size=64,
            read_timeout=self._read_seconds,
            write_timeout=self._read_seconds,
            connect_timeout=5.0,
            pool_timeout=5.0,
            httpx_kwargs={"trust_env": trust_env},
        )
        return Bot(
            self._token,
            base_url=f"{self._url}/bot",
            base_file_url=f"{self._url}/file/bot",
            request=request,
            get_updates_request=request,
        )


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _keep_token_out_of_logs() -> None:
    """httpx logs every address, and Telegram's hold the token; the Bot's own log quotes messages."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
