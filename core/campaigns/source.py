"""The rows of a campaign as they come: a table in CSV as a spreadsheet writes it, or the same as JSON."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import BinaryIO, Final, Protocol

from core.campaigns.campaign import CampaignError
from core.gsm import fold
from core.people.phone import BadPhone, is_mobile, read_phone
from core.text import LANGUAGES

LONGEST_VALUE: Final = 300
MOST_COLUMNS: Final = 40
LONGEST_LINE: Final = 20_000
LONGEST_ROW: Final = 200_000
"""Letters of a row that goes over several lines."""

SAVE_IT: Final = "save the table as CSV UTF-8 and give it again"

_AREA: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}")
_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_OTHER_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("phone", "sdt", "so dien thoai", "dien thoai", "number"), "to"),
    **dict.fromkeys(("ho ten", "ho va ten", "ten"), "name"),
    **dict.fromkeys(("tinh", "ma tinh", "province code"), "province"),
    **dict.fromkeys(("xa", "phuong", "ma xa", "xa phuong", "ward code"), "ward"),
    **dict.fromkeys(("ngon ngu",), "language"),
    **dict.fromkeys(("kenh",), "channel"),
}
"""What spreadsheets call our columns, folded."""

_ERRORS: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
"""What a spreadsheet writes where a formula failed."""

_SHORTENED: Final = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
"""A number as a spreadsheet shows it in a narrow column: the digits are gone."""

_OWN: Final = frozenset({"to", "province", "ward", "language", "channel"})
"""Columns that are no values."""


class BadTable(CampaignError):
    """The whole table cannot be read; the message says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person to write to. `number` is the line as a spreadsheet counts it; `bad` why not.

    `province` and `ward` are codes of areas as the health platform gives them. `sms_only`: by text,
    also where the person reads us in a chat.
    """

    number: int
    to: str = field(default="", repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    province: str | None = None
    ward: str | None = None
    language: str | None = None
    bad: str = ""
    sms_only: bool = False


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Its lines; of one that is too long only as much as shows it: a whole file may be one."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line


def read_csv(lines: Iterable[bytes], needed: frozenset[str]) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8, with a line of names at its top, one after the other.

    Commas, semicolons or tabs part the columns. `needed` are the values that the words need. A bad
    row is given with its reason. Raises BadTable, also in the middle.
    """
    texts = _decoded(lines)
    first = next(texts, "")
    if not first.strip():
        raise BadTable("the first line is empty: it must name the columns")
    parted = max(",;\t", key=first.count)
    coming = _Coming(chain((first,), texts))
    reader = csv.reader(coming, delimiter=parted, strict=True)
    header = _columns(_next(reader, coming) or [])
    _all_there(header, needed)
    for number in count(2):
        cells = _next(reader, coming)
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _of_cells(number, header, cells, needed)


class _Reader(Protocol):
    """What `csv.reader` gives."""

    line_num: int

    def __next__(self) -> list[str]: ...


