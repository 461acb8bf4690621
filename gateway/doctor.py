"""``python -m gateway doctor``: checks settings, servers and platforms, one line each."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import httpx2
import psycopg
import redis
from rich.console import Console
from rich.markup import escape

from gateway.database_url import libpq_url
from gateway.settings import Settings, load
from gateway.settings_page import settings_page

CONNECT_SECONDS = 3
SETTINGS_PAGE = Path("docs/settings.md")


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it if it is not well."""

    what: str
    well: bool
    says: str


@click.command("doctor")
@click.option("--settings-doc", is_flag=True, help=f"Write {SETTINGS_PAGE} from the code instead.")
def command(settings_doc: bool) -> None:
    """Check settings, servers and platforms, and say what to do."""
    if settings_doc:
        SETTINGS_PAGE.parent.mkdir(exist_ok=True)
        SETTINGS_PAGE.write_text(settings_page(), encoding="utf-8")
        return
    settings = load()
    console = Console(highlight=False, soft_wrap=True)
    all_well = True
    for finding in examine(settings):
        mark = "[green]✓[/]" if finding.well else "[red]✗[/]"
        console.print(f"{mark} {finding.what}: {escape(finding.says)}")
        all_well &= finding.well
    sys.exit(0 if all_well else 1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Check one thing after another."""
    yield Finding("Settings", True, f"{settings.env}; the world reaches us at {settings.base_url}")
    if not settings.in_development and not settings.public_url:
        yield Finding(
            "Public address", False, "set MOTCUA_PUBLIC_URL, or Twilio's signatures will not match"
        )
    yield _try("PostgreSQL", lambda: _postgres(settings), "look at DATABASE_URL and the server")
    yield _try("Redis", lambda: _redis(settings), "look at REDIS_URL and the server")
    platforms = {"FHIR": settings.platform_fhir_url, "QRQG": settings.qrqg_url}
    for (name, url), path, setting in zip(
        platforms.items(), ("/metadata", ""), ("PLATFORM_FHIR_URL", "QRQG_URL"), strict=True
    ):
        if url:
            yield _try(f"{name} platform", _reach(url.rstrip("/") + path), f"look at {setting}")
        else:
            yield Finding(f"{name} platform", False, f"set {setting}; without it nobody is known")


def _try(what: str, check: Callable[[], str], advice: str) -> Finding:
    try:
        return Finding(what, True, check())
    except (psycopg.Error, redis.RedisError, httpx2.HTTPError, ValueError, OSError) as error:
        # Only the kind of error: its text may hold an address with a password.
        return Finding(what, False, f"{type(error).__name__}: {advice}")


def _postgres(settings: Settings) -> str:
    url = libpq_url(settings.database_url)
    with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
        migrated = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        version = connection.info.server_version // 10000
    if migrated == (None,):
        return f"version {version}, without tables yet: run `python -m gateway migrate`"
    return f"version {version}"


def _redis(settings: Settings) -> str:
    url = settings.redis_url
    with redis.Redis.from_url(
        url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
    ) as client:
        server = client.info("server")
    return str(server.get("server_name", "redis")) + " " + str(server["redis_version"])


def _reach(url: str) -> Callable[[], str]:
    """Any answer will do, even a refusal: the real interfaces are asked with a token."""

    def check() -> str:
        status = httpx2.get(url, timeout=CONNECT_SECONDS, trust_env=False).status_code
        return f"answers ({status})"

    return check
