"""What the risk map knows of one area, and how dangerous it was found to be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Level = Literal[1, 2, 3, 4]
"""1 green, 2 yellow, 3 orange, 4 red (Resolution 128/NQ-CP)."""

LEVELS: tuple[Level, ...] = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Area:
    """A province, or a ward (phường, xã, đặc khu) of the province `part_of`.

    `former` are names of before the merger of 2025; a district that was split is named by several
    wards. `level` was found `days` days before the sandbox started; None: never assessed.
    """

    id: str
    name: str
    part_of: str | None
    former: tuple[str, ...]
    level: Level | None
    days: int


@dataclass(frozen=True, slots=True)
class Assessed:
    """The level in force in an area, and the day from which it holds."""

    area: str
    level: Level
    since: date
    version: int
    updated: datetime


def slug(name: str) -> str:
    """`Phường Bến Nghé` → `phuong-ben-nghe`: letters and digits only, good for an id."""
    bare = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    return "-".join(re.findall(r"[a-z0-9]+", letters))