class _Coming:
    """Lines for one row after the other, each of which has its end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.taken = 0

    def __iter__(self) -> _Coming:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken += len(line)
        if self.taken > LONGEST_ROW:
            raise csv.Error("a row without an end")
        return line


def _next(reader: _Reader, coming: _Coming) -> list[str] | None:
    """The next row; a quote that is never closed swallows all lines behind it: where it begins counts."""
    begins, coming.taken = reader.line_num + 1, 0
    try:
        return next(reader)
    except StopIteration:
        return None
    except csv.Error:
        raise BadTable(
            f"the row that begins in line {begins} is no CSV: look at its quotes, or {SAVE_IT}"
        ) from None


def read_json(rows: Iterable[Mapping[str, object]], needed: frozenset[str]) -> Iterator[Row]:
    """The same from JSON: `{"to": …, "name": …, "values": {…}}`, and the columns that are no values."""
    for number, given in enumerate(rows, 1):
        values = given.get("values", {})
        if not isinstance(values, Mapping) or given.keys() - _OWN - {"name", "values"}:
            yield Row(
                number, bad="to, name, values, province, ward, language, channel: nothing else"
            )
            continue
        cells = {**values, **{name: given[name] for name in (*_OWN, "name") if name in given}}
        cells = {name: cell for name, cell in cells.items() if cell is not None}
        if not all(isinstance(cell, str) or type(cell) is int for cell in cells.values()):
            yield Row(number, bad="values are texts or whole numbers")
        else:
            yield _row(number, {name: str(cell) for name, cell in cells.items()}, needed)


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BadTable(f"line 1 is not UTF-8 but UTF-16: {SAVE_IT}")
        if b"\0" in line:
            raise BadTable(f"line {number} holds a zero byte, this is no CSV: {SAVE_IT}")
        if len(line) > LONGEST_LINE:
            raise BadTable(f"line {number} is longer than {LONGEST_LINE} bytes: {SAVE_IT}")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise BadTable(f"line {number} is not UTF-8: {SAVE_IT}") from None


def _columns(cells: Sequence[str]) -> list[str]:
    """Our names for the columns; those that are no name at all are left out."""
    if len(cells) > MOST_COLUMNS:
        raise BadTable(f"there are more than {MOST_COLUMNS} columns")
    return [_column(cell) for cell in cells]


def _column(cell: str) -> str:
    folded = fold(cell)
    name = _OTHER_NAMES.get(folded) or folded.replace(" ", "_")
    return name if _COLUMN.fullmatch(name) else ""


def _all_there(header: Sequence[str], needed: frozenset[str]) -> None:
    """Only our own names for columns are repeated: a first line may be anything, also people."""
    twice = sorted(name for name in needed | _OWN if header.count(name) > 1)
    if twice:
        raise BadTable(f"the column {twice[0]} is there twice")
    lacking = sorted((needed | {"to"}) - set(header))
    if lacking:
        raise BadTable(
            f"the first line must name the columns, and {', '.join(lacking)} "
            f"{'is' if len(lacking) == 1 else 'are'} not among them"
        )


def _of_cells(
    number: int, header: Sequence[str], cells: Sequence[str], needed: frozenset[str]
) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return Row(number, bad="more cells than columns")
    named = zip(header, cells, strict=False)
    return _row(number, {name: cell for name, cell in named if name}, needed)


def _row(number: int, cells: Mapping[str, str], needed: frozenset[str]) -> Row:
    clean = {name: " ".join(cell.split()) for name, cell in cells.items()}
    values = {name: clean[name] for name in needed if clean.get(name)}
    lacking = sorted(needed - values.keys())
    if lacking:
        return Row(number, bad=f"no {', '.join(lacking)}")
    for name, value in values.items():
        if len(value) > LONGEST_VALUE:
            return Row(number, bad=f"{name} is too long")
        if any(unicodedata.category(one) in ("Cc", "Cs") for one in value):
            return Row(number, bad=f"{name} holds signs that no phone shows")
        if value[0] == "=" or value in _ERRORS:
            return Row(number, bad=f"{name} is a formula, or its error: give the table with values")
    areas = {name: clean.get(name) or None for name in ("province", "ward")}
    for name, area in areas.items():
        if area is not None and not _AREA.fullmatch(area):
            return Row(number, bad=f"the {name} must be its code")
    language = clean.get("language") or None
    if language is not None and language not in LANGUAGES:
        return Row(number, bad=f"the language must be one of {', '.join(LANGUAGES)}")
    channel = "" if "channel" in needed else fold(clean.get("channel", ""))
    if channel not in ("", "sms"):
        return Row(
            number, bad="the channel must be sms, or empty for the one that the person reads"
        )
    to, bad = _phone(clean.get("to", ""))
    return Row(
        number, to, values, areas["province"], areas["ward"], language, bad, channel == "sms"
    )


def _phone(written: str) -> tuple[str, str]:
    if not written:
        return "", "no number"
    if _SHORTENED.fullmatch(written):
        return (
            "",
            "bad number: the spreadsheet has shortened it; make its column text, and give it anew",
        )
    try:
        number = read_phone(written)
    except BadPhone as error:
        return "", f"bad number: {error}"
    return (number, "") if is_mobile(number) else ("", "bad number: texts do not reach it")
