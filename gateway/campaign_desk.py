"""A desk beside the database alone: campaigns are held, and looked at, without the rest of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from rich.console import Console

from core.campaigns.campaign import Campaign, CampaignError
from core.campaigns.changes import held_until
from core.campaigns.progress import Progress
from core.clock import now
from core.outbox.manners import Manners
from core.store.campaign_book import CampaignBook
from core.store.campaign_counts import progress
from core.store.campaign_rows import CampaignRows
from core.store.campaign_steps import CampaignSteps
from core.store.database import Database
from core.store.vault import Vault
from gateway import campaign_screen as screen
from gateway.settings import load


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed for it."""

    database: Database
    book: CampaignBook
    steps: CampaignSteps
    manners: Manners

    def waits(self, found: Campaign) -> datetime | None:
        """When its next message may go; None: now, or when somebody says so."""
        return held_until(found, self.manners.decent, self.book.clock())


@contextmanager
def desk() -> Iterator[Desk]:
    """For one command; what cannot be done ends it with one line."""
    settings = load()
    database = Database(settings.sqlalchemy_url)
    vault = Vault(settings.field_key_ring, settings.secret_key.get_secret_value().encode())
    book = CampaignBook(database, vault, now)
    rows = CampaignRows(database, vault)
    try:
        steps = CampaignSteps(book=book, rows=rows, canary=settings.canary)
        yield Desk(database, book, steps, settings.manners)
    except CampaignError as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.close()


def follow_it(shown: Console, parts: Desk, campaign_id: str) -> None:
    """Shows how it goes until it is over or stands still, then how it stands."""

    def look() -> tuple[Campaign, Progress, datetime | None]:
        found = parts.book.one(campaign_id)
        return found, progress(parts.database, campaign_id)[0], parts.waits(found)

    screen.follow(shown, look)
    show(shown, parts, campaign_id)


def show(shown: Console, parts: Desk, campaign_id: str, *, by_ward: bool = False) -> None:
    """How it stands now."""
    found = parts.book.one(campaign_id)
    counts, areas = progress(parts.database, campaign_id, by_ward=by_ward)
    steps = parts.book.history(campaign_id)
    screen.show_status(shown, found, counts, areas, steps, parts.waits(found))
    screen.say_next(shown, found)
