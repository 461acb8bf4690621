"""`python -m gateway check-text`: proves that every screen in every language fits every channel."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.table import Table

from bot.telegram import LONGEST_TEXT
from bot.voice import ChatVoice
from core.engine import Voice
from core.gsm import fold, is_gsm7, segments, septets, ucs2_units
from core.message import Channel, Page
from core.screens import Shown, every_screen, words_of
from core.text import LANGUAGES
from gateway import text_cost
from sms.texts import SmsVoice
from ussd.pages import UssdVoice

USSD_SEPTETS = 160
USSD_UNITS = 80
SMS_PARTS = 3
LONGEST_BUTTON = 64
"""UTF-16 units of a button's words that chat networks take."""

ACCENTS: tuple[bool | None, ...] = (None, True)
"""As the channel has it, and for those who asked for Vietnamese letters."""


@dataclass(slots=True)
class Tally:
    """What was found for one channel, language and wish for accents."""

    channel: str
    language: str
    accents: bool | None
    screens: int = 0
    sizes: Counter[int] = field(default_factory=Counter)
    """Pages of a USSD or chat screen, parts of a text → how many screens."""
    wrong: list[str] = field(default_factory=list)


def voices() -> Sequence[Voice]:
    return (UssdVoice(), SmsVoice(most_segments=SMS_PARTS), ChatVoice(longest=LONGEST_TEXT))


@click.command("check-text")
@click.option("--show", is_flag=True, help="Print every page too.")
@click.option("--cost", is_flag=True, help="Print what every text costs in parts instead.")
def command(show: bool, cost: bool) -> None:
    """Render every screen with the longest data and check that it fits."""
    console = Console()
    if cost:
        text_cost.show(console)
        return
    shown = list(every_screen())
    tallies = [
        tally(voice, language, accents, shown, show=console.print if show else None)
        for voice in voices()
        for language in LANGUAGES
        for accents in ACCENTS
    ]
    console.print(_table(tallies))
    wrong = [f"{one.channel} {one.language}: {what}" for one in tallies for what in one.wrong]
    for what in wrong:
        console.print(f"[red]does not fit[/]: {what}", highlight=False)
    if wrong:
        sys.exit(1)
    console.print(f"All {sum(one.screens for one in tallies)} screens fit.")


def tally(
    voice: Voice,
    language: str,
    accents: bool | None,
    shown: Iterable[Shown],
    show: object = None,
) -> Tally:
    """Renders every screen once and checks each of its pages."""
    found = Tally(voice.channel.value, language, accents)
    for one in shown:
        pages = voice.pages(one.screen, language=language, accents=accents)
        where = f"{one.dialogue}/{one.step} ({one.case})"
        found.screens += 1
        found.sizes[_size(voice.channel, pages)] += 1
        found.wrong += [f"{where}: {what}" for what in faults(voice, one, pages, language, accents)]
        if callable(show):
            for page in pages:
                show(f"[dim]{where} {language}[/]\n{page.text}\n", markup=True)
    return found


def _size(channel: Channel, pages: Sequence[Page]) -> int:
    if channel is Channel.SMS:
        return max(len(segments(page.text)) for page in pages)
    return len(pages)


def faults(
    voice: Voice, one: Shown, pages: Sequence[Page], language: str, accents: bool | None
) -> Iterator[str]:
    """What is wrong with these pages: too long, wrong alphabet, or something left out."""
    for page in pages:
        match voice.channel:
            case Channel.USSD:
                yield from _ussd_faults(page.text, accents)
            case Channel.SMS:
                yield from _sms_faults(page.text, accents)
            case Channel.CHAT:
                yield from _chat_faults(page)
    shown = " ".join(fold(page.text) for page in pages)
    shown += " " + " ".join(fold(button.label) for page in pages for button in page.buttons)
    wanted = words_of(one.screen, whole=voice.channel is Channel.CHAT)
    missing = [
        word for line in wanted for word in fold(line.to(language)).split() if word not in shown
    ]
    if missing:
        yield f"left out: {' '.join(missing)}"


def _ussd_faults(text: str, accents: bool | None) -> Iterator[str]:
    size = septets(text)
    if size is None:
        if accents is not True:
            yield "letters outside GSM-7"
        if ucs2_units(text) > USSD_UNITS:
            yield f"{ucs2_units(text)} units"
    elif size > USSD_SEPTETS:
        yield f"{size} septets"


def _sms_faults(text: str, accents: bool | None) -> Iterator[str]:
    if accents is not True and not is_gsm7(text):
        yield "letters outside GSM-7"
    if len(segments(text)) > SMS_PARTS:
        yield f"{len(segments(text))} parts"


def _chat_faults(page: Page) -> Iterator[str]:
    if not 0 < ucs2_units(page.text) <= LONGEST_TEXT:
        yield f"{ucs2_units(page.text)} units"
    for button in page.buttons:
        if not 0 < ucs2_units(button.label) <= LONGEST_BUTTON:
            yield f"a button of {ucs2_units(button.label)} units"


def _table(tallies: Iterable[Tally]) -> Table:
    table = Table("channel", "language", "accents", "screens", "pages or parts: screens", "wrong")
    for one in tallies:
        sizes = ", ".join(f"{size}: {count}" for size, count in sorted(one.sizes.items()))
        accents = "as asked" if one.accents else "usual"
        table.add_row(
            one.channel, one.language, accents, str(one.screens), sizes, str(len(one.wrong))
        )
    return table
