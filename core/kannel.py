"""What Kannel's smsbox says when it calls us, the same for texts and for USSD.

Source: the Kannel 1.4.5 user's guide, and what a running one sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote_to_bytes

from core.errors import Malformed
from core.gsm import is_gsm7, read_gsm7

CHARSETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UTF-8": "utf-8",
        "UTF-16BE": "utf-16-be",
        "UTF-16": "utf-16-be",
        "UCS-2": "utf-16-be",
        "ISO-8859-1": "latin-1",
        "US-ASCII": "ascii",
        "WINDOWS-1252": "cp1252",
        "8-BIT": "latin-1",
    }
)
"""Kannel's names (%C) of the bytes it hands on."""

_UNTOLD: Final[Mapping[str, Callable[[bytes], str]]] = MappingProxyType(
    {
        "2": lambda octets: octets.decode("utf-16-be"),
        "3": read_gsm7,  # data_coding 15, GSM-7 as USSD centres call it, is handed on as it came
    }
)
"""How to read bytes of which Kannel tells only the coding (%c)."""


def raw_fields(query: bytes) -> dict[str, bytes]:
    """The fields as bytes: UTF-16 does not survive a framework that expects UTF-8."""
    fields: dict[str, bytes] = {}
    for part in query.split(b"&"):
        name, separator, value = part.partition(b"=")
        if separator:
            fields[name.decode("latin-1")] = decoded(value)
    return fields


def decoded(coded: bytes) -> bytes:
    """The bytes behind what Kannel has URL-coded."""
    return unquote_to_bytes(coded.replace(b"+", b" "))


def text_of(fields: Mapping[str, bytes]) -> str:
    """What was written, by its charset or else by its coding. Raises Malformed."""
    if "text" not in fields:
        raise Malformed("text")
    charset = fields.get("charset", b"").decode("latin-1").strip().upper()
    coding = fields.get("coding", b"").decode("latin-1").strip()
    if charset and charset not in CHARSETS:
        raise Malformed("charset")
    try:
        if not charset and coding in _UNTOLD:
            return _UNTOLD[coding](fields["text"])
        return fields["text"].decode(CHARSETS[charset or "UTF-8"])
    except ValueError:
        raise Malformed("text") from None


def coding_of(text: str) -> str:
    """What Kannel calls the alphabet that this text needs: 0 is GSM-7, 2 is UCS-2."""
    return "0" if is_gsm7(text) else "2"
