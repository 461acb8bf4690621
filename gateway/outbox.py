"""``python -m gateway outbox``: lists what could not be sent, shows one's story, sends it again."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from core.clock import VIETNAM, now
from core.outbox.outgoing import Purpose, Status
from core.store.replay import DeadLetters, Which
from core.store.stories import Stories
from gateway.desk import Desk

BATCH = 500
"""Messages that are queued again together."""
BY = "command line"
WIDE = 120
"""Letters in a line at least."""


class _Desk(Desk):
    @property
    def dead(self) -> DeadLetters:
        return DeadLetters(self.database, now, self.settings.manners.decent)

    @property
    def stories(self) -> Stories:
        return Stories(self.database, self.vault)


@click.group("outbox")
@click.pass_context
def command(context: click.Context) -> None:
    """Look at what could not be sent, and send it again."""
    context.obj = desk = _Desk()
    context.call_on_close(desk.close)


def _console() -> Console:
    """Its lines may be longer than the screen: an id that is cut off cannot be used."""
    found = Console(highlight=False)
    return Console(highlight=False, width=max(found.width, WIDE))


def _which(
    provider: str | None, purpose: str | None, hours: float | None, owner: str | None
) -> Which:
    since = None if hours is None else now() - timedelta(hours=hours)
    return Which(provider, None if purpose is None else Purpose(purpose), since, owner)


@command.command("list")
@click.option("--limit", default=50, show_default=True, help="So many at most, the newest first.")
@click.pass_obj
def list_failed(desk: _Desk, limit: int) -> None:
    """List the messages that failed; numbers are masked."""
    table = Table(Column("id", no_wrap=True), "failed", "purpose", "to", "provider", "why")
    found = desk.stories.page(owner=None, status=Status.FAILED, limit=limit)
    for one in found:
        table.add_row(
            one.id,
            _here(one.settled_at),
            one.purpose,
            one.to or "forgotten",
            one.provider or "",
            one.words,
        )
    console = _console()
    console.print(table)
    console.print(f"{len(found):,} of {desk.dead.count(Which()):,} that failed.")


@command.command("show")
@click.argument("message_id", metavar="ID")
@click.pass_obj
def show(desk: _Desk, message_id: str) -> None:
    """Tell everything that happened to one message."""
    story = desk.stories.one(message_id)
    if story is None:
        raise click.ClickException(f"there is no message {message_id}")
    one, console = story.summary, _console()
    console.print(
        f"{one.purpose} to {one.to or 'a forgotten number'} by {one.channel}: "
        f"[bold]{one.status}[/]{' (a test)' if one.test else ''}, "
        f"{one.segments or 0} parts, cost {one.cost or 0}",
        highlight=False,
    )
    table = Table("when", "what", "provider", "words")
    for step in story.steps:
        table.add_row(_here(step.at), step.what, step.provider or "", step.words)
    console.print(table)


@command.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]…")
@click.option("--all", "everything", is_flag=True, help="All that failed, as narrowed down below.")
@click.option("--provider", help="Only those that failed at this provider.")
@click.option("--purpose", type=click.Choice([one.value for one in Purpose]), help="Only these.")
@click.option("--hours", type=float, help="Only those that failed in the last so many hours.")
@click.option("--owner", help="Only those that this API key has put in.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def replay(
    desk: _Desk,
    ids: tuple[str, ...],
    everything: bool,
    provider: str | None,
    purpose: str | None,
    hours: float | None,
    owner: str | None,
    yes: bool,
) -> None:
    """Send failed messages again, under their old ids: those named, or --all of them."""
    if bool(ids) == everything:
        raise click.UsageError("name messages, or give --all")
    if ids:
        _tell(Counter(why or "" for why in desk.dead.send_again(ids, BY).values()))
        return
    which = _which(provider, purpose, hours, owner)
    count = desk.dead.count(which)
    if count and not yes:
        click.confirm(f"Send {count:,} messages again?", abort=True)
    _tell(_all(desk.dead, which, count))


def _all(dead: DeadLetters, which: Which, count: int) -> Counter[str]:
    """In lots, with a bar; what fails again meanwhile is not taken a second time."""
    told: Counter[str] = Counter()
    after, left = 0, count
    columns = (TextColumn("sending again"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        bar = progress.add_task("", total=count)
        while left > 0 and (some := dead.some(which, after=after, most=min(BATCH, left))):
            told.update(why or "" for why in dead.send_again([one for _, one in some], BY).values())
            after, left = some[-1][0], left - len(some)
            progress.advance(bar, len(some))
    return told


def _tell(told: Counter[str]) -> None:
    again = told.pop("", 0)
    click.echo(f"{again:,} are sent again.")
    for why, number in sorted(told.items()):
        click.echo(f"{number:,} are not: {why}.")
    if told and not again:
        raise click.exceptions.Exit(1)


def _here(moment: datetime | None) -> str:
    return f"{moment.astimezone(VIETNAM):%d/%m %H:%M:%S}" if moment else ""
