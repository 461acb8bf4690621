"""Writes ``docs/settings.md`` from the settings themselves, so that the page cannot be wrong."""

from collections.abc import Iterator

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gateway.settings import GROUPS
from gateway.settings_channels import PAGED_USSD, UNSIGNED_PROVIDERS, UnsignedProviderSettings
from gateway.settings_groups import Group
from gateway.settings_httpsms import HttpSmsSettings
from gateway.settings_httpsms import rows as described_rows
from gateway.settings_names import environment_name

INTRODUCTION = """\
# Settings

Everything is set by environment variables. `python -m gateway doctor` checks them. In development
(`make run`) nothing has to be set: secrets that are missing are made once and kept in
`var/development.json`. A `MOTCUA_` name that is not on this page is refused when a process starts.

This page is written by `make docs` from the code; change it there.
"""


def settings_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([INTRODUCTION, *(_section(group) for group in GROUPS)])


def _section(group: type[Group]) -> str:
    lines = [f"## {group.__doc__}", "", "| name | default | what it does |", "|---|---|---|"]
    rows = list(_provider_rows() if group is UnsignedProviderSettings else _rows(group))
    rows += described_rows() if group is HttpSmsSettings else ()
    lines += [f"| `{name}` | {default} | {what} |" for name, default, what in rows]
    return "\n".join(lines) + "\n"


def _rows(group: type[Group]) -> Iterator[tuple[str, str, str]]:
    for name in group.__annotations__:
        field = group.model_fields[name]
        yield environment_name(name, field), _default(field), field.description or ""


def _provider_rows() -> Iterator[tuple[str, str, str]]:
    fields = UnsignedProviderSettings.model_fields
    for kind, field, providers in (
        ("PATH_SECRET", "path_secrets", UNSIGNED_PROVIDERS),
        ("ADDRESSES", "addresses", UNSIGNED_PROVIDERS),
        ("PAGE", "ussd_pages", PAGED_USSD),
        ("PATIENCE", "ussd_patiences", PAGED_USSD),
    ):
        what = (fields[field].description or "").partition(": ")[2]
        for provider in providers:
            yield f"MOTCUA_{provider.upper()}_{kind}", "", what[0].upper() + what[1:]


def _default(field: FieldInfo) -> str:
    value = field.default
    if (
        value is None
        or field.default_factory is not None
        or isinstance(value, SecretStr)
        or value in ("", (), {})
    ):
        return ""
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
