"""Reads the code in a photo that somebody sent, whatever else the file may be."""

from __future__ import annotations

import io
import warnings
from typing import Final

import zxingcpp
from PIL import Image

LARGEST: Final = 5 * 1024 * 1024
"""Octets of a photo that is looked at; chats make them smaller than that."""

MOST_PIXELS: Final = 25_000_000
"""A picture with more is a camera's raw one at best, and at worst made to fill our memory."""

LONGEST_SIDE: Final = 2000
"""Pixels that are searched: enough for a code that fills a tenth of the photo."""

_KINDS: Final = ("JPEG", "PNG", "WEBP")
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_code(photo: bytes) -> str:
    """The text of the QR code in this photo; empty where there is none, or no photo at all.

    Never raises: a photo is whatever a stranger sends.
    """
    if len(photo) > LARGEST:
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = _opened(photo)
        if image is None:
            return ""
        found = zxingcpp.read_barcodes(image, formats=_QR)
    except Exception:  # noqa: BLE001  (decoders raise anything at all for what is no picture)
        return ""
    return next((str(one.text) for one in found if one.text), "")


def _opened(photo: bytes) -> Image.Image | None:
    """In shades of grey and not too large; None before anything of a large one is unpacked."""
    with Image.open(io.BytesIO(photo), formats=_KINDS) as image:
        if image.width * image.height > MOST_PIXELS:
            return None
        image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG alone: unpacks no more than it must
        grey = image.convert("L")
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return grey
