"""How we speak on each channel, by the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot import voices as chat_voices
from bot.voice import ChatVoice
from core.message import Network
from core.voice import Voice
from gateway.settings import Settings
from sms.texts import SmsVoice
from sms.whatsapp import WhatsAppVoice
from ussd.pages import UssdVoice


@dataclass(frozen=True, slots=True)
class Voices:
    """One voice for each channel, and one for each chat network."""

    ussd: UssdVoice
    sms: SmsVoice
    chat: Mapping[Network, ChatVoice]
    whatsapp: WhatsAppVoice

    @property
    def by_network(self) -> dict[str, Voice]:
        """Those of all chats, by the name of their network."""
        return {"whatsapp": self.whatsapp} | {str(name): one for name, one in self.chat.items()}


def voices_of(settings: Settings) -> Voices:
    """The voices of a house by these settings."""
    return Voices(
        ussd=UssdVoice(patience=settings.patience_ussd),
        sms=SmsVoice(patience=settings.patience_sms),
        chat=chat_voices.voices(settings.patience_chat),
        whatsapp=WhatsAppVoice(
            patience=settings.patience_chat, pictures=settings.twilio_whatsapp_qr_image
        ),
    )


def news_voices(settings: Settings, voices: Voices) -> dict[Network, Voice]:
    """In which voice news is written, by network.

    It comes when it comes, mostly after WhatsApp's window has closed: there it takes a template.
    """
    whatsapp: dict[Network, Voice] = {"whatsapp": voices.whatsapp}
    closed = not settings.twilio_whatsapp_content_sid
    return {"phone": voices.sms, **voices.chat, **({} if closed else whatsapp)}
