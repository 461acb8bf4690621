"""``python -m gateway migrate``: brings the database to the newest tables; safe to repeat."""

import click

from core.store.migrate import upgrade
from gateway.settings import load


@click.command("migrate")
def command() -> None:
    """Bring the database to the newest tables; safe to repeat and to run twice at once."""
    upgrade(load().database_url)
    click.echo("The database is up to date.")
