"""The tokens of an official account: each refresh token buys the next pair once, and then is gone.

One process at a time renews them, and the new pair is stored before it is used. Losing it needs a
human, who must let our app in anew; so what can be done to recover it is done, and what cannot is
said aloud.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.zalo_oauth import Grant, NotGranted, ZaloOAuth
from core.clock import Clock
from core.errors import PlatformError, SendLater
from core.token_pairs import Kept, Pair, Renewal, Shelf

MARGIN: Final = timedelta(hours=5)
"""An access token holds 25 hours and is renewed when so much is left."""

REFRESH_HOLDS: Final = timedelta(days=90)
"""A refresh token holds three months; Zalo does not say of each until when."""

SOON: Final = timedelta(days=14)
"""When no more than this is left of the refresh token, an operator is told."""

LEASE: Final = timedelta(seconds=60)
"""So long a renewal may take before another process may think that it has died."""

AGAIN: Final = timedelta(seconds=30)
REFUSED_AGAIN: Final = timedelta(hours=1)
CACHED: Final = timedelta(seconds=30)
NEW: Final = timedelta(minutes=1)
"""A token younger than this that is refused is not too old: something else is wrong."""

ALARM_AFTER: Final = 300.0
_SAVE_PAUSES: Final = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)

_log = structlog.get_logger("zalo")


class Tokens(Protocol):
    """Gives the access token. Raises SendLater when there is none."""

    def token(self) -> str: ...

    def renewed(self, bad: str) -> str:
        """A better one than `bad`, which Zalo has refused."""


@dataclass(frozen=True, slots=True)
class FixedToken:
    """A token that is never renewed, for a stand-in."""

    value: str = field(repr=False)

    def token(self) -> str:
        return self.value

    def renewed(self, bad: str) -> str:
        raise SendLater("token refused", after=ALARM_AFTER)


def pair_of(grant: Grant, now: datetime) -> Pair:
    """The pair that was granted at this moment."""
    until = now + timedelta(seconds=grant.seconds)
    return Pair(grant.access, grant.refresh, now, until, now + REFRESH_HOLDS)


class ZaloTokens:
    """Implements `Tokens` for all threads of a process, together with all other processes."""

    def __init__(
        self,
        shelf: Shelf,
        oauth: ZaloOAuth,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._shelf = shelf
        self._oauth = oauth
        self._clock = clock
        self._sleep = sleep
        self._seen: tuple[datetime, Kept] | None = None
        self._unsaved: tuple[Renewal, Pair] | None = None

    def token(self) -> str:
        kept = self._kept()
        if self._clock() < kept.pair.access_until - MARGIN:
            return kept.pair.access
        return self._renew(kept, still_good=self._clock() < kept.pair.access_until)

    def renewed(self, bad: str) -> str:
        kept = self._kept(anew=True)
        if kept.pair.access != bad:
            return kept.pair.access
        if self._clock() - kept.pair.made_at < NEW:
            raise self._no_token("a new token is refused")
        return self._renew(kept, still_good=False)

    def tend(self) -> None:
        """Renews in time, also when nobody sends; tells an operator when that goes wrong."""
        try:
            self.token()
        except SendLater as trouble:
            _log.warning("zalo_without_token", words=trouble.words)
        kept = self._shelf.read()
        left = kept.pair.refresh_until - self._clock() if kept is not None else SOON
        if kept is not None and (kept.refused or left < SOON):
            days = 0 if kept.refused else max(0, left.days)
            _log.error("zalo_tokens_run_out", days=days, refused=kept.refused)

    def _kept(self, *, anew: bool = False) -> Kept:
        now = self._clock()
        if not anew and self._seen is not None and now - self._seen[0] < CACHED:
            return self._seen[1]
        self._save_at_last()
        kept = self._shelf.read()
        if kept is None:
            raise self._no_token("not authorised yet")
        self._seen = (now, kept)
        return kept

    def _renew(self, kept: Kept, *, still_good: bool) -> str:
        """The next access token; while the present one is good, that one when it does not work."""
        renewal = self._shelf.begin(kept.version, LEASE)
        if renewal is None:
            newer = self._kept(anew=True)
            if newer.version > kept.version or still_good:
                return newer.pair.access
            raise SendLater("tokens are being renewed", after=2.0)
        if renewal.taken_up:
            _log.warning("zalo_renewal_taken_up", version=kept.version)
        pair = self._ask(kept, renewal)
        if pair is not None:
            self._save(renewal, pair)
            _log.info("zalo_renewed", version=kept.version + 1, recovered=renewal.taken_up)
            return pair.access
        if still_good:
            return kept.pair.access
        raise self._no_token("not renewed")

    def _ask(self, kept: Kept, renewal: Renewal) -> Pair | None:
        try:
            grant = self._oauth.refresh(kept.pair.refresh)
        except NotGranted as no:
            again = REFUSED_AGAIN if no.for_good else AGAIN
            self._shelf.failed(renewal, self._clock() + again, refused=no.for_good)
            # After a renewal that broke off, Zalo may have used the token up and we never heard.
            lost = no.for_good and renewal.taken_up
            _log.error("zalo_not_renewed", words=no.words, lost_on_the_way=lost)
            return None
        except PlatformError as error:
            self._shelf.failed(renewal, self._clock() + AGAIN, refused=False)
            _log.warning("zalo_renewal_unanswered", error=type(error).__name__)
            return None
        return pair_of(grant, self._clock())

    def _save(self, renewal: Renewal, pair: Pair) -> None:
        """Stores the pair before anybody uses it, again and again while the store is away.

        Zalo has used the old one up: this is the only pair there is. Raises SendLater.
        """
        self._unsaved = (renewal, pair)
        for pause in (*_SAVE_PAUSES, None):
            try:
                self._shelf.finish(renewal, pair)
            except Exception as error:  # noqa: BLE001  (whatever ails the store, the pair must live)
                _log.error("zalo_tokens_not_saved", error=type(error).__name__)
                if pause is None:
                    raise SendLater("tokens not saved", after=5.0) from None
                self._sleep(pause)
            else:
                self._unsaved = None
                self._seen = None
                return

    def _save_at_last(self) -> None:
        if self._unsaved is not None:
            self._save(*self._unsaved)

    def _no_token(self, why: str) -> SendLater:
        _log.error("zalo_needs_operator", code=0, words=why)
        return SendLater(why, after=ALARM_AFTER)
