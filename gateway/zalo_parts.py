"""The parts of the Zalo channel, made from the settings."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from prometheus_client import Metric

from bot.zalo_line import ZaloLine
from bot.zalo_oauth import ZaloOAuth
from bot.zalo_send import Templates
from bot.zalo_tokens import FixedToken, Tokens, ZaloTokens
from core.clock import now
from core.store.database import Database
from core.store.token_pairs import TokenShelf
from core.store.vault import Vault
from core.token_pairs import Kept, Shelf
from gateway.metrics_page import gauge
from gateway.settings import Settings

TEND_SECONDS = 60.0


def shelf(database: Database, vault: Vault) -> TokenShelf:
    """Where the account's tokens are kept."""
    return TokenShelf(database, vault, now, "zalo")


def oauth(settings: Settings) -> ZaloOAuth:
    """How Zalo is asked for tokens."""
    return ZaloOAuth(
        settings.zalo_app_id,
        settings.zalo_app_secret.get_secret_value(),
        settings.zalo_oauth_url,
    )


def tokens(settings: Settings, kept: Shelf) -> ZaloTokens | None:
    """Tokens that renew themselves; None where no app is set up."""
    if not (settings.zalo_app_id and settings.zalo_app_secret.get_secret_value()):
        return None
    return ZaloTokens(kept, oauth(settings), now)


def line(settings: Settings, given: Tokens | None, played_by: str = "") -> ZaloLine | None:
    """The line to Zalo's interfaces, or with this token to who plays them; None without either."""
    if given is None and played_by:
        given = FixedToken(played_by)
    if given is None:
        return None
    return ZaloLine(
        given,
        api=settings.zalo_api_url,
        business=settings.zalo_business_url,
        proof_key=settings.zalo_app_secret.get_secret_value() if settings.zalo_proof else "",
    )


def templates(settings: Settings) -> Templates:
    """The templates that Zalo has approved."""
    return Templates(
        settings.zalo_templates,
        settings.zalo_templates_by_phone,
        settings.zalo_template_parameter,
        settings.zalo_template_longest,
    )


@dataclass
class Tending:
    """Looks after the tokens once a minute, however often it is called."""

    tokens: ZaloTokens
    tick: Callable[[], float] = time.monotonic
    _next: float = field(default=-math.inf, init=False)

    def step(self) -> None:
        """Renews them in time, also when nobody sends."""
        if self.tick() >= self._next:
            self._next = self.tick() + TEND_SECONDS
            self.tokens.tend()


def what_is_left(kept: Shelf) -> Sequence[Metric]:
    """For `GET /metrics`: how long the tokens hold; below 0 what has ended or was refused."""
    found = kept.read()
    return (
        gauge(
            "motcua_zalo_token_seconds",
            "Seconds until a token of the official account ends, if nobody renews it",
            {which: _seconds(found, which) for which in ("access", "refresh")},
            "token",
        ),
    )


def _seconds(found: Kept | None, which: str) -> float:
    if found is None or (which == "refresh" and found.refused):
        return -1.0
    until = found.pair.access_until if which == "access" else found.pair.refresh_until
    return (until - now()).total_seconds()
