"""What our own texts cost: the parts of every built-in text, with the longest real names, as sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table

from core.clock import VIETNAM
from core.dialogues import BY_NAME
from core.dialogues.about import LONGEST_NAME
from core.endings import in_vain
from core.gsm import is_gsm7, segments, septets, ucs2_units
from core.message import Channel, Screen
from core.notices.news import LINK_AGAIN
from core.notices.notice import masked
from core.notices.register import NOTICES
from core.screens import every_screen
from core.text import LANGUAGES
from gateway.hearing import FAILED
from sms.texts import SmsVoice

ACCENTS: tuple[bool | None, ...] = (None, True)
"""As texts are sent as a rule, and for those who asked for Vietnamese letters."""

_MOMENT = datetime(2026, 12, 30, 23, 59, tzinfo=VIETNAM)


@dataclass(frozen=True, slots=True)
class Built:
    """A text of ours: what kind it is, which one, and its words with the longest values."""

    kind: str
    name: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class Cost:
    """What one text costs in one language; of a paged one, all its pages together."""

    built: Built
    language: str
    accents: bool | None
    parts: int
    alphabet: str
    length: int
    """Septets in GSM-7, else UCS-2 units."""

    @property
    def in_one(self) -> bool:
        """Whether it goes out in a single part of GSM-7."""
        return self.parts == 1 and self.alphabet == "GSM-7"


def every_text() -> Iterator[Built]:
    """Every text we may send: news, last words, each screen, and the questions of a form."""
    for notice in NOTICES:
        for number, words in enumerate(notice.worst, 1):
            said = words.with_(name=masked(LONGEST_NAME))
            yield Built("news", f"{notice.kind} {number}", Screen(said))
    yield Built("news", "link again", Screen(LINK_AGAIN))
    for dialogue in BY_NAME.values():
        yield Built("last word", f"{dialogue.name}: in vain", in_vain(dialogue, _MOMENT))
    yield Built("last word", "something went wrong", Screen(FAILED))
    for shown in every_screen(channel=Channel.SMS):
        if not shown.case.endswith("not understood"):
            # The platform's own questions: here an invented form, longer than any we have seen.
            kind = "form" if shown.step.startswith("q.") else "screen"
            yield Built(kind, f"{shown.dialogue}/{shown.step}", shown.screen)


def costs() -> list[Cost]:
    """The cost of every text in every language, with and without accents; the dearest case of each."""
    voice = SmsVoice()
    dearest: dict[tuple[str, str, str, bool | None], Cost] = {}
    for built in every_text():
        for language in LANGUAGES:
            for accents in ACCENTS:
                cost = _cost(voice, built, language, accents)
                key = (built.kind, built.name, language, accents)
                known = dearest.get(key)
                if known is None or (cost.parts, cost.length) > (known.parts, known.length):
                    dearest[key] = cost
    return list(dearest.values())


def _cost(voice: SmsVoice, built: Built, language: str, accents: bool | None) -> Cost:
    pages = voice.pages(built.screen, language=language, accents=accents)
    whole = "".join(page.text for page in pages)
    length = septets(whole)
    return Cost(
        built=built,
        language=language,
        accents=accents,
        parts=sum(len(segments(page.text)) for page in pages),
        alphabet="GSM-7" if is_gsm7(whole) else "UCS-2",
        length=ucs2_units(whole) if length is None else length,
    )


def show(console: Console, found: Sequence[Cost] | None = None) -> None:
    """Prints the table of costs, then every text that is not one part of GSM-7 where it could be."""
    found = costs() if found is None else found
    console.print(_table(found))
    dear = [one for one in found if one.accents is None and not one.in_one]
    console.print(f"{len(dear)} texts without accents are more than one part of GSM-7:")
    for one in sorted(dear, key=lambda one: (one.built.kind, one.built.name, one.language)):
        console.print(
            f"  {one.parts} parts, {one.length:4} septets  {one.language}  "
            f"{one.built.kind}  {one.built.name}",
            highlight=False,
        )


def groups(found: Iterable[Cost]) -> Iterator[tuple[str, ...]]:
    """The rows of the table: kind, language, accents, texts, how many of 1, 2, 3 and more parts, mean."""
    counts: dict[tuple[str, str, bool | None], Counter[int]] = {}
    for one in found:
        counted = counts.setdefault((one.built.kind, one.language, one.accents), Counter())
        counted[one.parts] += 1
    for (kind, language, accents), counted in counts.items():
        total = counted.total()
        more = sum(count for parts, count in counted.items() if parts > 3)
        mean = sum(parts * count for parts, count in counted.items()) / total
        yield (
            kind,
            language,
            "as asked" if accents else "usual",
            *(str(number) for number in (total, counted[1], counted[2], counted[3], more)),
            f"{mean:.2f}",
        )


def _table(found: Iterable[Cost]) -> Table:
    table = Table("kind", "language", "accents", "texts", "1 part", "2", "3", "more", "mean")
    for row in groups(found):
        table.add_row(*row)
    return table


def main() -> None:
    """`make bench ARGS=cost`."""
    show(Console(width=100))
