"""Who carries our messages: a sender for every provider that is set up, the preferred one first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot import zalo
from bot import zalobot as bots
from bot.budget import ONE_CHAT, OVERALL
from bot.telegram import PROVIDER
from bot.telegram_send import TelegramSender
from bot.zalo_send import ZaloSender
from bot.zalobot import ZaloBotSender
from core.clock import now
from core.outbox.budget import Rate
from core.outbox.ports import Sender
from core.store.budget import RedisBudget
from gateway import ussd_lines, zalo_parts
from gateway.settings import Settings
from gateway.wiring import House
from sms.providers.africastalking_sender import AfricasTalkingSender
from sms.providers.esms_sender import EsmsSender
from sms.providers.httpsms_sender import DescribedSender
from sms.providers.infobip_sender import InfobipSender
from sms.providers.kannel_sender import KannelSender
from sms.providers.speedsms_sender import SpeedSmsSender
from sms.providers.twilio_sender import TwilioSender

ONE_PERSON = Rate(2.0, 5)
"""Messages a second to one person on Zalo. The limit is ours: no page of Zalo's names one."""


def senders(house: House) -> tuple[Sender, ...]:
    """One for each provider with settings; a provider without them is simply not there."""
    made = (
        _kannel(house),
        _esms(house.settings),
        _speedsms(house.settings),
        *_described(house.settings),
        _twilio(house),
        _infobip(house.settings),
        _africastalking(house.settings),
        _zalo(house),
        zalobot(house),
        _telegram(house),
        *ussd_lines.senders(house.settings),
    )
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
        messaging_service_sid=settings.twilio_messaging_service_sid,
        whatsapp_sender=settings.twilio_whatsapp_from,
        whatsapp_template=settings.twilio_whatsapp_content_sid,
        picture=house.pictures.address_of,
    )


def _esms(settings: Settings) -> Sender | None:
    key = settings.esms_api_key.get_secret_value()
    if not key:
        return None
    return EsmsSender(
        api_key=key,
        secret_key=settings.esms_secret_key.get_secret_value(),
        brandname=settings.esms_brandname,
        public_url=settings.base_url,
        path_secret=settings.path_secret(EsmsSender.provider),
        api_url=settings.esms_api_url,
    )


def _speedsms(settings: Settings) -> Sender | None:
    token = settings.speedsms_token.get_secret_value()
    if not token:
        return None
    return SpeedSmsSender(
        token=token,
        sender=settings.speedsms_from,
        sms_type=settings.speedsms_sms_type,
        api_url=settings.speedsms_api_url,
    )


def _infobip(settings: Settings) -> Sender | None:
    key = settings.infobip_api_key.get_secret_value()
    if not key:
        return None
    return InfobipSender(
        api_url=settings.infobip_api_url,
        api_key=key,
        sender=settings.infobip_from,
        public_url=settings.base_url,
        path_secret=settings.path_secret(InfobipSender.provider),
        version=settings.infobip_sms_version,
    )


def _africastalking(settings: Settings) -> Sender | None:
    key = settings.africastalking_api_key.get_secret_value()
    if not key:
        return None
    return AfricasTalkingSender(
        username=settings.africastalking_username,
        api_key=key,
        sender=settings.africastalking_from,
        api_url=settings.africastalking_api_url,
    )


def _described(settings: Settings) -> Iterator[Sender]:
    """Those that settings alone describe, in the order of the list."""
    for name, spec in settings.httpsms.items():
        if spec.outward is not None:
            yield DescribedSender(
                spec, public_url=settings.base_url, path_secret=settings.path_secret(name)
            )


def _telegram(house: House) -> Sender | None:
    if house.telegram is None:
        return None
    return TelegramSender(
        house.telegram,
        notes=house.notes,
        blind=house.vault.blind,
        budget=RedisBudget(house.redis, PROVIDER, OVERALL, ONE_CHAT),
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


def pace(settings: Settings, provider: str) -> Rate | None:
    """How fast a chat network lets us send, whatever `MOTCUA_RATES` says; None for all others."""
    rates = {
        PROVIDER: OVERALL,
        zalo.PROVIDER: _in_a_minute(settings.zalo_per_minute),
        bots.PROVIDER: _in_a_minute(settings.zalobot_per_minute),
    }
    return rates.get(provider)


def _by_the_minute(house: House, name: str, most: int) -> RedisBudget:
    """So many a minute."""
    return RedisBudget(house.redis, name, _in_a_minute(most), ONE_PERSON)


def _in_a_minute(most: int) -> Rate:
    """So many; at once, what falls into ten seconds."""
    return Rate(most / 60, max(1, most // 6))
