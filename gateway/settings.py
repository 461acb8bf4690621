"""Reads the gateway's settings from the environment, and refuses in one line what cannot be right.

In development whatever secret is missing is made once and kept (``gateway/development.py``); next
to a running ``make run`` a command joins it and uses its servers (``gateway/beside.py``).
"""

import base64
import binascii
import difflib
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError as EnvironmentUnreadable

from gateway.beside import join_run
from gateway.database_url import sqlalchemy_url
from gateway.development import development_values
from gateway.settings_campaigns import CampaignSettings
from gateway.settings_channels import (
    OF_AGGREGATORS,
    PAGED_USSD,
    UNSIGNED_PROVIDERS,
    AfricasTalkingSettings,
    EsmsSettings,
    InfobipSettings,
    KannelSettings,
    SpeedSmsSettings,
    TelegramSettings,
    TwilioSettings,
    UnsignedProviderSettings,
    UssdSettings,
    ZaloBotSettings,
    ZaloSettings,
)
from gateway.settings_checks import half_set
from gateway.settings_entrances import addresses, of_aggregators, path_secrets
from gateway.settings_groups import (
    Group,
    PlatformSettings,
    SecretSettings,
    ServerSettings,
    ServiceSettings,
)
from gateway.settings_httpsms import HttpSmsSettings
from gateway.settings_httpsms import hint as described_hint
from gateway.settings_httpsms import known_names as described_names
from gateway.settings_httpsms import read as read_described
from gateway.settings_notices import NoticeSettings
from gateway.settings_outbox import OutboxSettings
from gateway.settings_talks import TalkSettings
from gateway.settings_ussd import KannelUssdSettings
from sms.providers.httpsms_spec import WrongSetting

PREFIX = "MOTCUA_"
GROUPS: tuple[type[Group], ...] = (
    ServerSettings,
    SecretSettings,
    ServiceSettings,
    TalkSettings,
    PlatformSettings,
    OutboxSettings,
    NoticeSettings,
    CampaignSettings,
    TelegramSettings,
    ZaloSettings,
    ZaloBotSettings,
    TwilioSettings,
    KannelSettings,
    KannelUssdSettings,
    UssdSettings,
    EsmsSettings,
    SpeedSmsSettings,
    InfobipSettings,
    AfricasTalkingSettings,
    HttpSmsSettings,
    UnsignedProviderSettings,
)
RESERVED = frozenset((*UNSIGNED_PROVIDERS, "twilio", "telegram", "zalo", "zalobot", "whatsapp"))
"""Names that a described provider cannot have."""
MADE_UP_IN_DEVELOPMENT = (
    "secret_key",
    "field_keys",
    "officer_key",
    "operator_key",
    "hook_secret",
    "telegram_webhook_secret",
    "twilio_auth_token",
    "zalo_oa_secret",
    "zalobot_webhook_secret",
)
FIELD_KEY_BYTES = 32


class SettingsError(Exception):
    """A setting is missing, unknown or wrong; the text is one line and says what to do."""


