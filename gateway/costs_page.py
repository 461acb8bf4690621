"""Writes what texts cost into the docs: a short table in ``docs/sms.md``, every text in ``docs/costs.md``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.text import LANGUAGES
from gateway.text_cost import ACCENTS, Cost, groups

BEGINNING: Final = "<!-- written by `make docs` from here -->\n"
END: Final = "<!-- to here -->\n"

INTRODUCTION: Final = """\
# What every text costs

In parts, with the longest real names; of a paged text all pages together, and of a text with several cases
the dearest one. `plain` is without accents, as texts go out unless a person asked for them; `accents` is as
asked. The texts of `form` belong to an invented form, longer than any that we have seen: a real one is the
platform's. [sms.md](sms.md#what-texts-cost) has the sums.

This page is written by `make docs` from the code; change it there.
"""

_WISHES: Final = {None: "plain", True: "accents"}


def write(directory: Path, found: Sequence[Cost]) -> None:
    """Writes both into the docs in this directory."""
    (directory / "costs.md").write_text(costs_page(found), encoding="utf-8")
    page = directory / "sms.md"
    page.write_text(with_sums(page.read_text(encoding="utf-8"), found), encoding="utf-8")


def with_sums(page: str, found: Sequence[Cost]) -> str:
    """This page with its table of costs made anew, between the two marks."""
    before, _, rest = page.partition(BEGINNING)
    _, _, after = rest.partition(END)
    return f"{before}{BEGINNING}\n{sums(found)}\n{END}{after}"


def sums(found: Sequence[Cost]) -> str:
    """How many texts of each kind have how many parts, in Markdown."""
    rows = [
        "| | language | accents | texts | 1 part | 2 | 3 | more | mean |",
        "|---|---|---|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in groups(found)),
    ]
    return "\n".join(rows) + "\n"


def costs_page(found: Sequence[Cost]) -> str:
    """The page of every text, in Markdown."""
    ways = [(language, wish) for language in LANGUAGES for wish in ACCENTS]
    head = " | ".join(f"{language}, {_WISHES[wish]}" for language, wish in ways)
    lines = [INTRODUCTION, f"| text | {head} |", "|---|" + "---|" * len(ways)]
    for name, parts in _rows(found):
        lines.append(f"| {name} | " + " | ".join(str(parts[way]) for way in ways) + " |")
    return "\n".join(lines) + "\n"


def _rows(found: Sequence[Cost]) -> Iterator[tuple[str, Mapping[tuple[str, bool | None], int]]]:
    rows: dict[tuple[str, str], dict[tuple[str, bool | None], int]] = {}
    for one in found:
        row = rows.setdefault((one.built.kind, one.built.name), {})
        row[one.language, one.accents] = one.parts
    for (kind, name), parts in sorted(rows.items()):
        yield f"{kind}: {name}", parts
