"""Fetches the photos that people send, from the networks alone, and reads the codes in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.telegram_line import TelegramLine
from core.clock import Deadline
from core.errors import PlatformError
from core.message import Inbound
from core.platform.wire import Wire
from core.qr.scan import LARGEST, read_code

SECONDS: Final = 8.0
"""For fetching one photo in all."""

_log = structlog.get_logger("chat")


class Photos(Protocol):
    """Fetches one network's photos."""

    def fetch(self, name: str) -> bytes | None:
        """The photo; None where it is too large, or not to be had."""


@dataclass(frozen=True, slots=True)
class PhotoScans:
    """Implements `core.scans.Scans`. Photos are looked at in memory, and never stored or logged."""

    photos: Mapping[str, Photos]
    """By provider."""

    def read(self, inbound: Inbound) -> str:
        photos = self.photos.get(inbound.provider)
        if photos is None or inbound.picture is None:
            return ""
        fetched = photos.fetch(inbound.picture)
        code = read_code(fetched) if fetched else ""
        outcome = "not fetched" if fetched is None else "read" if code else "no code"
        _log.info("photo", provider=inbound.provider, outcome=outcome)
        return code


@dataclass(frozen=True, slots=True)
class TelegramPhotos:
    """Photos by Telegram's id for a file."""

    line: TelegramLine

    def fetch(self, name: str) -> bytes | None:
        async def get(bot: Bot) -> bytes | None:
            file = await bot.get_file(name)
            if file.file_path is None or (file.file_size or 0) > LARGEST:
                return None
            return await bot.request.retrieve(file.file_path, read_timeout=SECONDS)

        try:
            return self.line.ask(get, patience=SECONDS)
        except TelegramError:
            return None


@dataclass(frozen=True, slots=True)
class LinkedPhotos:
    """Photos by their address, fetched only from hosts that an operator has named.

    `hosts`: `example.vn` (https, on it and below it), or a whole origin such as
    `http://127.0.0.1:8080`. Redirects are not followed: they could lead anywhere.
    """

    hosts: Collection[str]
    wire: Wire = field(default_factory=lambda: Wire("photos", size_limit=LARGEST), repr=False)

    def fetch(self, name: str) -> bytes | None:
        if not self.allowed(name):
            return None
        try:
            raw = self.wire.send(
                "GET", name, headers={}, content=None, deadline=Deadline.after(SECONDS)
            )
        except PlatformError:
            return None
        return raw.body if raw.status == 200 else None

    def allowed(self, address: str) -> bool:
        """Is it on a host of the network's?"""
        try:
            parts = urlsplit(address)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self.hosts:
            return True
        named = any(host == one or host.endswith(f".{one}") for one in self.hosts if one)
        return parts.scheme == "https" and port in (None, 443) and named
