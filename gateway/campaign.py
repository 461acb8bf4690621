"""``python -m gateway campaign``: makes, checks, approves, starts, watches and stops campaigns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.campaigns.campaign import Area, Campaign, CampaignError
from core.campaigns.source import read_csv
from core.campaigns.words import examine, holes
from core.store.campaigns import Campaigns
from gateway import campaign_screen as screen
from gateway.campaign_words import (
    acting,
    area_of,
    held,
    office,
    plan_of,
    planned,
    said,
    who_acts,
    words_of,
)
from gateway.send import follow as follow_it
from gateway.send import show

ALL = "all"
"""Instead of an id: every campaign that is under way."""

PEOPLE = "people"
"""What a campaign to the people we know is called, if nothing else is said."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("campaign")
def command() -> None:
    """Make, check, approve, start, watch and stop campaigns."""


@command.command("new")
@click.argument("file", type=FILE, required=False)
@click.option("--people", is_flag=True, help="Instead of a file: the people who linked a number.")
@click.option(
    "--in", "provinces", multiple=True, metavar="CODE", help="Only those of this province; several."
)
@planned
@acting
def new(
    file: Path | None, people: bool, provinces: tuple[str, ...], who: str | None, **asked: Any
) -> None:
    """Take in a CSV file, or the people we know, as a new draft."""
    if (file is None) is not people or (provinces and not people):
        raise click.UsageError("give either a FILE or --people, and --in only with --people")
    shown, plan = screen.console(), plan_of(file or Path(PEOPLE), **asked)
    with office() as parts:
        examine(plan.words)
        if file is None:
            with screen.counting(shown, "asking the platform") as watch:
                rows = list(parts.people(holes(plan.words), frozenset(provinces), watch))
            made, _ = parts.campaigns.make(plan, rows, who=who_acts(who))
        else:
            with screen.reading(shown, file) as lines:
                table = read_csv(lines, holes(plan.words))
                made, _ = parts.campaigns.make(plan, table, who=who_acts(who))
    screen.say_next(shown, made)


@command.command("correct")
@click.argument("campaign_id", metavar="ID")
@click.argument("file", type=FILE)
@said
@acting
def correct(campaign_id: str, file: Path, who: str | None, **asked: str | None) -> None:
    """Take a corrected CSV file, or other words too, in the place of the first."""
    shown, words = screen.console(), words_of(**asked)
    with screen.reading(shown, file) as lines, office() as parts:
        used = words or parts.book.one(campaign_id).plan.words
        examine(used)
        rows = read_csv(lines, holes(used))
        changed = parts.campaigns.correct(campaign_id, rows, who=who_acts(who), words=words)
    screen.say_next(shown, changed)


@command.command("check")
@click.argument("campaign_id", metavar="ID")
@acting
def check(campaign_id: str, who: str | None) -> None:
    """Show whom it would be sent to, and what would not; nothing is sent."""
    shown = screen.console()
    with screen.counting(shown, "looking") as watch, office(watch) as parts:
        checked, report = parts.campaigns.check(campaign_id, who=who_acts(who))
    screen.show_report(shown, report)
    shown.print()
    screen.say_next(shown, checked)


@command.command("approve")
@click.argument("campaign_id", metavar="ID")
@click.option(
    "--edition", type=click.IntRange(1), help="The one you have seen; if not given, it is shown."
)
@acting
def approve(campaign_id: str, edition: int | None, who: str | None) -> None:
    """Agree to it as you have seen it; nobody can who had a hand in it."""
    shown = screen.console()
    with office() as parts:
        if edition is None:
            edition = parts.book.one(campaign_id).edition
            show(shown, parts, campaign_id)
            if not sys.stdin.isatty():
                raise click.ClickException(f"say which edition you have seen: --edition {edition}")
            click.confirm(f"Approve edition {edition}?", abort=True)
        approved = parts.campaigns.approve(campaign_id, who=who_acts(who), edition=edition)
    screen.say_next(shown, approved)


@command.command("start")
@click.argument("campaign_id", metavar="ID")
@click.option("--follow", is_flag=True, help="Show how it goes until it is over.")
@acting
def start(campaign_id: str, follow: bool, who: str | None) -> None:
    """Begin: a few first, and the rest when these fared well."""
    shown = screen.console()
    with office() as parts:
        started = parts.campaigns.start(campaign_id, who=who_acts(who))
        screen.say_next(shown, started)
        if follow:
            follow_it(shown, parts, campaign_id)


@command.command("status")
@click.argument("campaign_id", metavar="ID")
@click.option("--follow", is_flag=True, help="Show how it goes until it is over.")
@click.option("--wards", is_flag=True, help="Count by ward instead of by province.")
def status(campaign_id: str, follow: bool, wards: bool) -> None:
    """Show how far it is."""
    with office() as parts:
        if follow:
            follow_it(screen.console(), parts, campaign_id)
        else:
            show(screen.console(), parts, campaign_id, by_ward=wards)


@command.command("pause")
@click.argument("campaign_id", metavar=f"ID|{ALL}")
@held
@acting
def pause(campaign_id: str, province: str | None, ward: str | None, who: str | None) -> None:
    """Hold it, or a part of it, at once."""
    _each(campaign_id, area_of(province, ward), who, Campaigns.pause)


@command.command("resume")
@click.argument("campaign_id", metavar=f"ID|{ALL}")
@held
@acting
def resume(campaign_id: str, province: str | None, ward: str | None, who: str | None) -> None:
    """Go on with what was paused."""
    _each(campaign_id, area_of(province, ward), who, Campaigns.resume)


@command.command("stop")
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
    _each(campaign_id, area_of(province, ward), who, Campaigns.stop)


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def list_campaigns(limit: int) -> None:
    """List the newest campaigns."""
    with office() as parts:
        screen.show_list(screen.console(), parts.book.all(limit=limit))


def _each(
    campaign_id: str, area: Area | None, who: str | None, do: Callable[..., Campaign]
) -> None:
    """Does this with one campaign, or with all that are under way."""
    shown = screen.console()
    with office() as parts:
        ids = parts.book.under_way() if campaign_id == ALL else (campaign_id,)
        if not ids:
            shown.print("No campaign is under way.")
        failed = False
        for one in ids:
            try:
                changed = do(parts.campaigns, one, who=who_acts(who), area=area)
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
