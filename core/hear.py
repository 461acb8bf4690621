"""What a person may say to a question: the number, the key, or the label as people type it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.gsm import fold
from core.message import Option
from core.text import LANGUAGES, Text

SYNONYMS: Mapping[str, frozenset[str]] = {
    "yes": frozenset("co c yes y ok oke dung dong y uh u vang".split()) | {"dong y", "da vang"},
    "no": frozenset("khong ko k hok hong kg no n chua k0".split()) | {"khong co", "chua co"},
}
"""How people write yes and no, folded (no accents, lower case)."""

_COURTESY = frozenset("da a ah oi em con chau nhe nha roi".split())
"""Words that make an answer polite, at its beginning or its end, and change nothing in it."""

BACK = "0"
MENU = "00"
MORE = "98"

_MENU_WORDS = frozenset({"menu", "00", "thuc don", "start", "/menu", "/start"})
_BACK_WORDS = frozenset({"0", "quay lai", "back"})
_MORE_WORDS = frozenset({"98", "tiep", "more", "xem tiep"})


def numbered(choices: Mapping[str, Text]) -> tuple[Option, ...]:
    """The choices with their numbers, counted from 1 in the order given."""
    return tuple(
        Option(key, str(number), label) for number, (key, label) in enumerate(choices.items(), 1)
    )


def is_menu(said: str) -> bool:
    return _plain(said) in _MENU_WORDS


def is_back(said: str) -> bool:
    return _plain(said) in _BACK_WORDS


def is_more(said: str) -> bool:
    return _plain(said) in _MORE_WORDS


def picked(said: str, options: Sequence[Option]) -> str | None:
    """The key of the option that was said, or None."""
    plain = _plain(said)
    if not plain:
        return None
    digits = plain.rstrip(".)")
    # First what can only be meant: a folded key may be another one's number, or another one's key.
    for option in options:
        if digits == option.number or said == option.key:
            return option.key
    for option in options:
        if plain == fold(option.key):
            return option.key
    for option in options:
        labels = {fold(option.label.to(language)) for language in LANGUAGES}
        if fold(said) in labels or plain in SYNONYMS.get(option.key, ()):
            return option.key
    bare = _without_courtesy(plain)
    return picked(bare, options) if bare != plain else None


def picked_many(said: str, options: Sequence[Option]) -> tuple[str, ...] | None:
    """The keys of all options that were said ("1 3", "1,3", "sot, ho"), or None if one is unclear."""
    whole = picked(said, options)
    if whole is not None:
        return (whole,)
    parts = [part for part in re.split(r"[\s,;.+&*]+", said.strip()) if part]
    if not all(part.isdigit() for part in parts):
        parts = [part.strip() for part in re.split(r"[,;+&]", said) if part.strip()]
    keys = [picked(part, options) for part in parts]
    if not keys or None in keys:
        return None
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def keyword(said: str, words: Mapping[str, Any]) -> str | None:
    """The folded keyword that the whole message is, or None."""
    plain = fold(said).lstrip("/")
    return plain if plain in words else None


def fold_words(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


def _without_courtesy(plain: str) -> str:
    words = plain.split()
    while len(words) > 1 and words[0] in _COURTESY:
        del words[0]
    while len(words) > 1 and words[-1] in _COURTESY:
        del words[-1]
    return " ".join(words)


def _plain(said: str) -> str:
    if said.isascii() and said.isdecimal():  # nearly always, and nothing to be folded
        return said
    return fold(said) or said.strip().casefold()
