"""Identity papers, birth years and dates as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, TypeAlias

from core.gsm import fold, unaccent

PaperType: TypeAlias = Literal["cccd", "cmnd", "passport", "bhyt"]
Gender: TypeAlias = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Paper:
    """One identity paper: citizen card, old identity card, passport or health insurance card."""

    type: PaperType
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CccdSays:
    """What the digits of a citizen card number claim; never proof of anything."""

    province: str
    gender: Gender
    birth_year: int


class BadPaper(ValueError):
    """What was written is no paper number; `reason` tells why, without repeating it.

    `empty`: nothing there. `length`: digits, but no paper has so many. `shape`: anything else.
    """

    def __init__(self, reason: Literal["empty", "length", "shape"]) -> None:
        super().__init__(reason)
        self.reason: Final = reason


class BadDate(ValueError):
    """What was written is no date, or not a possible one; `reason` tells why.

    `unclear`: cannot be read. `impossible`: no such day. `future`, `past`: too far away.
    """

    def __init__(self, reason: Literal["unclear", "impossible", "future", "past"]) -> None:
        super().__init__(reason)
        self.reason: Final = reason


# In this order: nine digits alone are taken for an old identity card, not for a foreign passport.
_SHAPES: Final[dict[PaperType, re.Pattern[str]]] = {
    "cccd": re.compile(r"[0-9]{12}"),
    "cmnd": re.compile(r"[0-9]{9}"),
    "bhyt": re.compile(r"[A-Z]{2}[0-9]{13}|[0-9]{10}"),
    "passport": re.compile(r"(?=.*[A-Z])(?=.*[0-9].*[0-9])[A-Z0-9]{6,9}"),
}
_NAMED: Final = re.compile(r"(CCCD|CANCUOC|CMND|CMT|BHYT|PASSPORT|HOCHIEU|HC)[:#]?(?=.{6})")
_NAMES: Final[dict[str, PaperType]] = {
    **{"CCCD": "cccd", "CANCUOC": "cccd", "CMND": "cmnd", "CMT": "cmnd", "BHYT": "bhyt"},
    **{"PASSPORT": "passport", "HOCHIEU": "passport", "HC": "passport"},
}
_FOREIGN_NUMBER: Final = re.compile(r"[A-Z0-9]{6,9}")

_OLDEST = 120
_AHEAD = 10
_DATE_WORDS: Final = frozenset(
    ("ngay", "mung", "mong", "thang", "thg", "nam", "sinh", "born", "in", "on")
)


def read_paper(text: str) -> Paper:
    """Read a paper number; its kind is known from its shape.

    12 digits: CCCD. 9 digits: CMND. 10 digits, or 2 letters and 13 digits: BHYT. Up to 9 letters
    and digits with at least one letter: passport. A foreign passport number of digits alone is
    read when the person says what it is: `HC 12345678`. Spaces, dots and dashes do not matter.
    Raises BadPaper.
    """
    written = re.sub(r"[\s.\-_/]+", "", unaccent(text)).upper()
    if not written:
        raise BadPaper("empty")
    named = _NAMED.match(written)
    if named and not _SHAPES["passport"].fullmatch(written):
        return _read_as(_NAMES[named[1]], written[named.end() :])
    for kind, shape in _SHAPES.items():
        if shape.fullmatch(written):
            return Paper(kind, written)
    raise BadPaper("length" if written.isdigit() else "shape")


def cccd_says(number: str) -> CccdSays | None:
    """What the 12 digits of a citizen card number claim, or None when they are no such number."""
    if not _SHAPES["cccd"].fullmatch(number):
        return None
    century = 1900 + 100 * (int(number[3]) // 2)
    gender: Gender = "female" if int(number[3]) % 2 else "male"
    return CccdSays(number[:3], gender, century + int(number[4:6]))


def read_birth_year(text: str, today: date) -> int:
    """Read the year somebody was born: `1990`, `90`, `9/1990` or a whole date.

    Two digits mean the latest such year that is not after `today`. Raises BadDate.
    """
    parts = _parts(text)
    if len(parts) == 2 and len(parts[1]) == 4 and 1 <= int(parts[0]) <= 12:
        parts = parts[1:]
    if len(parts) == 1 and len(parts[0]) in (2, 4):
        year = _year(parts[0], today, past=True)
        if year > today.year:
            raise BadDate("future")
        if year < today.year - _OLDEST:
            raise BadDate("past")
        return year
    return read_date(text, today).year


def read_date(text: str, today: date, *, past: bool = True) -> date:
    """Read a date as it is written in Viet Nam, day first.

    5/9/1990, 05-09-1990, 05.09.1990, 5 9 90, 05091990, 050990, 5 tháng 9 năm 1990; also
    1990-09-05. With `past` (the default) a date after `today` is refused; without, dates up to
    ten years ahead are read. Nothing older than 120 years is. Raises BadDate.
    """
    day, month, written_year = _day_month_year(_parts(text))
    year = _year(written_year, today, past=past)
    try:
        read = date(year, int(month), int(day))
    except ValueError:
        raise BadDate("impossible") from None
    if read > today and (past or year > today.year + _AHEAD):
        raise BadDate("future")
    if year < today.year - _OLDEST:
        raise BadDate("past")
    return read


def _read_as(kind: PaperType, number: str) -> Paper:
    """The number of a paper whose kind the person has named."""
    shape = _FOREIGN_NUMBER if kind == "passport" else _SHAPES[kind]
    if shape.fullmatch(number):
        return Paper(kind, number)
    raise BadPaper("length" if number.isdigit() else "shape")


def _parts(text: str) -> list[str]:
    """The numbers in what was written, when there is nothing else but the words around dates."""
    parts = [part for part in fold(text[:60]).split() if part not in _DATE_WORDS]
    if not parts or not all(re.fullmatch(r"[0-9]{1,8}", part) for part in parts):
        raise BadDate("unclear")
    return parts


def _day_month_year(parts: list[str]) -> tuple[str, str, str]:
    match parts:
        case [run] if len(run) == 8 and not 1 <= int(run[2:4]) <= 12:
            return run[6:], run[4:6], run[:4]
        case [run] if len(run) in (6, 8):
            return run[:2], run[2:4], run[4:]
        case [year, month, day] if len(year) == 4:
            return day, month, year
        case [day, month, year] if len(year) in (2, 4):
            return day, month, year
        case _:
            raise BadDate("unclear")


def _year(written: str, today: date, *, past: bool) -> int:
    """A year of two or four digits; of two, the last one before the horizon."""
    if len(written) == 4:
        return int(written)
    horizon = today.year + (0 if past else _AHEAD)
    return horizon - (horizon - int(written)) % 100
