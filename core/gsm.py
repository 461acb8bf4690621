"""What a text costs on a phone network: its alphabet, its length, its parts, and plain letters.

Sources: 3GPP TS 23.038 (the alphabet), TS 23.040 (sizes of parts and their header).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

_ESCAPE: Final = "\x1b"
_CODES: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ" + _ESCAPE + "ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet in the order of its codes, 0 to 127."""

_ESCAPED: Final = dict(zip("\n\u039b()/<=>¡e", "\f^{}\\[~]|€", strict=True))
"""What stands after an escape, by the character that has the same code without one."""

BASIC: Final = frozenset(_CODES) - {_ESCAPE}
"""Characters of one septet."""

EXTENDED: Final = frozenset(_ESCAPED.values())
"""Characters of two septets: an escape, then the character. The pair must stay together."""

_WEIGHTS: Final[dict[str, int]] = {**dict.fromkeys(BASIC, 1), **dict.fromkeys(EXTENDED, 2)}

# Room in one message on its own, and in one part of several, whose header carries an 8-bit or a
# 16-bit reference number.
_SEPTETS: Final = {0: 160, 8: 153, 16: 152}
_UNITS: Final = {0: 70, 8: 67, 16: 66}

# What decomposing leaves as it is, and how a telephone keypad would write it. Ð and Ɖ look like Đ
# and old documents are full of them.
_KEYS: Final[dict[str, str]] = {
    "đðɖ": "d",
    "ĐÐƉ": "D",
    "“”„‟«»″": '"',
    "‘’‚‛‹›′`´ʼʻ": "'",
    "‐‑‒–—―−⁃": "-",
    "•‣▪·∙●◦": "*",
    "\t\v\u00a0": " ",
    "\x85\u2028\u2029": "\n",
    "⁄∕÷": "/",
    "₫": "d",
    "×": "x",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "←": "<-",
    "©": "(c)",
    "®": "(r)",
    "°": "",
    "µμ": "u",
    "ł": "l",
    "Ł": "L",
    "œ": "oe",
    "Œ": "OE",
    "ı": "i",
}
_PLAIN: Final = str.maketrans(
    {typographic: key for group, key in _KEYS.items() for typographic in group}
)

_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VIETNAMESE: Final = str.maketrans(
    {
        unicodedata.normalize("NFC", letter + tone): plain
        for letters, plains in (("ăâêôơư", "aaeoou"), ("aeiouy", "aeiouy"))
        for letter, plain in zip(letters + letters.upper(), plains + plains.upper(), strict=True)
        for tone in _TONES
    }
    | {"đ": "d", "Đ": "D"}
)
"""Vietnamese as it is nearly always written, a look-up a letter: quicker than decomposing, and
every USSD page is made this way."""


def septets(text: str) -> int | None:
    """How many septets the text fills in GSM-7, or None when that alphabet cannot write it."""
    try:
        return sum(map(_WEIGHTS.__getitem__, text))
    except KeyError:
        return None


def read_gsm7(octets: bytes) -> str:
    """The text behind septets that came in an octet each. Raises ValueError for anything else."""
    try:
        first, *escaped = "".join(map(_CODES.__getitem__, octets)).split(_ESCAPE)
        return first + "".join(_ESCAPED[part[0]] + part[1:] for part in escaped)
    except (IndexError, KeyError):
        raise ValueError("not GSM-7") from None


def is_gsm7(text: str) -> bool:
    """Whether the GSM-7 alphabet, with its extension table, can write every character."""
    return septets(text) is not None


def ucs2_units(text: str) -> int:
    """How many 16-bit units the text fills in UCS-2 (an emoji is two)."""
    return len(text) + sum(character > "\uffff" for character in text)


def encoding_of(text: str) -> Literal["gsm7", "ucs2"]:
    """The alphabet a network needs for this text."""
    return "gsm7" if is_gsm7(text) else "ucs2"


def segments(text: str, reference_bits: Literal[8, 16] = 8) -> tuple[str, ...]:
    """The parts this text is sent in; never splits an escape pair or a surrogate pair.

    One part holds 160 septets or 70 units; a part of several 153 or 67, and one less when the
    parts carry 16-bit reference numbers. Count the parts of this and nothing else: because pairs
    stay together, dividing the length gives too few.
    """
    gsm7 = is_gsm7(text)
    room = _SEPTETS if gsm7 else _UNITS
    weights = [_WEIGHTS[character] if gsm7 else 1 + (character > "\uffff") for character in text]
    if sum(weights) <= room[0]:
        return (text,)
    parts: list[str] = []
    start = filled = 0
    for position, weight in enumerate(weights):
        if filled + weight > room[reference_bits]:
            parts.append(text[start:position])
            start, filled = position, 0
        filled += weight
    return (*parts, text[start:])


def fits(text: str, limit: int) -> bool:
    """Whether the text goes into the room of `limit` septets, in whichever alphabet it needs.

    182 septets are 160 octets and so 80 units (a USSD page); 160 septets are 140 octets and
    70 units (a single SMS).
    """
    length = septets(text)
    return length <= limit if length is not None else ucs2_units(text) * 2 <= -(-limit * 7 // 8)


def unaccent(text: str) -> str:
    """The text in letters which every phone shows: Vietnamese without its marks, all in GSM-7.

    Typographic quotes, dashes, spaces, full-width forms and signs become the nearest keys;
    invisible characters vanish; what has no nearest key becomes `?`, one for one. Letters of
    GSM-7 that carry a mark (à è é ì ò ù and others) lose it too, or a name would be half marked.
    """
    common = text.translate(_VIETNAMESE)
    if common.isascii() and is_gsm7(common):
        return common
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return "".join(map(_typed, unicodedata.normalize("NFKD", composed).translate(_PLAIN)))


def fold(text: str) -> str:
    """The text as it is compared: no marks, no capitals, no punctuation, single spaces.

    `"  Trợ-giúp! "` and `TRO GIUP` both become `tro giup`. Signs of value to a reader, such as
    `*` and `#`, are punctuation here: do not fold what somebody dials.
    """
    return " ".join(re.sub(r"[\W_]+", " ", unaccent(text).casefold()).split())


def _typed(character: str) -> str:
    """One decomposed character as a phone shows it; marks and invisible characters vanish."""
    if character in _WEIGHTS:
        return character
    match unicodedata.category(character):
        case "Mn" | "Me" | "Mc" | "Cf" | "Cc":
            return ""
        case "Zs":
            return " "
        case _:
            return "?"
