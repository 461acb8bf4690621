"""What a person may say to a question: the number, the key, or the label as people type it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from core.gsm import fold
from core.message import Option
from core.spelling import COURTESY, bare, spellings
from core.text import LANGUAGES, Text

SYNONYMS: Mapping[str, frozenset[str]] = {
    "yes": frozenset("co c yes y ok oke dung dong y uh u vang".split()) | {"dong y", "da vang"},
    "no": frozenset("khong ko k hok hong kg no n chua k0".split()) | {"khong co", "chua co"},
}
"""How people write yes and no, folded (no accents, lower case)."""

_POINTING = frozenset("so chon bam phim cau tl".split()) | {"tra loi"}
"""What people write before the number of an option: "số 1", "chọn 2"."""

BACK = "0"
MENU = "00"
MORE = "98"

_FUSED = re.compile(r"^([a-z]+)(0)$")
"""A keyword and what belongs to it without a space: `kb0`."""

_LONGEST_MESSAGE = 80
"""Letters of a message that may be a keyword with all that people put around it."""

_LONGEST_WORD = 5
"""Words of the longest keyword that may have something after it."""

_CODE = re.compile(
    r"(?:(?:ok|oke|soan|tra loi|da|vang) )*"
    r"(?P<word>gui\w{0,3}|goi|guwir|send|xac nhan|xn|code|ma|ok)? ?"
    r"(?P<digits>[0-9](?: ?[0-9]){3})"
    r"(?: (?:a|ah|nhe|nha|em|gui [0-9]+))*"
)
"""A confirmation: `GUI 4821`, `gui4821`, `Gửi 4821 ạ`, `soan GUI 4821 gui 1022`, `4821`."""

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
        if digits == option.number:
            return option.key
    for option in options:
        if said == option.key:
            return option.key
    for option in options:
        if plain == fold(option.key):
            return option.key
    for option in options:
        labels = {fold(option.label.to(language)) for language in LANGUAGES}
        if fold(said) in labels or plain in SYNONYMS.get(option.key, ()):
            return option.key
    courteous = _without_courtesy(plain)
    if courteous != plain:
        return picked(courteous, options)
    return _numbered(plain, options)


def _numbered(plain: str, options: Sequence[Option]) -> str | None:
    """An option by its number with words around it: "số 1", "tra loi 2", "1 Có"."""
    before, _, last = plain.rpartition(" ")
    if before in _POINTING and last.isdecimal():
        return picked(last, options)
    first, _, after = plain.partition(" ")
    if after and first.isdecimal():
        found = picked(first, options)
        return found if found is not None and found == picked(after, options) else None
    return None


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


def keyword(said: str, words: Collection[str]) -> str | None:
    """The folded keyword that the whole message is, however it is spelt, or None.

    Accents, capitals, punctuation and spaces do not matter; nor do the keys of Telex and VNI where
    the marks failed, nor what people copy from a poster ("Soạn KQ gửi 1022").
    """
    plain = fold(said)
    if plain in words:
        return plain
    index = _index(frozenset(words))
    for form in bare(plain) if 0 < len(plain) <= _LONGEST_MESSAGE else ():
        found = next((index.get(one) for one in spellings(form) if one in index), None)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=8)
def _index(words: frozenset[str]) -> Mapping[str, str]:
    """The keywords as they stand and without their spaces; what stands so itself comes first."""
    return {word.replace(" ", ""): word for word in words} | {word: word for word in words}


def keyword_first(said: str, words: Collection[str]) -> tuple[str, str] | None:
    """The longest keyword with which the message begins, and the folded rest of it; or None."""
    *_, form = bare(_FUSED.sub(r"\1 \2", fold(said)))
    parts = form.split()
    for length in range(min(len(parts) - 1, _LONGEST_WORD), 0, -1):
        word = keyword(" ".join(parts[:length]), words)
        if word is not None:
            return word, " ".join(parts[length:])
    return None


def code(said: str) -> tuple[str, bool] | None:
    """The four digits of a confirmation, and whether the word for sending stands before them."""
    found = _CODE.fullmatch(fold(said))
    if found is None:
        return None
    return found["digits"].replace(" ", ""), bool(found["word"])


def fold_words(words: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


def _without_courtesy(plain: str) -> str:
    words = plain.split()
    while len(words) > 1 and words[0] in COURTESY:
        del words[0]
    while len(words) > 1 and words[-1] in COURTESY:
        del words[-1]
    return " ".join(words)


def _plain(said: str) -> str:
    if said.isascii() and said.isdecimal():  # nearly always, and nothing to be folded
        return said
    return fold(said) or said.strip().casefold()
