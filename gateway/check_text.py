"""`python -m gateway check-text`: proves that every screen in every language fits every channel."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot import voices as chat
from bot.voice import ChatVoice
from core.goals import ALONE, GOALS, Walk
from core.gsm import fold, is_gsm7, segments, septets, ucs2_units
from core.message import Channel, Page
from core.screens import Shown, every_screen, words_of
from core.text import LANGUAGES
from core.voice import Voice
from gateway import costs_page, text_cost
from sms.texts import SmsVoice
from ussd.pages import UssdVoice

DOCS = Path("docs")
USSD_SEPTETS = 160
USSD_UNITS = 80
SMS_PARTS = 3
LONGEST_CHAT = 4096
LONGEST_BUTTON = 64
"""UTF-16 units of a button's words that chat networks take."""

FAMILIES = {"alone": ALONE, "of six": None}

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
    return (UssdVoice(), SmsVoice(most_segments=SMS_PARTS), *chat.voices().values())


@click.command("check-text")
@click.option("--show", is_flag=True, help="Print every page too.")
@click.option("--cost", is_flag=True, help="Print what every text costs in parts instead.")
@click.option(
    "--cost-doc", is_flag=True, help=f"Write that into {DOCS}/sms.md and costs.md instead."
)
def command(show: bool, cost: bool, cost_doc: bool) -> None:
    """Render every screen with the longest data and check that it fits."""
    console = Console()
    if cost_doc:
        costs_page.write(DOCS, text_cost.costs())
        return
    if cost:
        text_cost.show(console)
        return
    shown = {channel: list(every_screen(channel=channel)) for channel in Channel}
    tallies = [
        tally(voice, language, accents, shown[voice.channel], show=console.print if show else None)
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
    table, missed = key_presses()
    console.print(table)
    for what in missed:
        console.print(f"[red]too many keys[/]: {what}", highlight=False)
    if missed:
        sys.exit(1)


def key_presses() -> tuple[Table, list[str]]:
    """How many keys it takes to each goal by USSD, dialling counted as one, and where too many."""
    table = Table("keys from dialling to", "language", "family", "known", "goal", "new", "goal")
    missed = []
    for goal, language, (family, members) in product(GOALS, LANGUAGES, FAMILIES.items()):
        walk = Walk(UssdVoice(), language, members)
        known, new = walk.keys(goal, linked=True), walk.keys(goal, linked=False)
        wanted = (str(goal.known), str(goal.new or "-"))
        table.add_row(goal.name, language, family, str(known), wanted[0], str(new), wanted[1])
        if known is None or known > goal.known or (goal.new and (new is None or new > goal.new)):
            missed.append(f"{goal.name}, {language}, {family}")
    return table, missed


def tally(
    voice: Voice,
    language: str,
    accents: bool | None,
    shown: Iterable[Shown],
    show: object = None,
) -> Tally:
    """Renders every screen once and checks each of its pages."""
    found = Tally(_name(voice), language, accents)
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


def _name(voice: Voice) -> str:
    """The channel; of the chat networks, which show more or fewer buttons, how many."""
    most = voice.most_buttons if isinstance(voice, ChatVoice) else None
    return voice.channel.value if most is None else f"{voice.channel.value}, {most} buttons"


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
                yield from _chat_faults(voice, page)
    shown = " ".join(fold(page.text) for page in pages)
    shown += " " + " ".join(fold(button.label) for page in pages for button in page.buttons)
    small, text = voice.channel is not Channel.CHAT, voice.channel is Channel.SMS
    wanted = words_of(one.screen, whole=not small, text=text)
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


def _chat_faults(voice: Voice, page: Page) -> Iterator[str]:
    longest, most = LONGEST_CHAT, None
    if isinstance(voice, ChatVoice):
        longest, most = voice.longest, voice.most_buttons
    if not 0 < ucs2_units(page.text) <= longest:
        yield f"{ucs2_units(page.text)} units"
    if most is not None and len(page.buttons) > most:
        yield f"{len(page.buttons)} buttons"
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
