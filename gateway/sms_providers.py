"""The providers of texts that may call us: one of each, set up or not."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.settings import Settings
from gateway.settings_channels import UNSIGNED_SMS
from sms.providers.africastalking import AfricasTalking
from sms.providers.esms import Esms
from sms.providers.httpsms import DescribedProvider
from sms.providers.infobip import Infobip
from sms.providers.kannel import Kannel
from sms.providers.port import Provider
from sms.providers.repeats import Repeats
from sms.providers.speedsms import SpeedSms
from sms.providers.twilio import Picture, Twilio


def providers(settings: Settings, picture: Picture | None = None) -> list[Provider]:
    """All of them; one that neither signs nor has a path secret has no address.

    `picture` gives the address of a QR's picture, for those that show one.
    """
    ours = our_senders(settings)
    made: list[Provider] = [
        Kannel(ours=ours),
        Esms(),
        SpeedSms(repeats=_repeats(settings, SpeedSms.name), ours=ours),
        Infobip(ours=ours),
        AfricasTalking(ours=ours),
        *(
            DescribedProvider(spec, repeats=_repeats(settings, name), ours=ours)
            for name, spec in settings.httpsms.items()
        ),
    ]
    if token := settings.twilio_auth_token.get_secret_value():
        made.append(
            Twilio(auth_token=token, public_url=settings.base_url, ours=ours, picture=picture)
        )
    return made


def names(settings: Settings) -> tuple[str, ...]:
    """All of them, by the names under which what they bring is kept."""
    return (Twilio.name, *UNSIGNED_SMS, *settings.httpsms)


def secrets(settings: Settings) -> Mapping[str, str]:
    """The path secrets of those that sign nothing."""
    unsigned = (*UNSIGNED_SMS, *settings.httpsms)
    return {name: settings.path_secret(name) or "" for name in unsigned}


def our_senders(settings: Settings) -> tuple[str, ...]:
    """Our own names and numbers: texts from them are never answered."""
    described = (spec.outward.sender for spec in settings.httpsms.values() if spec.outward)
    every = (
        *settings.sms_senders,
        settings.twilio_from,
        settings.kannel_from,
        settings.esms_brandname,
        settings.speedsms_from,
        settings.infobip_from,
        settings.africastalking_from,
        *described,
    )
    return tuple(dict.fromkeys(sender for sender in every if sender))


def _repeats(settings: Settings, name: str) -> Repeats:
    return Repeats(f"{name} {settings.secret_key.get_secret_value()}")
