"""Who carries our messages: a sender for every provider that is set up, the preferred one first."""

from __future__ import annotations

from bot.budget import ONE_CHAT, OVERALL
from bot.telegram import PROVIDER
from bot.telegram_send import TelegramSender
from core.outbox.ports import Sender
from core.store.budget import RedisBudget
from gateway.wiring import House
from sms.providers.kannel_sender import KannelSender
from sms.providers.twilio_sender import TwilioSender


def senders(house: House) -> tuple[Sender, ...]:
    """One for each provider with settings; a provider without them is simply not there."""
    made = (_kannel(house), _twilio(house), _telegram(house))
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
        budget=RedisBudget(house.redis, PROVIDER, OVERALL, ONE_CHAT),
    )
