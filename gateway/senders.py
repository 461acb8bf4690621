"""Who carries our messages: a sender for every provider that is set up, the preferred one first."""

from __future__ import annotations

from datetime import timedelta

from bot import zalo
from bot import zalobot as bots
from bot.budget import Rate, RedisBudget
from bot.telegram import PROVIDER
from bot.telegram_send import TelegramSender
from bot.zalo_send import ZaloSender
from bot.zalobot import ZaloBotSender
from core.clock import now
from core.outbox.ports import Sender
from gateway import zalo_parts
from gateway.wiring import House
from sms.providers.kannel_sender import KannelSender
from sms.providers.twilio_sender import TwilioSender

ONE_PERSON = Rate(2.0, 5)
"""Messages a second to one person on Zalo. The limit is ours: no page of Zalo's names one."""


def senders(house: House) -> tuple[Sender, ...]:
    """One for each provider with settings; a provider without them is simply not there."""
    made = (_kannel(house), _twilio(house), _zalo(house), zalobot(house), _telegram(house))
    return tuple(one for one in made if one is not None)


def _kannel(house: House) -> Sender | None:
    settings = house.settings
    secret = settings.path_secret("kannel")
    if not settings.kannel_url or secret is None:
        return None
    return KannelSender(
        url=settings.kannel_url,
        username=settings.kannel_username,
        password=settings.kannel_password.get_secret_value(),
        sender=settings.kannel_from,
        public_url=settings.base_url,
        path_secret=secret,
    )


def _twilio(house: House) -> Sender | None:
    settings = house.settings
    if not settings.twilio_account_sid:
        return None
    return TwilioSender(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        sender=settings.twilio_from,
        public_url=settings.base_url,
        api_url=settings.twilio_api_url,
    )


def _telegram(house: House) -> Sender | None:
    if house.telegram is None:
        return None
    return TelegramSender(
        house.telegram,
        notes=house.notes,
        blind=house.vault.blind,
        budget=RedisBudget(house.redis, PROVIDER),
    )


def _zalo(house: House) -> Sender | None:
    settings = house.settings
    if house.zalo is None:
        return None
    return ZaloSender(
        house.zalo,
        notes=house.notes,
        blind=house.vault.blind,
        budget=_by_the_minute(house, zalo.PROVIDER, settings.zalo_per_minute),
        windows=house.windows,
        clock=now,
        pictures=house.pictures if settings.zalo_qr_image else None,
        templates=zalo_parts.templates(settings),
        phone_of=house.chats.phone_of,
        window=timedelta(days=settings.zalo_paid_days),
    )


def zalobot(house: House) -> ZaloBotSender | None:
    """The sender to Zalo's bot platform; None without a token."""
    settings = house.settings
    token = settings.zalobot_token.get_secret_value()
    if not token:
        return None
    return ZaloBotSender(
        token,
        notes=house.notes,
        blind=house.vault.blind,
        budget=_by_the_minute(house, bots.PROVIDER, settings.zalobot_per_minute),
        api_url=settings.zalobot_api_url,
        pictures=house.pictures if settings.zalo_qr_image else None,
    )


def _by_the_minute(house: House, name: str, most: int) -> RedisBudget:
    """So many a minute; at once, what falls into ten seconds."""
    return RedisBudget(house.redis, name, Rate(most / 60, max(1, most // 6)), ONE_PERSON)
