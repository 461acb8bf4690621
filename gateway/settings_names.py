"""What the settings are called in the environment."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic.fields import FieldInfo

from gateway.settings_channels import (
    OF_AGGREGATORS,
    PAGED_USSD,
    UNSIGNED_PROVIDERS,
    UnsignedProviderSettings,
)
from gateway.settings_groups import Group
from gateway.settings_httpsms import known_names as described_names

PREFIX: Final = "MOTCUA_"


def environment_name(field_name: str, field: FieldInfo) -> str:
    """The environment variable a field is read from."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else PREFIX + field_name.upper()


def known_names(groups: Iterable[type[Group]], environ: Mapping[str, str]) -> Iterator[str]:
    """Every environment variable the gateway reads; those of described providers are listed there."""
    for group in groups:
        if group is not UnsignedProviderSettings:
            for name in group.__annotations__:
                yield environment_name(name, group.model_fields[name])
    for provider in UNSIGNED_PROVIDERS:
        yield f"{PREFIX}{provider.upper()}_PATH_SECRET"
        yield f"{PREFIX}{provider.upper()}_ADDRESSES"
    for provider in PAGED_USSD:
        yield from (f"{PREFIX}{provider.upper()}_{what}" for what in OF_AGGREGATORS.values())
    yield from described_names(environ)
