"""The operators of Vietnamese mobile numbers by prefix: a hint, because numbers are portable.

Source: the numbering plan as the operators publish it. Numbers move between operators since
November 2018, so this says who gave a number out and not who serves it today.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException

PREFIXES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "viettel": (
            *("32", "33", "34", "35", "36", "37", "38", "39"),
            *("86", "96", "97", "98"),
        ),
        "vinaphone": ("81", "82", "83", "84", "85", "88", "91", "94"),
        "mobifone": ("70", "76", "77", "78", "79", "89", "90", "93"),
        "vietnamobile": ("52", "56", "58", "92"),
        "gmobile": ("59", "99"),
        "itel": ("87",),
        "wintel": ("55",),
    }
)
"""The two digits after +84."""

_BY_PREFIX: Final = {digits: name for name, owned in PREFIXES.items() for digits in owned}


def operator_of(number: str) -> str | None:
    """Who gave out this number (E.164); None when it is not a Vietnamese mobile."""
    return _BY_PREFIX.get(number[3:5]) if number.startswith("+84") else None


def country_of(number: str) -> str | None:
    """The country of a number (E.164) as two letters; None when no country has it."""
    if number.startswith("+84"):
        return "VN"
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except NumberParseException:
        return None
