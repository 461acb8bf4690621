"""What the command line shows of campaigns: a look before, progress while, and the list."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from core.campaigns.campaign import (
    NEXT,
    OPEN_TO_CHANGE,
    UNDER_WAY,
    Campaign,
    State,
    Step,
)
from core.campaigns.progress import Progress as Counts
from core.campaigns.source import lines_of
from core.store.campaign_rows import Watch
from gateway.campaign_look import counted, when

STEP_SECONDS = 1.0
WIDE = 120
"""Letters in a line where nobody looks."""

_COUNTED = ("to send", "waiting", "queued", "sent", "delivered", "failed", "stopped")


def console() -> Console:
    """Where it is shown; wide enough for a table when nobody looks."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)


@contextmanager
def looking(screen: Console, path: Path) -> Iterator[tuple[Iterable[bytes], Watch]]:
    """The lines of a file, with a bar that shows how much of it is read, and one for its rows."""
    with _bar(screen) as bar, bar.open(path, "rb", description="reading, bytes") as file:
        yield lines_of(file), _looked_at(bar)


@contextmanager
def counting(screen: Console, what: str = "looking") -> Iterator[Watch]:
    """A bar for rows that are gone through; without an end where nobody knows how many there are."""
    with _bar(screen) as bar:
        yield _looked_at(bar, what)


def _looked_at(bar: Progress, what: str = "looking") -> Watch:
    tasks: list[TaskID] = []

    def watch(more: int, of: int | None) -> None:
        if of is None and what == "looking":
            return  # the file has a bar of its own
        if not tasks:
            tasks.append(bar.add_task(what, total=of))
        bar.advance(tasks[0], more)

    return watch


def show_status(
    screen: Console,
    campaign: Campaign,
    counts: Counts,
    areas: Mapping[str, Counts],
    steps: Iterable[Step],
    waits: datetime | None,
) -> None:
    """How far a campaign is, in all and by area, and who did what."""
    why = f" ({campaign.why})" if campaign.why else ""
    name = escape(campaign.plan.name)
    screen.print(f"[bold]{name}[/] {campaign.id}: {campaign.state}{why}")
    for line in _plan(campaign):
        screen.print(line, markup=False)
    if campaign.state in OPEN_TO_CHANGE:
        screen.print(_promise(campaign), markup=False)
    for line in _standing(campaign, waits):
        screen.print(line, markup=False)
    table = Table(Column("area", no_wrap=True), *_COUNTED, box=SIMPLE_HEAD, pad_edge=False)
    for code, found in areas.items():
        table.add_row(_held(campaign, code), *_cells(found))
    if len(areas) > 1:
        table.add_row("all", *_cells(counts), style="bold")
    screen.print(table)
    left_out = (
        f"bad {counted(counts.bad)}, duplicates {counted(counts.duplicate)}, "
        f"opted out {counted(counts.refused)}"
    )
    screen.print(f"left out: {left_out}; cost so far {counts.cost:,.0f} ₫")
    for step in steps:
        screen.print(f"  {when(step.at)}  {step.what}  by {step.who}", markup=False)


def _plan(campaign: Campaign) -> Iterator[str]:
    """What it says and when: an approver agrees to nothing else."""
    plan, words = campaign.plan, campaign.plan.words
    yield f"edition {campaign.edition}, for the purpose {plan.purpose}"
    if words.template:
        yield f"template {words.template}"
    for language, text in words.texts.items():
        yield f"text ({language}): {text}"
    if plan.sms_only:
        yield "by SMS only"
    if plan.not_before is not None:
        yield f"not before {when(plan.not_before)}"
    if plan.useless_after is not None:
        yield f"until {when(plan.useless_after)}"


def _standing(campaign: Campaign, waits: datetime | None) -> Iterator[str]:
    """What keeps some of it, or all of it, from going out."""
    if waits is not None:
        yield f"nothing is sent until {when(waits)}"
    for areas, word in ((campaign.paused_areas, "paused"), (campaign.stopped_areas, "stopped")):
        if areas:
            yield f"{word} in {', '.join(one.replace(':', ' ') for one in areas)}"


