"""Lays lines out on pages of limited room, and drops nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import category

Cost = Callable[[str], int]
"""What a text takes of a page; the cost of two texts together is the sum of theirs."""


@dataclass(frozen=True, slots=True)
class Feet:
    """The foot of a page: of the only one, and of the first, the middle and the last of many.

    The first is no shorter than the only one, and the middle no shorter than the last.
    """

    only: str
    first: str
    middle: str
    last: str


def lay_out(lines: Sequence[str], feet: Feet, room: int, cost: Cost) -> list[str]:
    """The lines on as few pages as whole lines allow, each page with its foot.

    A line goes onto the next page rather than being broken; one that is longer than a page is
    broken between words, and only a word longer than a page within the word. A number stays with
    what it numbers, and no later part of a line begins with one, or it would look like an option.
    A foot must leave at least half of the page free: put a longer one among the lines.
    """
    rest = _trimmed(lines)
    pages: list[str] = []
    laying = _Laying(room, cost)
    while True:
        page = _with_foot(rest, feet.last if pages else feet.only)
        if cost(page) <= room:
            return [*pages, page]
        foot = feet.middle if pages else feet.first
        taken, rest = laying.take(rest, foot, feet.last)
        pages.append(_with_foot(taken, foot))


@dataclass(frozen=True, slots=True)
class _Laying:
    room: int
    cost: Cost

    def take(self, lines: Sequence[str], foot: str, last: str) -> tuple[list[str], list[str]]:
        """What goes on one page with this foot, and what is left; the last page has that of its own."""
        free = self.room - (self.cost("\n" + foot) if foot else 0)
        taken: list[str] = []
        rest = list(lines)
        left = free
        while rest:
            line = rest[0]
            gap = 1 if taken else 0
            if self.cost(line) + gap <= left:
                left -= self.cost(line) + gap
                taken.append(rest.pop(0))
                continue
            if self.cost(line) > free and not (taken and self._is_last(rest, last)):
                head, tail = self._broken(line, left - gap, within_words=not taken)
                if head:
                    taken.append(head)
                    rest[0] = tail
            break
        return _trimmed(taken), _trimmed(rest)

    def _is_last(self, rest: Sequence[str], foot: str) -> bool:
        """Does the last page, whose foot is shorter, hold all of this whole?"""
        return self.cost(_with_foot(rest, foot)) <= self.room

    def _broken(self, line: str, room: int, *, within_words: bool) -> tuple[str, str]:
        """As much of the line as fits, to the last good space if there is one, and the rest."""
        end = filled = 0
        while end < len(line) and (filled := filled + self.cost(line[end])) <= room:
            end += 1
        parts = [
            (line[:space].rstrip(" "), line[space + 1 :].lstrip(" "))
            for space in range(min(end, len(line) - 1), 0, -1)
            if line[space] == " "
        ]
        parts = [
            (head, tail) for head, tail in parts if head.strip() and not head.strip().isdecimal()
        ]
        whole = ((head, tail) for head, tail in parts if not tail[:1].isdecimal())
        if parts:
            return next(whole, parts[0])
        end = max(end, 1)
        return (line[:end], line[end:]) if within_words else ("", line)


def lines_of(text: str) -> list[str]:
    """The lines of a text; tabs become spaces, other control signs vanish.

    A stray carriage return or escape changes what a telephone shows, or cannot be written in XML.
    """
    lines = text.split("\n")
    if all(map(str.isprintable, lines)):
        return lines
    return [
        "".join(sign for sign in line.replace("\t", " ") if category(sign) not in ("Cc", "Cs"))
        for line in lines
    ]


def _with_foot(lines: Sequence[str], foot: str) -> str:
    return "\n".join((*lines, foot) if foot else lines)


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Without the empty lines at its beginning and end."""
    trimmed = list(lines)
    while trimmed and not trimmed[0].strip():
        del trimmed[0]
    while trimmed and not trimmed[-1].strip():
        del trimmed[-1]
    return trimmed
