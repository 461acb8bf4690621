"""``python -m gateway keys``: makes, lists and withdraws the keys of officers and other systems."""

import click
from rich.console import Console
from rich.table import Table

from core.clock import VIETNAM, now
from core.store.api_keys import ApiKeys
from core.store.database import Database
from gateway.settings import load

SCOPES = ("verify", "messages", "campaigns:read", "campaigns:write", "campaigns:approve")
"""What a key may be allowed to do: look people up, send messages, see, make and approve campaigns."""


@click.group("keys")
@click.pass_context
def command(context: click.Context) -> None:
    """Make, list and withdraw API keys."""
    database = Database(load(servers=True).database_url)
    context.call_on_close(database.close)
    context.obj = ApiKeys(database, now)


@command.command("make")
@click.option("--name", required=True, help="Whose key it is: a checkpoint, a system.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(SCOPES),
    help="What it may do; several are allowed.",
)
@click.option("--test", is_flag=True, help="For trying things out: nothing is really sent.")
@click.pass_obj
def make(keys: ApiKeys, name: str, scopes: tuple[str, ...], test: bool) -> None:
    """Make a key and show it for the only time."""
    click.echo(keys.make(name, scopes, test=test))
    click.echo("Keep it now: it is stored as a hash and cannot be shown again.", err=True)


@command.command("list")
@click.pass_obj
def list_keys(keys: ApiKeys) -> None:
    """List the keys, the revoked ones too; their secrets are not known here."""
    table = Table("id", "name", "scopes", "made", "state")
    for key in keys.all():
        table.add_row(
            key.id,
            key.name,
            ", ".join(key.scopes) + (" (test)" if key.test else ""),
            f"{key.created_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}",
            "revoked" if key.revoked_at else "in use",
        )
    Console().print(table)


@command.command("revoke")
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke(keys: ApiKeys, key_id: str) -> None:
    """Withdraw a key at once; ID is its middle part, as in mc_ID_…"""
    if not keys.revoke(key_id):
        raise click.ClickException(f"there is no key {key_id} in use")
    click.echo(f"{key_id} is revoked.")
