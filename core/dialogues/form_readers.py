"""What people write in answer to a question of a form, read as its kind; Unclear says what would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from core import hear
from core.clock import VIETNAM
from core.dialogues.form_questions import text_of
from core.dialogues.form_rules import SKIP
from core.errors import Unclear
from core.gsm import fold
from core.people.papers import BadDate, read_date
from core.platform.forms import FormItem, Value
from core.text import Text, _, plain
from core.text import Value as Said

_SKIP_WORDS = frozenset({"bo qua", "skip"})
_ZERO = frozenset({"khong", "ko", "zero", "none"})
"""0 alone goes back, on every channel: nought is said in words."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,9})?")
_TIME = re.compile(r"([0-9]{1,2})(?: ?[:hg.] ?([0-9]{2})?| ?gio ?([0-9]{2})?)?(?: ?(?:p|phut))?")
_LARGEST = 2**31
"""FHIR's integers end here."""
_LONGEST_ADDRESS = 255


def is_skip(text: str) -> bool:
    """What leaves a question out, or keeps what is suggested."""
    return text in (SKIP, "-") or fold(text) in _SKIP_WORDS


def read_value(said: str, today: date, item: FormItem) -> Value:
    """One answer. Raises Unclear, also for what lies beyond the form's bounds."""
    value = READERS[item.kind](said, today, item)
    if item.least is not None and _beyond(item.least, value):
        raise Unclear(_("It must be at least {n}.", n=spoken(item, item.least)))
    if item.most is not None and _beyond(value, item.most):
        raise Unclear(_("It must be at most {n}.", n=spoken(item, item.most)))
    return value


def spoken(item: FormItem, value: Value) -> Said:
    """A value as it is said to people: a choice by its words, a day as a day."""
    for choice in item.choices:
        if choice.code == value:
            return text_of(choice.words)
    if item.kind in ("date", "dateTime") and isinstance(value, str):
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return plain(value)
    if item.kind == "time":
        return plain(str(value)[:5])
    return plain(f"{value} {item.unit}".strip())


def _beyond(small: Value, large: Value) -> bool:
    """Whether the first is more than the second; what cannot be compared is not."""
    if isinstance(small, str) and isinstance(large, str):
        return _order(small) > _order(large)
    if isinstance(small, str) or isinstance(large, str):
        return False
    return small > large


def _order(written: str) -> str:
    """Days and moments compare by the letters of their day and time here."""
    if "T" in written:
        return datetime.fromisoformat(written).astimezone(VIETNAM).isoformat()
    return written


def _read_integer(said: str, today: date, item: FormItem) -> int:
    if fold(said) in _ZERO:
        return 0
    if not _WHOLE.fullmatch(said) or not -_LARGEST <= int(said) < _LARGEST:
        raise Unclear(_("Please type a whole number."))
    return int(said)


def _read_decimal(said: str, today: date, item: FormItem) -> float:
    if fold(said) in _ZERO:
        return 0.0
    number = said.removesuffix(item.unit).strip() if item.unit else said
    if not _NUMBER.fullmatch(number):
        raise Unclear(_("Please type a number, such as 37.5."))
    return round(float(number.replace(",", ".")), 6)


def _read_day(said: str, today: date, item: FormItem) -> str:
    try:
        return read_date(said, today, past=False).isoformat()
    except BadDate:
        raise Unclear(_("Please type the date as day/month/year.")) from None


def _read_time(said: str, today: date, item: FormItem) -> str:
    found = _TIME.fullmatch(fold(said) if not re.search(r"[:.]", said) else said.strip())
    try:
        if found is None:
            raise ValueError
        return time(int(found[1]), int(found[2] or found[3] or 0)).isoformat()
    except ValueError:
        raise Unclear(_("Please type the time, such as 14:30.")) from None


def _read_moment(said: str, today: date, item: FormItem) -> str:
    """A day, and the time where it is said."""
    for cut in range(len(said.split()), 0, -1):
        day, at = " ".join(said.split()[:cut]), " ".join(said.split()[cut:])
        try:
            on = _read_day(day, today, item)
            return f"{on}T{_read_time(at, today, item)}+07:00" if at else on
        except Unclear:
            continue
    raise Unclear(_("Please type day/month/year, then the time if you know it."))


def _read_open_choice(said: str, today: date, item: FormItem) -> str:
    listed = hear.numbered({one.code: text_of(one.words) for one in item.choices})
    return hear.picked(said, listed) or _read_text(said, today, item)


def _read_text(said: str, today: date, item: FormItem) -> str:
    if item.max_length is not None and len(said) > item.max_length:
        raise Unclear(_("Please write it shorter: at most {n} letters.", n=item.max_length))
    return said


def _read_address(said: str, today: date, item: FormItem) -> str:
    if " " in said or "." not in said or len(said) > (item.max_length or _LONGEST_ADDRESS):
        raise Unclear(_("Please type a web address, such as https://example.org."))
    return said


READERS: Mapping[str, Callable[[str, date, FormItem], Value]] = {
    "integer": _read_integer,
    "decimal": _read_decimal,
    "quantity": _read_decimal,
    "date": _read_day,
    "dateTime": _read_moment,
    "time": _read_time,
    "string": _read_text,
    "text": _read_text,
    "url": _read_address,
    "open-choice": _read_open_choice,
}

HINTS: Mapping[str, Text] = {
    "time": _("(time, such as 14:30)"),
    "dateTime": _("(day/month/year and time)"),
}
"""What is to be typed, where the question alone may leave it open."""

ZERO_HINT = _("(zero: write KHONG)")
