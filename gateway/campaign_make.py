"""``python -m gateway campaign new``, ``correct`` and ``check``: what is to be sent, and to whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.campaigns.source import read_csv
from core.campaigns.words import examine, holes
from gateway import campaign_screen as screen
from gateway.campaign_look import show_report
from gateway.campaign_parts import office
from gateway.campaign_words import acting, plan_of, planned, said, who_acts, words_of

PEOPLE = "people"
"""What a campaign to the people we know is called, if nothing else is said."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("new")
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
            with screen.looking(shown, file) as (lines, _):
                table = read_csv(lines, holes(plan.words))
                made, _ = parts.campaigns.make(plan, table, who=who_acts(who))
    screen.say_next(shown, made)


@click.command("correct")
@click.argument("campaign_id", metavar="ID")
@click.argument("file", type=FILE)
@said
@acting
def correct(campaign_id: str, file: Path, who: str | None, **asked: str | None) -> None:
    """Take a corrected CSV file, or other words too, in the place of the first."""
    shown, words = screen.console(), words_of(**asked)
    with screen.looking(shown, file) as (lines, _), office() as parts:
        used = words or parts.book.one(campaign_id).plan.words
        examine(used)
        rows = read_csv(lines, holes(used))
        changed = parts.campaigns.correct(campaign_id, rows, who=who_acts(who), words=words)
    screen.say_next(shown, changed)


@click.command("check")
@click.argument("campaign_id", metavar="ID")
@acting
def check(campaign_id: str, who: str | None) -> None:
    """Show whom it would be sent to, and what would not; nothing is sent."""
    shown = screen.console()
    with screen.counting(shown) as watch, office(watch) as parts:
        checked, report = parts.campaigns.check(campaign_id, who=who_acts(who))
    show_report(shown, report)
    shown.print()
    screen.say_next(shown, checked)
