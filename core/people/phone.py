"""Phone numbers as people write them, read into the one form that everything else uses."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NewType

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

Msisdn = NewType("Msisdn", str)
"""A phone number in E.164 form: `+84912345678`."""

# The two digits after the country code which are given to mobiles. Numbers are portable, so they
# tell nothing about today's operator.
_MOBILE: Final = r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])"
_BETWEEN_DIGITS: Final = re.compile(r"[\s.\-()/_]+")
_TYPED: Final = re.compile(rf"(?:(?:\+|00)?840?|0)({_MOBILE}[0-9]{{7}})")
_VIETNAMESE_MOBILE: Final = re.compile(rf"\+84{_MOBILE}[0-9]{{7}}")
_LONGEST = 40


class BadPhone(ValueError):
    """What was written is no phone number. The message never repeats it."""


def read_phone(text: str, region: str = "VN") -> Msisdn:
    """Read a number as people write it: +84…, 84…, 0084… or 0…, with spaces, dots or dashes.

    A number without a country code is one of `region` (two letters, ISO 3166). Landlines and
    foreign numbers are read too: ask `is_mobile` before sending. Raises BadPhone.
    """
    if len(text) > _LONGEST:
        raise BadPhone("too long for a phone number")
    digits = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    if region == "VN" and (mobile := _TYPED.fullmatch(digits)):
        return Msisdn("+84" + mobile[1])
    return _read_any(digits, region)


def is_mobile(number: Msisdn) -> bool:
    """Whether texts can reach it, as far as the number itself tells."""
    if number.startswith("+84"):
        return _VIETNAMESE_MOBILE.fullmatch(number) is not None
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _read_any(digits: str, region: str) -> Msisdn:
    """The slow way, through the world's numbering plans."""
    international = "+" + digits[2:] if digits.startswith("00") else digits
    if not re.fullmatch(r"\+?[0-9]{6,15}", international):
        raise BadPhone("not made of digits, or of too few or too many")
    try:
        parsed = phonenumbers.parse(international, region)
    except NumberParseException:
        raise BadPhone("not a phone number") from None
    if not phonenumbers.is_valid_number(parsed):
        raise BadPhone("no such number is given out")
    return Msisdn(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))
