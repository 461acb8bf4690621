"""Whose photos are fetched to read the codes in them: of each network that is set up for it."""

from __future__ import annotations

from bot import telegram, zalo, zalobot
from bot.photos import LinkedPhotos, Photos, PhotoScans, TelegramPhotos
from bot.telegram_line import TelegramLine
from gateway.settings import Settings


def photo_scans(settings: Settings, line: TelegramLine | None) -> PhotoScans:
    """By provider; a network that is not there has its photos answered in words."""
    photos: dict[str, Photos] = {}
    if line is not None:
        photos[telegram.PROVIDER] = TelegramPhotos(line)
    if settings.zalo_photo_hosts:
        linked = LinkedPhotos(settings.zalo_photo_hosts)
        photos |= {zalo.PROVIDER: linked, zalobot.PROVIDER: linked}
    return PhotoScans(photos)
