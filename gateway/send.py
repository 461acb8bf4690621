"""``python -m gateway send``: a table of people and a text, in one command."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from core.campaigns.campaign import OPEN_TO_CHANGE, State
from core.campaigns.source import read_csv
from core.campaigns.words import examine, holes
from gateway import campaign_screen as screen
from gateway.campaign_desk import Desk, desk, follow_it
from gateway.campaign_look import show_report
from gateway.campaign_parts import office
from gateway.campaign_words import acting, plan_of, planned, who_acts


@click.command("send")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@planned
@click.option("--dry-run", is_flag=True, help="Only show what would be sent; keep nothing.")
@click.option("--wait", is_flag=True, help="Wait for the approval, start, and show how it goes.")
@acting
def command(file: Path, dry_run: bool, wait: bool, who: str | None, **asked: Any) -> None:
    """Send a text to everybody in a CSV file.

    The file's first line names its columns: to, the values of the text (name …) and, if it can be
    paused by area, province and ward (codes). It is checked here and sent after a second person
    has approved it.
    """
    shown, plan = screen.console(), plan_of(file, **asked)
    with screen.looking(shown, file) as (lines, watch), office(watch) as parts:
        examine(plan.words)
        rows = read_csv(lines, holes(plan.words))
        if dry_run:
            report = parts.campaigns.rehearse(plan, rows)
        else:
            made, _ = parts.campaigns.make(plan, rows, who=who_acts(who))
            made, report = parts.campaigns.check(made.id, who=who_acts(who))
    show_report(shown, report)
    if dry_run:
        shown.print("\nNothing was kept or sent. Without --dry-run it waits for an approval.")
        return
    shown.print()
    screen.say_next(shown, made)
    if wait:
        with desk() as parts:
            _wait(shown, parts, made.id, who_acts(who))


def _wait(shown: Console, parts: Desk, campaign_id: str, who: str) -> None:
    shown.print("Waiting for the approval. Ctrl-C leaves it as it is.")
    found = parts.book.one(campaign_id)
    while found.state in OPEN_TO_CHANGE - {State.APPROVED}:
        time.sleep(screen.STEP_SECONDS)
        found = parts.book.one(campaign_id)
    if found.state is State.APPROVED:
        parts.steps.start(campaign_id, who=who)
    follow_it(shown, parts, campaign_id)
