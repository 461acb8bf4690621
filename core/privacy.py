"""Masking for logs, screens and the console: what of a person may be seen by others.

Whatever is logged passes `redactor`, the one structlog processor that stands between the code
and the log; it goes after the processor which turns exceptions into text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from functools import lru_cache
from typing import Final, TypeAlias

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"
"""What is left to log: strings, numbers, and lists and dictionaries of them."""

REMOVED: Final = "[removed]"

_LONGEST = 20_000
_DEEPEST = 6
_DIGITS_LEFT = 3


def mask_phone(number: str) -> str:
    """`+84912345678` as `+84******678`: the country's beginning and the last three digits."""
    head = 3 if number.startswith("+") else 1
    if len(number) < head + 2 * _DIGITS_LEFT:
        return "*" * len(number)
    hidden = len(number) - head - _DIGITS_LEFT
    return number[:head] + "*" * hidden + number[-_DIGITS_LEFT:]


def mask_paper(number: str) -> str:
    """A paper number with its first six characters hidden, as Decision 1405 shows it.

    `001093029317` is `******029317`. Longer numbers (health insurance) also leave six only.
    """
    left = number[6:][-6:]
    return "*" * (len(number) - len(left)) + left


def mask_name(name: str) -> str:
    """`NGUYEN VAN AN` as `NGUYEN V** A**`: the family name, and first letters of the others.

    Enough for an officer to compare with the person in front of them, too little to look anybody
    up. Always two stars, so that they do not tell the length; a name of one word is masked too.
    """
    words = name.split()
    kept = words[:1] if len(words) > 1 else []
    return " ".join((*kept, *(f"{word[0]}**" for word in words[len(kept) :])))


def redactor(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """A structlog processor: the same event without anything personal or secret in it.

    `exc_info` is left for structlog's own processor when that stands later in the chain; the text
    made from it must then pass `redact`.
    """
    exc_info = {"exc_info": event["exc_info"]} if event.get("exc_info") else {}
    shown = {key: value for key, value in event.items() if key not in exc_info}
    return {**_mapping(shown, _DEEPEST), **exc_info}


def redact(value: object) -> Plain:
    """The same thing for a log: strings searched, fields judged by their names, nested or not.

    In strings, phone and paper numbers keep their last three digits; QR payloads, vaccine
    passports, bearer tokens, passwords and path secrets in addresses go. No nine digits in a row
    are left, whatever they were. Names of people cannot be found in free text: log them under a
    field called `name`, or better not at all.
    """
    return _redact(value, _DEEPEST)


def _redact(value: object, depth: int) -> Plain:
    match value:
        case None | bool():
            return value
        case str():
            return _scrub(value)
        case int():
            return value if abs(value) < 10**8 else _scrub(str(value))
        case float():
            return round(value, 6) if abs(value) < 10**8 else _scrub(repr(value))
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case date() | time():
            return value.isoformat()
        case _ if depth == 0:
            return "[too deep]"
        case Mapping():
            return _mapping(value, depth - 1)
        case list() | tuple() | set() | frozenset():
            return [_redact(part, depth - 1) for part in value]
        case BaseException():
            return _scrub(f"{type(value).__name__}: {value}")
        case _ if is_dataclass(value):
            return _mapping(
                {part.name: getattr(value, part.name) for part in fields(value) if part.repr},
                depth - 1,
            )
        case _:
            return _scrub(str(value))


def _mapping(given: Mapping[str, object], depth: int) -> dict[str, Plain]:
    return {_scrub(str(key)): _field(str(key), value, depth) for key, value in given.items()}


def _field(key: str, value: object, depth: int) -> Plain:
    """A field by its name, where the name says what it is, and else by what it holds."""
    if value is None or isinstance(value, bool):
        return value
    rule = _rule(key[:100])
    if rule is None:
        return _redact(value, depth)
    return _scrub(rule(value)) if isinstance(value, str) else _unshown(value)


@lru_cache(maxsize=1024)
def _rule(key: str) -> Callable[[str], str] | None:
    """How a field of this name is masked; None when its value has to speak for itself."""
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()).strip("_")
    if words in _UNSHOWN or _SECRET_WORD.search(words):
        return _unshown
    return _MASKS.get(words)


def _unshown(_value: object) -> str:
    return REMOVED


