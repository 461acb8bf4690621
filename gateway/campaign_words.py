"""What every command about campaigns takes: words, a schedule, an area, and who acts."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from core.campaigns.campaign import Area, Plan, Words
from core.campaigns.changes import PURPOSES
from core.clock import VIETNAM
from core.outbox.outgoing import Purpose
from core.outbox.templates import TEMPLATES

F = TypeVar("F", bound=Callable[..., Any])

MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
USUAL = {
    **dict.fromkeys(("result", "result-ready"), Purpose.RESULT),
    **dict.fromkeys(("dose-due", "declare", "appointment"), Purpose.REMINDER),
}
"""What a template is for when nothing else is said."""


def said(command: F) -> F:
    """Adds the options that say what is to be sent, and when."""
    for option in reversed(
        (
            click.option(
                "--template", type=click.Choice(list(TEMPLATES)), help="Words of the house."
            ),
            click.option("--text", help="Your own words, in Vietnamese; {name} is a column."),
            click.option("--text-en", help="The same for those who read English."),
        )
    ):
        command = option(command)
    return command


def planned(command: F) -> F:
    """Adds the options of a new campaign."""
    for option in reversed(
        (
            click.option("--name", help="What to call it; the file's name if not given."),
            click.option(
                "--purpose",
                type=click.Choice([str(one) for one in PURPOSES]),
                help="What it is for; quiet hours and opt-outs depend on it.",
            ),
            click.option(
                "--not-before",
                type=click.DateTime(MOMENTS),
                help="When it begins at the earliest (Viet Nam).",
            ),
            click.option(
                "--sms-only",
                is_flag=True,
                help="By text to everybody, also to those who read us in a chat.",
            ),
            click.option(
                "--until",
                type=click.DateTime(MOMENTS),
                help="What has not gone out by then is of no use any more.",
            ),
        )
    ):
        command = option(command)
    return said(command)


def acting(command: F) -> F:
    """Adds who acts."""
    return click.option(
        "--as", "who", metavar="NAME", help="Who does this; your name on this machine if not given."
    )(command)


def held(command: F) -> F:
    """Adds the part of a campaign that is meant."""
    ward = click.option("--ward", metavar="CODE", help="Only in this ward.")
    return click.option("--province", metavar="CODE", help="Only in this province.")(ward(command))


def who_acts(given: str | None) -> str:
    """The name of whoever acts."""
    try:
        return given or getpass.getuser()
    except (KeyError, OSError):
        raise click.ClickException("say who you are: --as NAME") from None


def area_of(province: str | None, ward: str | None) -> Area | None:
    """The part that is meant; None for the whole."""
    if province and ward:
        raise click.UsageError("give either --province or --ward")
    if province:
        return Area("province", province)
    return Area("ward", ward) if ward else None


def words_of(template: str | None, text: str | None, text_en: str | None) -> Words | None:
    """The words that were given; None when there are none."""
    if text_en and not text:
        raise click.UsageError("--text-en needs --text: the words in Vietnamese")
    if template and text:
        raise click.UsageError("give either --template or --text")
    if template:
        return Words(template)
    return Words(texts={"vi": text, **({"en": text_en} if text_en else {})}) if text else None


def plan_of(
    path: Path,
    *,
    name: str | None,
    purpose: str | None,
    not_before: datetime | None,
    until: datetime | None,
    sms_only: bool,
    **said: str | None,
) -> Plan:
    """What is to be sent, from the options."""
    words = words_of(said["template"], said["text"], said["text_en"])
    if words is None:
        raise click.UsageError("say what to send: --template or --text")
    usual = USUAL.get(words.template, Purpose.CAMPAIGN)
    return Plan(
        name or path.stem,
        usual if purpose is None else Purpose(purpose),
        words,
        _here(not_before),
        _here(until),
        sms_only,
    )


def _here(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=VIETNAM)
