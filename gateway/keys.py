"""``python -m gateway keys``: makes, lists and withdraws the keys of officers and other systems."""

import click
from rich.console import Console
from rich.table import Table

from core.clock import VIETNAM, now
from core.store.api_keys import ApiKeys
from core.store.subscribers import Subscribers
from gateway.desk import Desk
from web.webhooks import BadUrl, check_url

SCOPES = (
    "verify",
    *("messages:send", "messages:read", "messages:all", "messages:replay"),
    *("campaigns:read", "campaigns:write", "campaigns:approve"),
    *("talks:read", "talks:write"),
)
"""What a key may be allowed to do: look people up; have messages sent, read what became of its own
or of everybody's, and have failed ones sent again; see, make and approve campaigns; read and answer
talks."""


class _Desk(Desk):
    @property
    def keys(self) -> ApiKeys:
        return ApiKeys(self.database, now)


@click.group("keys")
@click.pass_context
def command(context: click.Context) -> None:
    """Make, list and withdraw API keys."""
    context.obj = desk = _Desk()
    context.call_on_close(desk.close)


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
def make(desk: _Desk, name: str, scopes: tuple[str, ...], test: bool) -> None:
    """Make a key and show it for the only time."""
    click.echo(desk.keys.make(name, scopes, test=test))
    click.echo("Keep it now: it is stored as a hash and cannot be shown again.", err=True)


@command.command("list")
@click.pass_obj
def list_keys(desk: _Desk) -> None:
    """List the keys, the revoked ones too; their secrets are not known here."""
    table = Table("id", "name", "scopes", "made", "state")
    for key in desk.keys.all():
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
def revoke(desk: _Desk, key_id: str) -> None:
    """Withdraw a key at once; ID is its middle part, as in mc_ID_…"""
    if not desk.keys.revoke(key_id):
        raise click.ClickException(f"there is no key {key_id} in use")
    click.echo(f"{key_id} is revoked.")


@command.command("hook")
@click.argument("key_id", metavar="ID")
@click.argument("url", required=False)
@click.option("--off", is_flag=True, help="Tell nobody any longer.")
@click.pass_obj
def hook(desk: _Desk, key_id: str, url: str | None, off: bool) -> None:
    """Tell URL what becomes of the messages of the key ID, and show the secret that signs it."""
    settings = desk.settings
    subscribers = Subscribers(desk.database, desk.vault, now)
    if off:
        if not subscribers.unsubscribe(key_id):
            raise click.ClickException(f"nobody is told of the messages of {key_id}")
        click.echo("Nobody is told any longer.")
        return
    if url is None:
        raise click.UsageError("give a URL, or --off")
    asked = settings.webhook_internal
    try:
        check_url(url, internal=settings.in_development if asked is None else asked)
    except BadUrl as error:
        raise click.ClickException(str(error)) from None
    secret = subscribers.subscribe(key_id, url)
    if secret is None:
        raise click.ClickException(f"there is no key {key_id} in use")
    click.echo(secret)
    click.echo("Keep it now: it cannot be shown again; call this again for a new one.", err=True)
