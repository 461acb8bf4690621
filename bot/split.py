"""Cuts a text that is too long for one message where a reader would take a breath."""

from __future__ import annotations

import re
from typing import Final

from core.gsm import ucs2_units

_BREATHS: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…;:])\s+"),
    re.compile(r"\s+"),
)
"""Where to cut, best first: between paragraphs, lines, sentences, words."""


def split(text: str, longest: int) -> tuple[str, ...]:
    """The text in pieces of at most `longest` UTF-16 units (so that an emoji counts as two).

    Nothing is dropped but white space at the cuts and the ends. An empty text is one empty piece.
    """
    pieces: list[str] = []
    rest = text.strip()
    while ucs2_units(rest) > longest:
        end, go_on = _cut(rest, _reach(rest, longest))
        pieces.append(rest[:end].rstrip())
        rest = rest[go_on:].lstrip()
    return (*pieces, rest) if rest or not pieces else tuple(pieces)


def _reach(text: str, longest: int) -> int:
    """How many characters fit, at least one."""
    units = 0
    for count, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > longest:
            return max(1, count)
    return len(text)


def _cut(text: str, reach: int) -> tuple[int, int]:
    """Where the piece ends and where the next begins; a cut in the first half is no good cut."""
    for least in (reach // 2, 1):
        for breath in _BREATHS:
            found = [one for one in breath.finditer(text, 0, reach + 1) if one.start() >= least]
            if found and found[-1].start() <= reach:
                return found[-1].start(), found[-1].end()
    return reach, reach