_MASKS: Final[dict[str, Callable[[str], str]]] = {
    **dict.fromkeys(("name", "full_name", "holder", "citizen_name", "person_name"), mask_name),
    **dict.fromkeys(("phone", "msisdn", "phone_number"), mask_phone),
    **dict.fromkeys(("paper", "paper_number", "cccd", "cmnd", "passport", "bhyt"), mask_paper),
}
_UNSHOWN: Final = frozenset(
    (
        *("address", "answer", "answers", "birth_date", "body", "caption", "content", "dob"),
        *("email", "payload", "query_string", "reply", "said", "screen", "short_code", "text"),
    )
)
_SECRET_WORD: Final = re.compile(
    r"token|secret|passw|authori[sz]ation|cookie|signature|api_?key|credential|private|(?:^|_)otp"
)

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")

# One word without digits, such as the name of a step or a channel: most of what is logged.
_HARMLESS: Final = re.compile(r"[A-Za-z_.-]{0,80}")

# What to look for, behind the sign without which there is nothing to find (most texts have none,
# and a log line must cost little). Bounded repeats only: a stranger may have written the text.
_PATTERNS: Final[tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    ("HC1:", re.compile(r"HC1:[^\s\"',}]{1,9000}"), "[vaccine passport]"),
    ("|", re.compile(r"[^\s|]{1,60}\|(?:[^|\n]{0,200}\|){3,8}[^\s|\"']{0,600}"), "[qr]"),
    ("%7", re.compile(r"[^\s%=]{0,60}%7C\S{0,900}?%7C\S{1,900}", re.I), "[qr]"),
    ("", re.compile(r"\b(bearer|basic)\s+[\w.~+/=:-]+", re.I), rf"\1 {REMOVED}"),
    (":", re.compile(r"(?<!\d)\d{6,12}:[\w-]{30,}"), REMOVED),
    ("eyJ", re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), REMOVED),
    ("://", re.compile(r"(://)[^\s/@]{1,300}@"), rf"\1{REMOVED}@"),
    (
        "",
        re.compile(
            r"((?:token|secret|passw(?:or)?d|signature|api_?key|otp)"
            r"[\"']?\s{0,3}[=:]\s{0,3})[^\s&,;}]{1,600}",
            re.I,
        ),
        rf"\1{REMOVED}",
    ),
    (
        "/",
        re.compile(r"(/(?:ussd|sms)/[a-z0-9_-]{1,40}/)(?!(?:message|receipt)\b)[^/\s?#\"']{1,300}"),
        rf"\1{REMOVED}",
    ),
    (
        "/",
        re.compile(r"(?<=/)(?=[A-Za-z_-]{0,40}\d)(?=[\d_-]{0,40}[A-Za-z])[\w-]{24,300}"),
        lambda found: found[0] if _UUID.fullmatch(found[0]) else REMOVED,
    ),
    (
        "",
        re.compile(
            r"(?<![\d.])(?:(?:\+|\b00)\d{1,3}|\b84|\b0\d{0,3})"
            r"(?:[ .()-]{1,2}\d{1,4}){2,5}(?!\d)"
        ),
        lambda found: _hide_digits(found[0]) if _count_digits(found[0]) >= 9 else found[0],
    ),
    (
        "",
        re.compile(
            r"(?<![\d.])(?:\d{4}([ .-])\d{4}\1\d{4}|\d{3}([ .-])\d{3}(?:\2\d{3}){1,3})(?!\d)"
        ),
        lambda found: _hide_digits(found[0]),
    ),
    ("", re.compile(r"\b[A-Za-z]\d{7,8}\b"), lambda found: _hide_digits(found[0])),
    ("", re.compile(r"\d{9,}"), lambda found: _hide_digits(found[0])),
)


def _scrub(text: str) -> str:
    if _HARMLESS.fullmatch(text):
        return text
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "[cut]"
    for sign, pattern, instead in _PATTERNS:
        if sign in text:
            text = pattern.sub(instead, text)
    return text


def _hide_digits(found: str) -> str:
    """Every digit but the last three as a star; a country code's plus stays."""
    to_hide = _count_digits(found) - _DIGITS_LEFT
    return re.sub(r"\d", "*", found, count=to_hide)


def _count_digits(found: str) -> int:
    return sum(character.isdigit() for character in found)
