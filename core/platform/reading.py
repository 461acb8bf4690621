"""Reading what others sent without believing it: any JSON at all goes in, plain values come out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from core.clock import VIETNAM

Json = Any
"""Whatever a platform sent: nothing may be taken for granted about it."""

Object = Mapping[str, Json]

_EMPTY: Object = {}

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-.]{0,63}")


class NotJson(ValueError):
    """The body is no JSON; says nothing of what it is instead."""


def parsed(body: bytes) -> Json:
    """The JSON value of a body in UTF-8. Raises NotJson, also for NaN and for bottomless nesting."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJson from None


def _no_constant(_: str) -> Json:
    raise NotJson


def mapping(value: Json) -> Object:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else _EMPTY


def objects(value: Json) -> Iterator[Object]:
    """The objects of a list; whatever else it holds, or is, is passed over."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def text(value: Json, *, longest: int = 1000) -> str | None:
    """Text that can be shown on one line: composed, without control characters, not empty."""
    if not isinstance(value, str):
        return None
    clean = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", value[: longest * 2])
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(clean.split())[:longest].rstrip() or None


def code_of(value: Json) -> str:
    """A code, or nothing."""
    return value if isinstance(value, str) else ""


def identifier(value: Json) -> str | None:
    """A FHIR id (`[A-Za-z0-9-.]{1,64}`), fit for an address: never only dots."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def number(value: Json) -> int | float | None:
    """A number; JSON's `true` is none, nor is `1e999`."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if isinstance(value, int) or isfinite(value) else None


def whole(value: Json) -> int | None:
    """A whole number that a person could have meant."""
    read = number(value)
    return read if isinstance(read, int) and abs(read) < 2**31 else None


def day(value: Json) -> date | None:
    """A whole date, or the day in Viet Nam of a moment."""
    if isinstance(value, str) and len(value) == 10:
        return first_day(value)
    read = moment(value)
    return None if read is None else read.astimezone(VIETNAM).date()


def whole_date(value: Json) -> str | None:
    """A date as it was written, YYYY-MM-DD, if there is such a day."""
    if isinstance(value, str) and len(value) == 10 and first_day(value) is not None:
        return value
    return None


def first_day(value: Json) -> date | None:
    """A date; of one that names only a month or a year, its first day."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def moment(value: Json) -> datetime | None:
    """A moment with its time zone; a day alone is taken as its beginning in Viet Nam."""
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        return None
    if len(value) == 10:
        whole_day = first_day(value)
        return None if whole_day is None else datetime.combine(whole_day, time(), VIETNAM)
    try:
        read = datetime.fromisoformat(value)
        # Far ends of the calendar cannot be told in another zone; they are nobody's dates.
        return read.replace(tzinfo=read.tzinfo or VIETNAM) if 1800 < read.year < 2400 else None
    except ValueError:
        return None


def retry_after(value: str | None, *, at: datetime) -> float | None:
    """Seconds from a `Retry-After` field: a number, or a date (RFC 9110 section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - at).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def reference(value: Json, kind: str) -> str | None:
    """The id behind a FHIR reference to a `kind`: `Patient/1`, or the same after a base address."""
    read = mapping(value).get("reference")
    if not isinstance(read, str):
        return None
    before, _, found = read.split("/_history/")[0].rpartition("/")
    return identifier(found) if before == kind or before.endswith(f"/{kind}") else None