def _promise(campaign: Campaign) -> str:
    """What its check found, in a line."""
    found = campaign.report
    if found is None:
        return "not checked yet"
    same = found.get("sameAs")
    money = "no price known" if found["cost"] is None else f"{Decimal(found['cost']):,.0f} ₫"
    return (
        f"{counted(found['messages'])} messages to {counted(found['people'])} people, "
        f"{counted(found['segments'])} segments, {money}"
        + (f"\nbeware: the same words and rows as campaign {same}" if same else "")
    )


def _held(campaign: Campaign, code: str) -> str:
    for areas, word in ((campaign.stopped_areas, "stopped"), (campaign.paused_areas, "paused")):
        if {f"province:{code}", f"ward:{code}"} & set(areas):
            return f"{code} {word}"
    return code or "none named"


def _cells(counts: Counts) -> tuple[str, ...]:
    return tuple(
        counted(number)
        for number in (
            *(counts.to_send, counts.waiting, counts.queued),
            *(counts.sent + counts.unsettled, counts.delivered),
            *(counts.failed + counts.expired, counts.stopped),
        )
    )


def show_list(screen: Console, campaigns: Iterable[Campaign]) -> None:
    """One line each."""
    columns = ("name", "purpose", "state", "made", "by", "messages")
    table = Table(Column("id", no_wrap=True), *columns, box=SIMPLE_HEAD, pad_edge=False)
    for one in campaigns:
        table.add_row(
            one.id,
            escape(one.plan.name),
            one.plan.purpose,
            one.state,
            when(one.created_at),
            escape(one.makers[0]),
            counted((one.report or {}).get("messages", 0)),
        )
    screen.print(table)


def follow(
    screen: Console,
    look: Callable[[], tuple[Campaign, Counts, datetime | None]],
    *,
    seconds: float = STEP_SECONDS,
) -> Campaign:
    """A bar until the campaign is over or stands still; where nobody looks, a line now and then."""
    quiet_until, began = 0.0, time.monotonic()
    with _bar(screen) as bar:
        task = bar.add_task("sending", total=None)
        while True:
            campaign, counts, waits = look()
            canary = campaign.state is State.CANARY
            said = f"{campaign.state}{', the rest waits for the receipts of these' * canary}"
            if waits is not None:
                said += f", nothing is sent until {when(waits)}"
            bar.update(task, total=counts.to_send, completed=counts.out, description=said)
            if not screen.is_terminal and time.monotonic() >= quiet_until:
                quiet_until = time.monotonic() + 10 * seconds
                done = f"{counted(counts.out)} of {counted(counts.to_send)}"
                screen.print(f"{time.monotonic() - began:5.0f} s  {done}  {said}")
            if campaign.state not in UNDER_WAY or campaign.state is State.PAUSED:
                return campaign
            time.sleep(seconds)


def say_next(screen: Console, campaign: Campaign) -> None:
    """What can be done now."""
    command = f"python -m gateway campaign {{}} {campaign.id}"
    commands = {
        State.DRAFT: command.format("check"),
        State.CHECKED: f"{command.format('approve')} --edition {campaign.edition} --as <another person>",
        State.APPROVED: command.format("start"),
        State.CANARY: f"{command.format('status')} --follow",
        State.RUNNING: f"{command.format('status')} --follow",
        State.PAUSED: command.format("resume"),
    }
    said = f"{campaign.id} is {campaign.state}: {NEXT[campaign.state]}"
    todo = commands.get(campaign.state)
    screen.print(said if todo is None else f"{said}\n  {todo}", markup=False)


class _Count(ProgressColumn):
    """So many of so many."""

    def render(self, task: Task) -> Text:
        """As much of that as is known."""
        of = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{of}")


def _bar(screen: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        _Count(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
