"""The picture of a QR code: drawn once for a payload, and small enough for any chat."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

import segno

ErrorLevel = Literal["L", "M", "Q", "H"]

LARGEST: Final = 1280
"""Pixels a side; chat networks shrink what is larger, and blur it."""

_KEPT = 512


@lru_cache(maxsize=_KEPT)
def png(
    payload: str,
    scale: int = 8,
    border: int = 4,
    error: ErrorLevel = "M",
    mode: Literal["byte", "alphanumeric"] = "byte",
) -> bytes:
    """The QR code of this payload as a black and white PNG.

    `scale` is pixels a module, made smaller where the picture would exceed 1280 pixels; `border`
    is modules of quiet zone (the standard wants 4). `error` is the least level of correction: a
    higher one is taken when it costs no larger code. Decision 1405 does not say which level the
    personal QR has (NOT FOUND), so M is ours. The personal QR needs byte mode because of its
    `|` and `<`; a vaccine passport is alphanumeric at level Q.

    The pictures of the last 512 payloads stay in memory, since choosing a mask takes 10 ms.
    Raises ValueError (segno.DataOverflowError) for what no QR code can hold.
    """
    code = segno.make_qr(payload, error=error, mode=mode)
    rows = tuple(bytes(row) for row in code.matrix)
    side = len(rows) + 2 * border
    return _png(rows, border, max(1, min(scale, LARGEST // side)))


def _png(rows: tuple[bytes, ...], border: int, scale: int) -> bytes:
    """Dark and light modules as a PNG of one bit a pixel.

    segno's own writer takes 20 times as long. Source: PNG (ISO/IEC 15948), colour type 0, bit
    depth 1.
    """
    side = (len(rows) + 2 * border) * scale
    margin = "1" * (border * scale)
    quiet = _line("1" * side) * (border * scale)
    drawn = (
        _line(margin + "".join(("0" if dark else "1") * scale for dark in row) + margin) * scale
        for row in rows
    )
    pixels = quiet + b"".join(drawn) + quiet
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunks(
            (
                (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
                (b"IDAT", zlib.compress(pixels, 6)),
                (b"IEND", b""),
            )
        )
    )


def _line(bits: str) -> bytes:
    """One row of pixels, filled up to whole octets, after the octet which says "not filtered"."""
    octets = -(-len(bits) // 8)
    return b"\0" + int(bits.ljust(octets * 8, "1"), 2).to_bytes(octets, "big")


def _chunks(contents: Iterable[tuple[bytes, bytes]]) -> Iterable[bytes]:
    for kind, content in contents:
        yield struct.pack(">I", len(content)) + kind + content
        yield struct.pack(">I", zlib.crc32(kind + content))
