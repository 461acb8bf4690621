"""Vietnamese as it comes when marks went wrong: keys of Telex and VNI that were left standing.

Whoever types `khai báo` with the marks switched off sends `khai baos` (Telex) or `khai bao1` (VNI).
Here those keys are taken out again. The result is only for comparing with words that we know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_SYLLABLE = re.compile(r"([b-df-hj-np-tvxz]*)([aeiouyw].*)")
_TONES = str.maketrans("", "", "sfrxjz")
_DIGITS = str.maketrans("", "", "0123456789")
_I_OR_Y = frozenset("klmth")
"""After these, both letters are written for the same word (`đăng ký`, `đăng kí`)."""

_DOUBLED = re.compile(r"([aeo])\1+")
_AFTERWARDS = re.compile(r"([aeo])([^aeiouy]+)\1$")
"""Telex also takes the second key at the end of the syllable: `kete` for `kêt`."""


@lru_cache(maxsize=1024)
def undone(word: str) -> str:
    """A folded word (`core.gsm.fold`) without the keys that would have become marks.

    `quets`, `que1t` and `quet1` are all `quet`. A word without a vowel keeps all its keys.
    """
    letters = word[:1] + word[1:].translate(_DIGITS) if word[:1].isalpha() else word
    found = _SYLLABLE.fullmatch(letters.replace("dd", "d"))
    if found is None:
        return word.replace("dd", "d")
    head, rhyme = found.groups()
    # A w marks the vowel beside it; where there is none it stands for one (`tw` is `tư`).
    rhyme = rhyme.replace("w", "") or "u"
    rhyme = rhyme[0] + rhyme[1:].translate(_TONES)
    if head.startswith("d"):
        rhyme = rhyme.removesuffix("d")
    if rhyme == "i" and head in _I_OR_Y:
        return f"{head}y"
    rhyme = _DOUBLED.sub(r"\1", rhyme)
    return head + _AFTERWARDS.sub(r"\1\2", rhyme)


def spellings(said: str) -> Iterator[str]:
    """What this folded text may have been meant to be: leftover keys aside, and spaces aside."""
    words = said.split()
    plain = [undone(word) for word in words]
    yield said
    yield " ".join(plain)
    # Part of the words may be meant as they stand (`QR` has no key to take out, `tin` might).
    for place in range(len(words)):
        yield " ".join((*plain[:place], words[place], *plain[place + 1 :]))
    if not any(word.isdecimal() for word in words):
        yield "".join(words)
        yield undone("".join(words))
        yield "".join(plain)


def bare(said: str) -> Iterator[str]:
    """The folded text, then again without what people copy from posters and add to be polite.

    "Soạn KQ gửi 1022" is how Vietnamese posters ask for a text.
    """
    yield said
    words = said.split()
    while len(words) > 1 and words[0] in _BEFORE:
        del words[0]
    if len(words) > 2 and words[-2] in ("gui", "den", "toi") and words[-1].isdecimal():
        del words[-2:]
    while len(words) > 1 and words[-1] in COURTESY:
        del words[-1]
    yield " ".join(words)


COURTESY = frozenset("da a ah oi em con chau nhe nha roi".split())
"""Words that make an answer polite, at its beginning or its end, and change nothing in it."""

_BEFORE = COURTESY | frozenset("soan tin xin xem cho toi minh nt".split())
