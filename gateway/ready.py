"""``ready.json``: what a script needs to know about a running ``make run`` to try it from outside.

It holds development secrets, so only its owner may read it, and it exists only while everything
is up.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from gateway.database_url import libpq_url
from gateway.development import write_private
from gateway.settings import Settings
from gateway.settings_channels import UNSIGNED_USSD
from gateway.sms_providers import providers
from sms.providers.port import Provider

FILE_NAME = "ready.json"


def facts(settings: Settings, *, sandbox: str | None, pids: Mapping[str, int]) -> dict[str, object]:
    """What the file says.

    Args:
        settings: those of the running processes, with the addresses of their servers.
        sandbox: base address of the sandbox; None when another platform is used.
        pids: process ids of the web process and of the worker.
    """
    web = settings.base_url

    def plain(secret: SecretStr) -> str:
        return secret.get_secret_value()

    def called(provider: Provider) -> dict[str, str]:
        """The addresses that a provider of texts calls, and what it proves itself by."""
        if provider.signs:
            signed = {path: f"{web}/sms/{provider.name}/{path}" for path in provider.paths}
            return signed | {"auth_token": plain(settings.twilio_auth_token)}
        place = f"{web}/sms/{provider.name}/{settings.path_secret(provider.name)}"
        return {path: f"{place}/{path}" for path in provider.paths}

    return {
        "web": f"http://{_reachable(settings.listen_host)}:{settings.port}",
        "sandbox": sandbox,
        "database_url": libpq_url(settings.database_url),
        "redis_url": settings.redis_url,
        "ussd": {name: f"{web}/ussd/{name}/{settings.path_secret(name)}" for name in UNSIGNED_USSD},
        "sms": {provider.name: called(provider) for provider in providers(settings)},
        "telegram": {
            "webhook": f"{web}/bot/telegram/webhook",
            "secret": plain(settings.telegram_webhook_secret),
        },
        "zalo": {
            "webhook": f"{web}/bot/zalo/webhook",
            "app_id": settings.zalo_app_id,
            "oa_id": settings.zalo_oa_id,
            "oa_secret": plain(settings.zalo_oa_secret),
        },
        "keys": {"officer": plain(settings.officer_key), "operator": plain(settings.operator_key)},
        "pids": {name: pids[name] for name in ("web", "worker")},
    }


def write(var: Path, content: Mapping[str, object]) -> None:
    """Write or replace the file in one step."""
    write_private(var / FILE_NAME, json.dumps(content, indent=2) + "\n")


def remove(var: Path) -> None:
    """Take the file away: nothing is up any more."""
    (var / FILE_NAME).unlink(missing_ok=True)


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host
