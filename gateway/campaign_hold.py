"""``python -m gateway campaign approve``, ``start``, ``pause`` …: what is done with a campaign."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from core.campaigns.campaign import Area, Campaign, CampaignError
from core.store.campaign_steps import CampaignSteps
from gateway import campaign_screen as screen
from gateway.campaign_desk import desk, follow_it, show
from gateway.campaign_words import acting, area_of, held, who_acts

ALL = "all"
"""Instead of an id: every campaign that is under way."""


@click.command("approve")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--edition", type=click.IntRange(1), help="The one you have seen; if not given, it is shown."
)
@acting
def approve(campaign_id: str, edition: int | None, who: str | None) -> None:
    """Agree to it as you have seen it; nobody can who had a hand in it."""
    shown = screen.console()
    with desk() as parts:
        if edition is None:
            edition = parts.book.one(campaign_id).edition
            show(shown, parts, campaign_id)
            if not sys.stdin.isatty():
                raise click.ClickException(f"say which edition you have seen: --edition {edition}")
            click.confirm(f"Approve edition {edition}?", abort=True)
        approved = parts.steps.approve(campaign_id, who=who_acts(who), edition=edition)
    screen.say_next(shown, approved)


@click.command("start")
@click.argument("campaign_id", metavar="ID")
@click.option("--follow", is_flag=True, help="Show how it goes until it is over.")
@acting
def start(campaign_id: str, follow: bool, who: str | None) -> None:
    """Begin: a few first, and the rest when these fared well."""
    shown = screen.console()
    with desk() as parts:
        started = parts.steps.start(campaign_id, who=who_acts(who))
        screen.say_next(shown, started)
        if follow:
            follow_it(shown, parts, campaign_id)


@click.command("status")
@click.argument("campaign_id", metavar="ID")
@click.option("--follow", is_flag=True, help="Show how it goes until it is over.")
@click.option("--wards", is_flag=True, help="Count by ward instead of by province.")
def status(campaign_id: str, follow: bool, wards: bool) -> None:
    """Show how far it is."""
    with desk() as parts:
        if follow:
            follow_it(screen.console(), parts, campaign_id)
        else:
            show(screen.console(), parts, campaign_id, by_ward=wards)


@click.command("pause")
@click.argument("campaign_id", metavar=f"ID|{ALL}")
@held
@acting
def pause(campaign_id: str, province: str | None, ward: str | None, who: str | None) -> None:
    """Hold it, or a part of it, at once."""
    _each(campaign_id, area_of(province, ward), who, CampaignSteps.pause, "pausing")


@click.command("resume")
@click.argument("campaign_id", metavar=f"ID|{ALL}")
@held
@acting
def resume(campaign_id: str, province: str | None, ward: str | None, who: str | None) -> None:
    """Go on with what was paused."""
    _each(campaign_id, area_of(province, ward), who, CampaignSteps.resume, "resuming")


@click.command("stop")
@click.argument("campaign_id", metavar=f"ID|{ALL}")
@held
@click.option("--yes", is_flag=True, help="Do not ask.")
@acting
def stop(
    campaign_id: str, province: str | None, ward: str | None, yes: bool, who: str | None
) -> None:
    """End it, or a part of it, for ever; what was not sent is never sent."""
    if not yes and sys.stdin.isatty():
        click.confirm("What is stopped cannot be resumed. Stop?", abort=True)
    _each(campaign_id, area_of(province, ward), who, CampaignSteps.stop, "stopping")


@click.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def list_campaigns(limit: int) -> None:
    """List the newest campaigns."""
    with desk() as parts:
        screen.show_list(screen.console(), parts.book.all(limit=limit))


def _each(
    campaign_id: str, area: Area | None, who: str | None, do: Callable[..., Campaign], said: str
) -> None:
    """Does this with one campaign, or with all that are under way."""
    shown = screen.console()
    with desk() as parts:
        ids = parts.book.under_way() if campaign_id == ALL else (campaign_id,)
        if not ids:
            shown.print("No campaign is under way.")
        failed = False
        for one in ids:
            try:
                with shown.status(f"{said} {one}"):
                    changed = do(parts.steps, one, who=who_acts(who), area=area)
            except CampaignError as error:
                if campaign_id != ALL:
                    raise
                # Among all of them one may have ended meanwhile: the others must be held yet.
                failed = True
                click.echo(f"Error: {error}", err=True)
                continue
            if area is None:
                screen.say_next(shown, changed)
            else:
                show(shown, parts, one, by_ward=area.kind == "ward")
        if failed:
            raise click.exceptions.Exit(1)
