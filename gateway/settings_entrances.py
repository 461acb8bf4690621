"""Reads how providers that sign nothing may call: the secret part of their address, and from where."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from gateway.settings_channels import PAGED_USSD, UNSIGNED_PROVIDERS
from gateway.settings_httpsms import listed, prefix_of


def path_secrets(environ: Mapping[str, str]) -> dict[str, SecretStr]:
    """By provider; one without a secret is not there."""
    values = {name: environ.get(f"{begin}PATH_SECRET") for name, begin in _begins(environ).items()}
    return {name: SecretStr(value) for name, value in values.items() if value}


def addresses(environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By provider: the addresses or networks it may call from."""
    lists = {name: environ.get(f"{begin}ADDRESSES", "") for name, begin in _begins(environ).items()}
    return {
        name: tuple(part.strip() for part in one.split(",") if part.strip())
        for name, one in lists.items()
    }


def of_aggregators(environ: Mapping[str, str], what: str) -> dict[str, Any]:
    """What is set for each USSD aggregator (PAGE, PATIENCE), as text: the model reads numbers."""
    values = {name: environ.get(f"MOTCUA_{name.upper()}_{what}") for name in PAGED_USSD}
    return {name: value for name, value in values.items() if value}


def _begins(environ: Mapping[str, str]) -> dict[str, str]:
    """What the settings of each provider begin with."""
    built_in = {name: f"MOTCUA_{name.upper()}_" for name in UNSIGNED_PROVIDERS}
    return {name: prefix_of(name) for name in listed(environ)} | built_in
