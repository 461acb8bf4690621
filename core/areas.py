"""Finding a province or a ward by its name as people type it.

No accents, titles left out or cut short ("p.", "q.", "tt", "tp"), the province after a comma, and
the names of before the merger of 2025, when there were districts and 63 provinces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.gsm import fold
from core.platform.ports import Area, Position

NEAR: Final = 25.0
"""Kilometres within which the nearest ward may be the one that somebody is in."""

NICKNAMES: Final = {"saigon": "ho chi minh", "sg": "ho chi minh"}
"""What people call a province, without spaces → its bare name."""

KM_PER_DEGREE: Final = 111.2

_TITLES = (
    "thanh pho", "thi tran", "thi xa", "dac khu", "phuong", "quan", "huyen", "tinh", "xa",
    "tp", "tt", "tx", "p", "q", "h", "x", "t",
)  # fmt: skip
_TITLE = re.compile(rf"^(?:{'|'.join(_TITLES)})(?:\s+|(?=\d))")


@dataclass(frozen=True, slots=True)
class Place:
    """An area with its province, as it is shown to people."""

    area: Area
    province: Area | None

    @property
    def name(self) -> str:
        if self.province is None:
            return self.area.name
        return f"{self.area.name}, {self.province.name}"


def find(typed: str, areas: Iterable[Area], most: int = 6) -> tuple[Place, ...]:
    """The places that may be meant, the likeliest first; empty when there is none.

    A ward's own name counts before a former one; a whole name before the beginning of one. Where
    what was typed is no name as a whole, its last words may say where the place lies.
    """
    known = {area.id: area for area in areas}
    name, _comma, within = typed.partition(",")
    found = _found(bare(name), bare(within), known, most)
    words = () if found or bare(within) else fold(name).split()
    for cut in range(len(words) - 1, max(0, len(words) - 7), -1):
        head, tail = bare(" ".join(words[:cut])), bare(" ".join(words[cut:]))
        found = found or (_found(head, tail, known, most) if tail else ())
    return found


def _found(wanted: str, province: str, known: dict[str, Area], most: int) -> tuple[Place, ...]:
    if not wanted:
        return ()
    ranked = sorted(
        (
            (rank, area.kind != "ward", area.name, area)
            for area in known.values()
            if (rank := _rank(wanted, area)) is not None and _lies_in(area, province, known)
        ),
        key=lambda found: found[:3],
    )
    best = ranked[0][0] if ranked else 0
    likely = [area for rank, *_rest, area in ranked if rank == best]
    return tuple(Place(area, known.get(area.part_of or "")) for area in likely[:most])


def nearest(at: Position, areas: Iterable[Area]) -> Place | None:
    """The ward whose middle is nearest; None where the platform places none within `NEAR` km."""
    known = {area.id: area for area in areas}
    near = [
        (away, area.id, area)
        for area in known.values()
        if area.kind == "ward" and area.position and (away := _km(at, area.position)) <= NEAR
    ]
    if not near:
        return None
    _away, _id, area = min(near, key=lambda one: one[:2])
    return Place(area, known.get(area.part_of or ""))


def _km(one: Position, other: Position) -> float:
    """Good enough for a few dozen kilometres, anywhere but at the poles."""
    north = (one[0] - other[0]) * KM_PER_DEGREE
    east = (one[1] - other[1]) * KM_PER_DEGREE * math.cos(math.radians(one[0]))
    return math.hypot(north, east)


@lru_cache(maxsize=32_768)
def bare(name: str) -> str:
    """A name without accents, case and title: "P. Bến Nghé" → "ben nghe", "Q.1" → "1"."""
    folded = fold(name)
    while (shorter := _TITLE.sub("", folded)) != folded:
        folded = shorter
    return folded


def _rank(wanted: str, area: Area) -> int | None:
    own, former = bare(area.name), [bare(name) for name in area.former]
    if own == wanted or (area.kind == "province" and _is_short_for(wanted, (area.name,))):
        return 0
    if wanted in former or (area.kind == "province" and _is_short_for(wanted, area.former)):
        return 1
    # The beginning of a name will do only when there is enough of it to mean something.
    if len(wanted) >= 4 and own.startswith(wanted):
        return 2
    if len(wanted) >= 4 and any(name.startswith(wanted) for name in former):
        return 3
    return None


def _lies_in(area: Area, province: str, known: dict[str, Area]) -> bool:
    if not province:
        return True
    above = known.get(area.part_of or "")
    names: Sequence[str] = () if above is None else (above.name, *above.former)
    if _is_short_for(province, names):
        return True
    return any(bare(name) == province for name in (*names, *area.former))


def _is_short_for(typed: str, names: Iterable[str]) -> bool:
    """Whether it stands for one of these provinces: "hcm", "tphcm", "brvt", "sai gon"."""
    together = typed.replace(" ", "")
    for name in names:
        letters = "".join(word[0] for word in bare(name).split())
        short = len(letters) > 1 and together in (letters, f"tp{letters}", f"t{letters}")
        if short or NICKNAMES.get(together) == bare(name):
            return True
    return False