class Settings(
    UnsignedProviderSettings,
    HttpSmsSettings,
    AfricasTalkingSettings,
    InfobipSettings,
    SpeedSmsSettings,
    EsmsSettings,
    UssdSettings,
    KannelUssdSettings,
    KannelSettings,
    TwilioSettings,
    ZaloBotSettings,
    ZaloSettings,
    TelegramSettings,
    NoticeSettings,
    CampaignSettings,
    OutboxSettings,
    PlatformSettings,
    TalkSettings,
    ServiceSettings,
    SecretSettings,
    ServerSettings,
):
    """Everything an operator can set, read once when a process starts."""

    @property
    def in_development(self) -> bool:
        """Whether missing secrets are made up and development aids are on."""
        return self.env == "development"

    @property
    def simulator_on(self) -> bool:
        """Whether the handset at ``/simulator`` is served."""
        return self.in_development if self.simulator is None else self.simulator

    @property
    def events(self) -> Literal["push", "poll", "off"]:
        """How we learn what has changed on the health platform; where there is none, not at all."""
        if not self.platform_fhir_url:
            return "off"
        return self.platform_events or ("push" if self.in_development else "poll")

    @property
    def listen_host(self) -> str:
        """Address the web process listens on."""
        return self.host or ("127.0.0.1" if self.in_development else "0.0.0.0")

    @property
    def base_url(self) -> str:
        """Address under which the world reaches the gateway, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def var_directory(self) -> Path:
        """``MOTCUA_VAR`` as an absolute path."""
        return Path(self.var).absolute()

    @property
    def metrics_directory(self) -> Path:
        """Where the processes of this machine count together."""
        return self.var_directory / "metrics"

    @property
    def sqlalchemy_url(self) -> str:
        """``DATABASE_URL`` as SQLAlchemy takes it (``postgresql+psycopg://``)."""
        return sqlalchemy_url(self.database_url)

    @cached_property
    def field_key_ring(self) -> tuple[tuple[str, bytes], ...]:
        """The field keys as (id, 32 bytes), newest first.

        Raises:
            SettingsError: the list is not ``id:base64`` pairs of 32 bytes each.
        """
        parts = [part.strip() for part in self.field_keys.get_secret_value().split(",")]
        ring = tuple(_field_key(part) for part in parts if part)
        if len({key_id for key_id, _ in ring}) != len(ring):
            raise SettingsError("MOTCUA_FIELD_KEYS: two keys have the same id")
        return ring

    def path_secret(self, provider: str) -> str | None:
        """The last part of the address this provider calls; None: the address does not exist."""
        secret = self.path_secrets.get(provider)
        return secret.get_secret_value() if secret else None


def load(*, servers: bool = True, join: bool = True) -> Settings:
    """Read the settings from the environment, once, when a process starts.

    Args:
        servers: whether ``DATABASE_URL`` and ``REDIS_URL`` must be known.
        join: whether a command started next to a running ``make run`` takes over its environment.

    Raises:
        SettingsError: something is missing, unknown or wrong.
    """
    if join:
        join_run(os.environ)
    refuse_unknown(os.environ)
    try:
        described = read_described(os.environ, RESERVED)
        settings = Settings(
            httpsms=described,
            path_secrets=path_secrets(os.environ),
            addresses=addresses(os.environ),
            ussd_pages=of_aggregators(os.environ, "PAGE"),
            ussd_patiences=of_aggregators(os.environ, "PATIENCE"),
        )
    except WrongSetting as error:
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None
    except EnvironmentUnreadable as error:
        raise SettingsError(str(error).splitlines()[0]) from None
    if settings.in_development:
        settings = _with_made_up_secrets(settings)
        missing = _missing(settings, ("database_url", "redis_url") if servers else ())
    else:
        _refuse_development_keys(settings)
        needed = ("secret_key", "field_keys", "database_url", "redis_url")
        missing = _missing(settings, needed if servers else needed[:2])
    if missing:
        raise SettingsError(
            f"{', '.join(missing)}: not set. Set {'it' if len(missing) == 1 else 'them'} for "
            "production (docs/settings.md), or start `make run` here to try things out."
        )
    for name, either_of in half_set(settings):
        either = " or ".join(f"{PREFIX}{one.upper()}" for one in either_of)
        raise SettingsError(f"{either}: not set, and {PREFIX}{name.upper()} needs it")
    _ = settings.field_key_ring
    return settings


def environment_name(field_name: str, field: FieldInfo) -> str:
    """The environment variable a field is read from."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else PREFIX + field_name.upper()


def known_names(environ: Mapping[str, str]) -> Iterator[str]:
    """Every environment variable the gateway reads; those of described providers are listed there."""
    for group in GROUPS:
        if group is not UnsignedProviderSettings:
            for name in group.__annotations__:
                yield environment_name(name, group.model_fields[name])
    for provider in UNSIGNED_PROVIDERS:
        yield f"{PREFIX}{provider.upper()}_PATH_SECRET"
        yield f"{PREFIX}{provider.upper()}_ADDRESSES"
    for provider in PAGED_USSD:
        yield from (f"{PREFIX}{provider.upper()}_{what}" for what in OF_AGGREGATORS.values())
    yield from described_names(environ)


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """Refuse a ``MOTCUA_`` name nobody reads: a mistyped setting must not be silently ignored.

    Raises:
        SettingsError: naming it, and the closest known name.
    """
    known = set(known_names(environ))
    for name in sorted(environ):
        if name.upper().startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.5)
            usual = f"did you mean {close[0]}?" if close else "see docs/settings.md"
            hint = described_hint(name, environ) or usual
            raise SettingsError(f"{name} is not a setting: {hint}")


def _with_made_up_secrets(settings: Settings) -> Settings:
    wanted = [
        name for name in MADE_UP_IN_DEVELOPMENT if not getattr(settings, name).get_secret_value()
    ]
    unsigned = (*UNSIGNED_PROVIDERS, *settings.httpsms)
    unset = [provider for provider in unsigned if provider not in settings.path_secrets]
    made = development_values(
        settings.var_directory, secrets=[*wanted, *(f"{name}_path_secret" for name in unset)]
    )
    update: dict[str, object] = {name: SecretStr(made[name]) for name in wanted}
    update["path_secrets"] = {
        **settings.path_secrets,
        **{name: SecretStr(made[f"{name}_path_secret"]) for name in unset},
    }
    if not settings.zalo_app_id:
        update["zalo_app_id"] = "100000000000000001"
    return settings.model_copy(update=update)


def _missing(settings: Settings, names: tuple[str, ...]) -> tuple[str, ...]:
    def is_empty(value: object) -> bool:
        return not (value.get_secret_value() if isinstance(value, SecretStr) else value)

    return tuple(
        environment_name(name, Settings.model_fields[name])
        for name in names
        if is_empty(getattr(settings, name))
    )


def _refuse_development_keys(settings: Settings) -> None:
    for name in ("officer_key", "operator_key"):
        if getattr(settings, name).get_secret_value():
            raise SettingsError(
                f"{PREFIX}{name.upper()} is for development: in production make a key with "
                "`python -m gateway keys`"
            )
    if 0 < len(settings.secret_key.get_secret_value()) < FIELD_KEY_BYTES:
        raise SettingsError("MOTCUA_SECRET_KEY is too short: give it 32 random characters or more")


def _field_key(part: str) -> tuple[str, bytes]:
    key_id, _, encoded = part.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not key_id or len(key) != FIELD_KEY_BYTES:
        raise SettingsError(
            "MOTCUA_FIELD_KEYS: each key must be `id:base64` of 32 bytes; "
            "`openssl rand -base64 32` makes one"
        )
    return key_id, key


def _one_line(error: ValidationError) -> str:
    """The first complaint, with the environment's name for the field and without the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place, one = (*map(str, first["loc"]), "", "")[:2]
    if place in OF_AGGREGATORS:
        return f"{PREFIX}{one.upper()}_{OF_AGGREGATORS[place]}: {first['msg']}"
    field = Settings.model_fields.get(place)
    return f"{environment_name(place, field) if field else place}: {first['msg']}"
