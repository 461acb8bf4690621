"""Finds providers that are set up by half: what is missing would only show with the first message."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr

NEEDED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "twilio_account_sid": (("twilio_from", "twilio_messaging_service_sid"),),
    "twilio_whatsapp_from": (("twilio_account_sid",),),
    "twilio_whatsapp_content_sid": (("twilio_whatsapp_from",),),
    "esms_api_key": (("esms_secret_key",), ("esms_brandname",)),
    "speedsms_token": (("speedsms_from",),),
    "infobip_api_key": (("infobip_api_url",), ("infobip_from",)),
    "africastalking_api_key": (("africastalking_username",),),
    "junebug_url": (("junebug_channel",),),
}
"""Where the first is set, one of each group must be."""


def half_set(settings: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each setting that needs another one, and which of them would do."""
    for setting, groups in NEEDED.items():
        if not _is_set(settings, setting):
            continue
        for group in groups:
            if not any(_is_set(settings, one) for one in group):
                yield setting, group


def _is_set(settings: Any, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
