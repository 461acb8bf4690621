"""``python -m gateway zalo``: lets our app into the official account, and tells how that stands."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import click

from bot.zalo_line import Refusal
from bot.zalo_oauth import NotGranted, ZaloOAuth, code_in, new_verifier
from bot.zalo_tokens import pair_of
from core.clock import VIETNAM, Clock, now
from core.errors import PlatformError, SendError
from core.token_pairs import Shelf
from gateway import logs, wiring, zalo_parts
from gateway.senders import zalobot
from gateway.settings import load
from gateway.settings_checks import SettingsError

BOT_PATH = "/bot/zalobot/webhook"


@click.group("zalo")
def command() -> None:
    """Let our app into the official account, and see how that stands."""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """One attempt to be let in. `verifier` is the console's, or empty for a new one."""

    oauth: ZaloOAuth
    shelf: Shelf
    clock: Clock
    redirect: str
    verifier: str = ""

    def run(self, ask: Callable[[str], str]) -> None:
        """Gives `ask` the link; it gives back the address to which Zalo sent the browser.

        Raises ValueError when that is no answer to our question, NotGranted, Late or Down.
        """
        verifier, state = self.verifier or new_verifier(), secrets.token_urlsafe(16)
        link = self.oauth.link(redirect=self.redirect, verifier=verifier, state=state)
        code = code_in(ask(link).strip(), state)
        self.shelf.put(pair_of(self.oauth.exchange(code, verifier), self.clock()))


@command.command("authorise")
def authorise() -> None:
    """Get the first tokens, or new ones after the old ones were lost."""
    settings = load()
    logs.set_up(settings)
    house = wiring.build(settings)
    if house.zalo_tokens is None:
        raise SettingsError("MOTCUA_ZALO_APP_ID and MOTCUA_ZALO_APP_SECRET: not set (docs/chat.md)")
    attempt = Authorisation(
        zalo_parts.oauth(settings),
        house.zalo_shelf,
        now,
        settings.zalo_redirect_url or f"{settings.base_url}/",
        settings.zalo_code_verifier.get_secret_value(),
    )
    try:
        attempt.run(_ask)
    except ValueError as error:
        raise click.ClickException(f"That is not the address Zalo sent you to: {error}.") from None
    except NotGranted as no:
        raise click.ClickException(f"Zalo gave no tokens: {no.words}.") from None
    except PlatformError as error:
        raise click.ClickException(f"Zalo does not answer ({type(error).__name__}).") from None
    click.echo("The tokens are stored. From now on the worker renews them.")


def _ask(link: str) -> str:
    click.echo("Open this link as an admin of the official account, and agree:\n")
    click.echo(f"{link}\n")
    click.echo("Your browser is then sent to an address with `code=` in it; it holds ten minutes.")
    return str(click.prompt("Paste that whole address here"))


@command.command("status")
def status() -> None:
    """Tell until when the tokens hold, and whether Zalo takes them."""
    settings = load()
    logs.set_up(settings)
    house = wiring.build(settings)
    kept = house.zalo_shelf.read()
    if house.zalo is None or kept is None:
        raise click.ClickException("Not authorised yet: run `python -m gateway zalo authorise`.")
    for name, until in (
        ("Access token", kept.pair.access_until),
        ("Refresh token", kept.pair.refresh_until),
    ):
        click.echo(f"{name} until {until.astimezone(VIETNAM):%d/%m/%Y %H:%M}")
    if kept.refused:
        raise click.ClickException(
            "Zalo refuses the refresh token: run `python -m gateway zalo authorise`."
        )
    try:
        account = house.zalo.account()
    except (Refusal, SendError) as no:
        raise click.ClickException(f"Zalo says: {no}") from None
    click.echo(f"Zalo knows us as {account.get('name', '?')}.")


@command.command("bot-webhook")
def bot_webhook() -> None:
    """Have Zalo's bot platform call MOTCUA_PUBLIC_URL."""
    settings = load()
    logs.set_up(settings)
    sender = zalobot(wiring.build(settings))
    if sender is None:
        raise SettingsError("MOTCUA_ZALOBOT_TOKEN: not set (docs/chat.md)")
    address = settings.base_url + BOT_PATH
    secret = settings.zalobot_webhook_secret.get_secret_value()
    try:
        sender.ask("setWebhook", {"url": address, "secret_token": secret})
    except SendError as no:
        raise click.ClickException(f"Zalo's bot platform says: {no.words}") from None
    click.echo(f"Zalo's bot platform will call {address}")
