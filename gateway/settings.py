"""Reads the gateway's settings from the environment, and refuses in one line what cannot be right.

In development whatever secret is missing is made once and kept (``gateway/development.py``); next
to a running ``make run`` a command joins it and uses its servers (``gateway/beside.py``).
"""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError as EnvironmentUnreadable

from gateway.beside import join_run
from gateway.database_url import sqlalchemy_url
from gateway.development import development_values
from gateway.field_keys import ring_of
from gateway.settings_campaigns import CampaignSettings
from gateway.settings_channels import (
    UNSIGNED_PROVIDERS,
    AfricasTalkingSettings,
    EsmsSettings,
    InfobipSettings,
    KannelSettings,
    SpeedSmsSettings,
    TwilioSettings,
    UnsignedProviderSettings,
    UssdSettings,
)
from gateway.settings_chats import TelegramSettings, ZaloBotSettings, ZaloSettings
from gateway.settings_checks import (
    SettingsError,
    complaint,
    refuse_development_keys,
    refuse_half_set,
    refuse_missing,
    refuse_unknown,
)
from gateway.settings_entrances import addresses, of_aggregators, path_secrets
from gateway.settings_groups import (
    Group,
    SecretSettings,
    ServerSettings,
    ServiceSettings,
)
from gateway.settings_httpsms import HttpSmsSettings
from gateway.settings_httpsms import read as read_described
from gateway.settings_names import known_names
from gateway.settings_notices import NoticeSettings
from gateway.settings_outbox import OutboxSettings
from gateway.settings_platform import PlatformSettings
from gateway.settings_talks import TalkSettings
from gateway.settings_ussd import KannelUssdSettings
from sms.providers.httpsms_spec import WrongSetting

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
    CampaignSettings,
    NoticeSettings,
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
        return ring_of(self.field_keys.get_secret_value())

    def path_secret(self, provider: str) -> str | None:
        """The last part of the address this provider calls; None: the address does not exist."""
        secret = self.path_secrets.get(provider)
        return secret.get_secret_value() if secret else None


GROUPS = tuple(base for base in reversed(Settings.__bases__) if issubclass(base, Group))
"""As `docs/settings.md` lists them."""


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
    refuse_unknown(os.environ, set(known_names(GROUPS, os.environ)))
    settings = _read(os.environ)
    if settings.in_development:
        settings = _with_made_up_secrets(settings)
        needed: tuple[str, ...] = ()
    else:
        refuse_development_keys(settings)
        needed = ("secret_key", "field_keys")
    refuse_missing(settings, (*needed, *(("database_url", "redis_url") if servers else ())))
    refuse_half_set(settings)
    _ = settings.field_key_ring
    return settings


def _read(environ: Mapping[str, str]) -> Settings:
    try:
        described = read_described(environ, RESERVED)
        return Settings(
            httpsms=described,
            path_secrets=path_secrets(environ),
            addresses=addresses(environ),
            ussd_pages=of_aggregators(environ, "PAGE"),
            ussd_patiences=of_aggregators(environ, "PATIENCE"),
        )
    except WrongSetting as error:
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        raise SettingsError(complaint(error, Settings.model_fields)) from None
    except EnvironmentUnreadable as error:
        raise SettingsError(str(error).splitlines()[0]) from None


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
