"""What a look at a campaign found, as the command line shows it, and how it says numbers and moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from core.campaigns.report import Report
from core.clock import VIETNAM

SHOWN_BAD = 20
"""Bad rows that are listed on the screen."""


def show_report(screen: Console, report: Report) -> None:
    """What a look at a campaign found."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _findings(report):
        table.add_row(name, value)
    screen.print(table)
    if report.bad_rows:
        screen.print(f"\nRows that cannot be sent ({counted(report.bad)}):")
        for row, reason in report.bad_rows[:SHOWN_BAD]:
            screen.print(f"  row {row}: {reason}", markup=False)
        if report.bad > SHOWN_BAD:
            for reason, number in report.reasons.items():
                screen.print(f"  in all {counted(number)}: {reason}", markup=False)


def _findings(report: Report) -> Iterator[tuple[str, str]]:
    yield "rows", counted(report.rows)
    yield "messages", f"{counted(report.messages)} to {counted(report.people)} people"
    yield "duplicates", counted(report.duplicates)
    yield "bad", counted(report.bad)
    yield "opted out", counted(report.refused)
    held = f", until {when(report.held_until)}" if report.held_until else ""
    yield "in quiet hours now", f"{counted(report.in_quiet_hours)}{held}"
    yield "segments", counted(report.segments)
    yield "money", _money(report)
    yield "time", _time(report)
    places = ", ".join(f"{code or 'none'}: {counted(n)}" for code, n in report.provinces.items())
    yield "by province", places or "-"
    ways = ", ".join(f"{_way(one)} {counted(number)}" for one, number in report.networks.items())
    yield "by channel", ways or "-"
    if report.same_as is not None:
        yield "beware", f"the same words and rows as campaign {report.same_as}"


def _way(network: str) -> str:
    return "SMS" if network == "phone" else network


def _money(report: Report) -> str:
    if report.cost is None:
        return "no price known: name prices in MOTCUA_ROUTES"
    more = f", and {counted(report.unpriced)} without a price" if report.unpriced else ""
    return f"{report.cost:,.0f} ₫{more}"


def _time(report: Report) -> str:
    if not report.messages:
        return "-"
    if report.rate is None or report.done_at is None:
        return "not known: nothing was sent in the last hour, and MOTCUA_RATES names no limit"
    return f"done {when(report.done_at)} at {report.rate:,.1f} a second"


def when(moment: datetime) -> str:
    """A moment as it is said: today by its hour alone."""
    here = moment.astimezone(VIETNAM)
    today = datetime.now(VIETNAM).date()
    if here.date() == today:
        return f"{here:%H:%M}"
    if here.date() == today + timedelta(days=1):
        return f"tomorrow {here:%H:%M}"
    return f"{here:%H:%M %d/%m/%Y}"


def counted(number: int) -> str:
    """A number with its thousands apart."""
    return f"{number:,}"
