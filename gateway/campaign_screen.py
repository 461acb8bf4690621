"""What the command line shows of campaigns: a look before, progress while, and the list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
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
from core.campaigns.report import Report
from core.campaigns.source import lines_of
from core.clock import VIETNAM
from core.store.campaign_rows import Watch

SHOWN_BAD = 20
"""Bad rows that are listed on the screen."""

STEP_SECONDS = 1.0

_COUNTED = ("to send", "waiting", "queued", "sent", "delivered", "failed", "stopped")


def console() -> Console:
    """Where it is shown; wide enough for a table when nobody looks."""
    return Console(highlight=False, soft_wrap=True)


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


def show_report(screen: Console, report: Report) -> None:
    """What a look at a campaign found."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _findings(report):
        table.add_row(name, value)
    screen.print(table)
    if report.bad_rows:
        screen.print(f"\nRows that cannot be sent ({_n(report.bad)}):")
        for row, reason in report.bad_rows[:SHOWN_BAD]:
            screen.print(f"  row {row}: {reason}", markup=False)
        if report.bad > SHOWN_BAD:
            for reason, number in report.reasons.items():
                screen.print(f"  in all {_n(number)}: {reason}", markup=False)


def _findings(report: Report) -> Iterator[tuple[str, str]]:
    yield "rows", _n(report.rows)
    yield "messages", f"{_n(report.messages)} to {_n(report.people)} people"
    yield "duplicates", _n(report.duplicates)
    yield "bad", _n(report.bad)
    yield "opted out", _n(report.refused)
    held = f", until {_when(report.held_until)}" if report.held_until else ""
    yield "in quiet hours now", f"{_n(report.in_quiet_hours)}{held}"
    yield "segments", _n(report.segments)
    yield "money", _money(report)
    yield "time", _time(report)
    places = ", ".join(f"{code or 'none'}: {_n(n)}" for code, n in report.provinces.items())
    yield "by province", places or "-"
    ways = ", ".join(f"{_way(one)} {_n(number)}" for one, number in report.networks.items())
    yield "by channel", ways or "-"
    if report.same_as is not None:
        yield "beware", f"the same words and rows as campaign {report.same_as}"


def _way(network: str) -> str:
    return "SMS" if network == "phone" else network


def _money(report: Report) -> str:
    if report.cost is None:
        return "no price known: name prices in MOTCUA_ROUTES"
    more = f", and {_n(report.unpriced)} without a price" if report.unpriced else ""
    return f"{report.cost:,.0f} ₫{more}"


def _time(report: Report) -> str:
    if not report.messages:
        return "-"
    if report.rate is None or report.done_at is None:
        return "not known: nothing was sent in the last hour, and MOTCUA_RATES names no limit"
    return f"done {_when(report.done_at)} at {report.rate:,.1f} a second"


def show_status(
    screen: Console,
    campaign: Campaign,
    counts: Counts,
    areas: Mapping[str, Counts],
    steps: Iterable[Step],
) -> None:
    """How far a campaign is, in all and by area, and who did what."""
    why = f" ({campaign.why})" if campaign.why else ""
    name = escape(campaign.plan.name)
    screen.print(f"[bold]{name}[/] {campaign.id}: {campaign.state}{why}")
    for line in _plan(campaign):
        screen.print(line, markup=False)
    if campaign.state in OPEN_TO_CHANGE:
        screen.print(_promise(campaign), markup=False)
    table = Table(Column("area", no_wrap=True), *_COUNTED, box=SIMPLE_HEAD, pad_edge=False)
    for code, found in areas.items():
        table.add_row(_held(campaign, code), *_cells(found))
    if len(areas) > 1:
        table.add_row("all", *_cells(counts), style="bold")
    screen.print(table)
    left_out = (
        f"bad {_n(counts.bad)}, duplicates {_n(counts.duplicate)}, opted out {_n(counts.refused)}"
    )
    screen.print(f"left out: {left_out}; cost so far {counts.cost:,.0f} ₫")
    for step in steps:
        screen.print(f"  {_when(step.at)}  {step.what}  by {step.who}", markup=False)


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
        yield f"not before {_when(plan.not_before)}"
    if plan.useless_after is not None:
        yield f"until {_when(plan.useless_after)}"


def _promise(campaign: Campaign) -> str:
    """What its check found, in a line."""
    found = campaign.report
    if found is None:
        return "not checked yet"
    same = found.get("sameAs")
    money = "no price known" if found["cost"] is None else f"{Decimal(found['cost']):,.0f} ₫"
    return (
        f"{_n(found['messages'])} messages to {_n(found['people'])} people, "
        f"{_n(found['segments'])} segments, {money}"
        + (f"\nbeware: the same words and rows as campaign {same}" if same else "")
    )


def _held(campaign: Campaign, code: str) -> str:
    for areas, word in ((campaign.stopped_areas, "stopped"), (campaign.paused_areas, "paused")):
        if {f"province:{code}", f"ward:{code}"} & set(areas):
            return f"{code} {word}"
    return code or "none named"


def _cells(counts: Counts) -> tuple[str, ...]:
    return tuple(
        _n(number)
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
            _when(one.created_at),
            escape(one.makers[0]),
            _n((one.report or {}).get("messages", 0)),
        )
    screen.print(table)


def follow(
    screen: Console, look: Callable[[], tuple[Campaign, Counts]], *, seconds: float = STEP_SECONDS
) -> Campaign:
    """A bar until the campaign is over or stands still; where nobody looks, a line now and then."""
    quiet_until, began = 0.0, time.monotonic()
    with _bar(screen) as bar:
        task = bar.add_task("sending", total=None)
        while True:
            campaign, counts = look()
            canary = campaign.state is State.CANARY
            said = f"{campaign.state}{', the rest waits for the receipts of these' * canary}"
            bar.update(task, total=counts.to_send, completed=counts.out, description=said)
            if not screen.is_terminal and time.monotonic() >= quiet_until:
                quiet_until = time.monotonic() + 10 * seconds
                done = f"{_n(counts.out)} of {_n(counts.to_send)}"
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


def _when(moment: datetime) -> str:
    here = moment.astimezone(VIETNAM)
    today = datetime.now(VIETNAM).date()
    if here.date() == today:
        return f"{here:%H:%M}"
    if here.date() == today + timedelta(days=1):
        return f"tomorrow {here:%H:%M}"
    return f"{here:%H:%M %d/%m/%Y}"


def _n(number: int) -> str:
    return f"{number:,}"
