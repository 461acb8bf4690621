"""Refuses, in one line, settings that are unknown, missing, wrong, or set up by half."""

import difflib
from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from gateway.settings_channels import OF_AGGREGATORS
from gateway.settings_groups import SecretSettings
from gateway.settings_httpsms import hint as described_hint
from gateway.settings_names import PREFIX, environment_name

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

SHORTEST_SECRET: Final = 32
"""Characters of `MOTCUA_SECRET_KEY`."""


class SettingsError(Exception):
    """A setting is missing, unknown or wrong; the text is one line and says what to do."""


def refuse_unknown(environ: Mapping[str, str], known: Set[str]) -> None:
    """Refuse a ``MOTCUA_`` name nobody reads: a mistyped setting must not be silently ignored.

    Raises:
        SettingsError: naming it, and the closest known name.
    """
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.5)
            usual = f"did you mean {close[0]}?" if close else "see docs/settings.md"
            hint = described_hint(name, environ) or usual
            raise SettingsError(f"{name} is not a setting: {hint}")


def refuse_missing(settings: BaseSettings, names: tuple[str, ...]) -> None:
    """Refuse to go on without these.

    Args:
        names: of fields.

    Raises:
        SettingsError: naming, as the environment does, all that are not set.
    """
    fields = type(settings).model_fields
    missing = [
        environment_name(name, fields[name]) for name in names if not _is_set(settings, name)
    ]
    if missing:
        raise SettingsError(
            f"{', '.join(missing)}: not set. Set {'it' if len(missing) == 1 else 'them'} for "
            "production (docs/settings.md), or start `make run` here to try things out."
        )


def refuse_half_set(settings: BaseSettings) -> None:
    """Refuse a provider that is set up by half: it would only show with the first message.

    Raises:
        SettingsError: naming what is missing, and what needs it.
    """
    for name, either_of in _half_set(settings):
        either = " or ".join(f"{PREFIX}{one.upper()}" for one in either_of)
        raise SettingsError(f"{either}: not set, and {PREFIX}{name.upper()} needs it")


def refuse_development_keys(settings: SecretSettings) -> None:
    """Refuse, in production, keys that everybody may know or guess.

    Raises:
        SettingsError: naming the key.
    """
    for name in ("officer_key", "operator_key"):
        if getattr(settings, name).get_secret_value():
            raise SettingsError(
                f"{PREFIX}{name.upper()} is for development: in production make a key with "
                "`python -m gateway keys`"
            )
    if 0 < len(settings.secret_key.get_secret_value()) < SHORTEST_SECRET:
        raise SettingsError("MOTCUA_SECRET_KEY is too short: give it 32 random characters or more")


def complaint(error: ValidationError, fields: Mapping[str, FieldInfo]) -> str:
    """The first complaint, with the environment's name for the field and without the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place, one = (*map(str, first["loc"]), "", "")[:2]
    if place in OF_AGGREGATORS:
        return f"{PREFIX}{one.upper()}_{OF_AGGREGATORS[place]}: {first['msg']}"
    field = fields.get(place)
    return f"{environment_name(place, field) if field else place}: {first['msg']}"


def _half_set(settings: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
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
