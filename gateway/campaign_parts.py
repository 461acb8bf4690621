"""What campaigns are made of in this house, for the command line, the API and the worker alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import click

from core.campaigns import known
from core.campaigns.campaign import Campaign, CampaignError, Fate, RowSeen
from core.campaigns.changes import held_until
from core.campaigns.known import Known
from core.campaigns.progress import Progress
from core.campaigns.report import Weight
from core.campaigns.source import Row
from core.clock import now
from core.message import Address, Channel, Network, Page
from core.outbox.manners import Manners
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.outbox.ports import Sender
from core.outbox.routes import Routes, pieces
from core.platform.ports import Platforms
from core.store.campaign_book import CampaignBook
from core.store.campaign_check import CampaignCheck
from core.store.campaign_counts import progress
from core.store.campaign_feed import CampaignFeed
from core.store.campaign_rows import CampaignRows, Watch
from core.store.campaign_watch import CampaignWatch
from core.store.campaigns import Campaigns
from core.store.linked import linked_people
from gateway import wiring
from gateway.senders import pace, senders
from gateway.settings import Settings, load
from gateway.wiring import House

FREE: Final[frozenset[Network]] = frozenset({"telegram", "zalobot"})
"""Bots are not paid for, unless a route names a price."""

ANYBODY: Final = Address("phone", "+84912345678")
"""A number for the question how fast an ordinary text goes."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a text costs by the routes, and how fast its provider may be given them.

    The senders are made when they are first needed: they hold connections.
    """

    settings: Settings
    routes: Routes
    make: Callable[[], Sequence[Sender]]
    _made: list[Sequence[Sender]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def weigh(self, to: Address, purpose: Purpose, page: Page) -> Weight:
        """Segments and cost, by the preferred way."""
        message = _message(to, purpose, page)
        parts = pieces(message)
        ways = self.routes.ways(message, self._senders())
        cost = ways[0].cost(parts) if ways else None
        return Weight(parts, Decimal(0) if cost is None and to.network in FREE else cost)

    def limit(self, purpose: Purpose, network: Network) -> float | None:
        """Messages a second that the settings allow there; None where they name no limit."""
        anybody = ANYBODY if network == "phone" else Address(network, "1")
        ways = self.routes.ways(_message(anybody, purpose, Page("")), self._senders())
        if not ways:
            return None
        provider = ways[0].sender.provider
        own, ours = pace(self.settings, provider), self.settings.provider_rates.get(provider)
        return min((one.per_second for one in (own, ours) if one is not None), default=None)

    def _senders(self) -> Sequence[Sender]:
        with self._lock:
            if not self._made:
                self._made.append(self.make())
            return self._made[0]


@dataclass(frozen=True, slots=True)
class CampaignOffice:
    """The parts; implements `web.campaigns.Shelf`."""

    book: CampaignBook
    rows: CampaignRows
    campaigns: Campaigns
    feed: CampaignFeed
    platforms: Platforms
    manners: Manners

    def people(
        self, needed: frozenset[str], provinces: frozenset[str], watch: Watch
    ) -> Iterator[Row]:
        """Rows of the people who linked a number, who live there. Raises CampaignError.

        The platform is asked for each of them; `watch` is told of each who is looked at.
        """

        def looked_at() -> Iterator[Known]:
            for one in linked_people(self.book.database, self.book.vault):
                watch(1, None)
                yield one

        platforms = self.platforms
        return known.rows(
            looked_at(),
            needed,
            citizens=platforms.citizens,
            areas=platforms.risks,
            provinces=provinces,
        )

    def one(self, campaign_id: str) -> Campaign:
        """Raises NoSuchCampaign."""
        return self.book.one(campaign_id)

    def all(self, *, limit: int = 50, after: str | None = None) -> tuple[Campaign, ...]:
        """The newest first. Raises NoSuchCampaign for an unknown `after`."""
        return self.book.all(limit=limit, after=after)

    def waits(self, found: Campaign) -> datetime | None:
        """When its next message may go; None: now, or when somebody says so."""
        return held_until(found, self.manners.decent, self.book.clock())

    def progress(
        self, campaign_id: str, *, by_ward: bool = False
    ) -> tuple[Progress, Mapping[str, Progress]]:
        """In all, and by area."""
        return progress(self.book.database, campaign_id, by_ward=by_ward)

    def page(
        self, campaign_id: str, *, after: int, limit: int, state: Fate | None
    ) -> tuple[RowSeen, ...]:
        """Rows in their order."""
        return self.rows.page(campaign_id, after=after, limit=limit, state=state)


def build(
    house: House,
    *,
    carriers: Callable[[], Sequence[Sender]] | None = None,
    watch: Watch = lambda _more, _of: None,
) -> CampaignOffice:
    """The parts on this house's database; `watch` is told of each batch of rows."""
    settings = house.settings
    prices = Prices(settings, Routes.read(settings.routes), carriers or (lambda: senders(house)))
    book = CampaignBook(house.database, house.vault, now)
    voices = house.events.news.voices
    rows = CampaignRows(
        house.database,
        house.vault,
        watch,
        chats=tuple(network for network in voices if network != "phone"),
        silent=timedelta(days=settings.number_days),
    )
    checking = CampaignCheck(rows, voices, house.manners, prices.weigh, now, prices.limit)
    feed = CampaignFeed(
        book,
        rows,
        voices,
        house.manners,
        house.outbox.put_many,
        CampaignWatch(settings.canary),
        settings.campaign_window,
    )
    campaigns = Campaigns(book=book, rows=rows, checking=checking, canary=settings.canary)
    return CampaignOffice(book, rows, campaigns, feed, house.platforms, house.manners)


def _message(to: Address, purpose: Purpose, page: Page) -> Outgoing:
    channel = Channel.SMS if to.network == "phone" else Channel.CHAT
    return Outgoing("a look", to, channel, page, purpose, Lane.BULK)


@contextmanager
def office(watch: Watch = lambda _more, _of: None) -> Iterator[CampaignOffice]:
    """The parts of campaigns, for one command; what cannot be done ends it with one line."""
    house = wiring.build(load())
    try:
        yield build(house, watch=watch)
    except CampaignError as error:
        raise click.ClickException(str(error)) from None
    finally:
        house.database.close()
        house.redis.close()
