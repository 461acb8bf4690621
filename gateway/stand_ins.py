"""In development, providers that are not set up are played by the simulator."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import SecretStr

from gateway.ports import LOOPBACK
from gateway.settings import Settings
from web.simulator.app import StandIns

KANNEL_USER = "simulator"
SHORT_NUMBER = "1022"


def here(settings: Settings) -> str:
    """Where this machine reaches the web process."""
    return f"http://{LOOPBACK}:{settings.port}"


def with_stand_ins(settings: Settings) -> tuple[Settings, StandIns | None]:
    """The settings with the simulator in the place of Kannel, Telegram and Zalo, where unset.

    Nothing is played when the simulator is off, or in production.
    """
    if not (settings.in_development and settings.simulator_on):
        return settings, None
    changes: dict[str, object] = {}
    if not settings.kannel_url:
        changes |= {
            "kannel_url": f"{here(settings)}/simulator/kannel/cgi-bin/sendsms",
            "kannel_username": KANNEL_USER,
            "kannel_password": SecretStr(_derived(settings, "kannel")),
            "kannel_from": SHORT_NUMBER,
        }
    if not settings.telegram_token.get_secret_value():
        changes |= {
            "telegram_token": SecretStr(f"1022:{_derived(settings, 'telegram')}"),
            "telegram_api_url": f"{here(settings)}/simulator/telegram",
        }
    zalo_token = ""
    if not settings.zalo_app_secret.get_secret_value():
        zalo_token = _derived(settings, "zalo")
        changes |= {"zalo_api_url": f"{here(settings)}/simulator/zalo/{zalo_token}"}
    played = settings.model_copy(update=changes)
    if not changes:
        return settings, None
    return played, StandIns(
        bot_token=played.telegram_token.get_secret_value(),
        kannel_username=played.kannel_username,
        kannel_password=played.kannel_password.get_secret_value(),
        zalo_token=zalo_token,
    )


def _derived(settings: Settings, what: str) -> str:
    """The same in every process of this gateway, and nowhere else."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"simulator {what}".encode(), hashlib.sha256).hexdigest()[:40]
