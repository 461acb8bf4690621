"""An operator's USSD link through Kannel: how it is heard, how it is spoken to, by the settings."""

from __future__ import annotations

from collections.abc import Mapping

from core.message import Channel
from core.outbox.ports import Sender
from core.voice import Voice
from gateway.settings import Settings
from sms.providers.kannel_sender import Carried, KannelSender
from ussd.aggregators.kannel import Kannel
from ussd.pages import UssdVoice, on_one_page
from ussd.smpp import Dialect

PROVIDER = "kannel-ussd"
"""Who carried it, in our records; the addresses and secrets are those of `kannel`."""

TAKEN_OR_REFUSED = 24
"""Reports that need no receipt of the network's: a USSD centre has none to give."""


def aggregator(settings: Settings) -> Kannel:
    """What smsbox's calls are read and answered by."""
    return Kannel(service_code=settings.service_code, dialect=_dialect(settings))


def voices(settings: Settings) -> Mapping[str, Voice]:
    """How we speak on that link."""
    patience = settings.kannel_ussd_patience or settings.patience_ussd
    return {Kannel.name: UssdVoice(limit=settings.kannel_ussd_limit, patience=patience)}


def sender(settings: Settings) -> Sender | None:
    """Shows people what they have not dialled for; None where the settings name no link for it."""
    secret = settings.path_secret(Kannel.name)
    if not (settings.kannel_url and settings.kannel_ussd_smsc and secret):
        return None
    dialect = _dialect(settings)

    def fields(text: str) -> Mapping[str, str]:
        return {"smsc": settings.kannel_ussd_smsc, "meta-data": dialect.notice(text)}

    return KannelSender(
        url=settings.kannel_url,
        username=settings.kannel_username,
        password=settings.kannel_password.get_secret_value(),
        sender=settings.kannel_ussd_from or settings.kannel_from,
        public_url=settings.base_url,
        path_secret=secret,
        carried=Carried(
            name=PROVIDER,
            channel=Channel.USSD,
            fields=fields,
            fits=lambda text: on_one_page(text, settings.kannel_ussd_limit),
            reports=TAKEN_OR_REFUSED,
        ),
    )


def _dialect(settings: Settings) -> Dialect:
    return Dialect(
        dialled=settings.kannel_ussd_op_dialled,
        over=frozenset(settings.kannel_ussd_ops_over),
        ask=settings.kannel_ussd_op_ask,
        end=settings.kannel_ussd_op_end,
        notify=settings.kannel_ussd_op_notify,
        session=settings.kannel_ussd_session,
        end_bit=settings.kannel_ussd_end_bit,
        numbered=settings.kannel_ussd_numbered,
        data_coding=settings.kannel_ussd_data_coding,
    )
