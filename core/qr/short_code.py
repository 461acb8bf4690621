"""The short code: twelve digits an officer can type where there is no camera or no picture.

Eleven random digits and a check digit (Damm's, which catches every single wrong digit and every
swap of two neighbours). The first digit is never 0, because every citizen card number so far
starts with one and the two must not be mistaken for each other. The code itself says nothing
about the person: whoever keeps it binds it to a QID and lets it end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

from core.gsm import unaccent

LENGTH: Final = 12

# Damm's quasigroup of order 10, from H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004).
_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_MISREAD: Final = str.maketrans({"O": "0", "o": "0", "I": "1", "i": "1", "l": "1", "|": "1"})


class BadCode(ValueError):
    """What was typed is no short code; `reason` is `length` or `check`. Never repeats it."""

    def __init__(self, reason: Literal["length", "check"]) -> None:
        super().__init__(reason)
        self.reason: Final = reason


def new(randbelow: Callable[[int], int]) -> str:
    """A fresh code of twelve digits; `randbelow` is `secrets.randbelow` or behaves like it."""
    digits = str(10 ** (LENGTH - 2) + randbelow(9 * 10 ** (LENGTH - 2)))
    return digits + _check_digit(digits)


def read(text: str) -> str:
    """The twelve digits of a code as somebody typed it; raises BadCode.

    Spaces, dots and dashes do not matter; the letter O is read as 0, I and l as 1; digits may be
    full width.
    """
    typed = unaccent(text[:60]).translate(_MISREAD)
    digits = re.sub(r"[\s.,\-_]+", "", typed)
    if not re.fullmatch(rf"[1-9][0-9]{{{LENGTH - 1}}}", digits):
        raise BadCode("length")
    if _check_digit(digits[:-1]) != digits[-1]:
        raise BadCode("check")
    return digits


def show(code: str) -> str:
    """The code in groups of four: `1234 5678 9012`."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def _check_digit(digits: str) -> str:
    """The digit which brings Damm's chain back to 0."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim
