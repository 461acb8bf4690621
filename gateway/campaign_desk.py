"""A desk beside the database alone: campaigns are held, and looked at, without the rest of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from rich.console import Console

from core.campaigns.campaign import CampaignError
from core.clock import now
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


@contextmanager
def desk() -> Iterator[Desk]:
    """For one command; what cannot be done ends it with one line."""
    settings = load()
    database = Database(settings.sqlalchemy_url)
    vault = Vault(settings.field_key_ring, settings.secret_key.get_secret_value().encode())
    book = CampaignBook(database, vault, now)
    rows = CampaignRows(database, vault)
    try:
        yield Desk(database, book, CampaignSteps(book=book, rows=rows, canary=settings.canary))
    except CampaignError as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.close()


def follow_it(shown: Console, parts: Desk, campaign_id: str) -> None:
    """Shows how it goes until it is over or stands still, then how it stands."""
    screen.follow(
        shown, lambda: (parts.book.one(campaign_id), progress(parts.database, campaign_id)[0])
    )
    show(shown, parts, campaign_id)


def show(shown: Console, parts: Desk, campaign_id: str, *, by_ward: bool = False) -> None:
    """How it stands now."""
    found = parts.book.one(campaign_id)
    counts, areas = progress(parts.database, campaign_id, by_ward=by_ward)
    screen.show_status(shown, found, counts, areas, parts.book.history(campaign_id))
    screen.say_next(shown, found)
