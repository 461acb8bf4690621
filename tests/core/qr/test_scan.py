"""Photos that people send: codes are read, and whatever else comes does no harm."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageFilter

from core.qr.image import png
from core.qr.scan import LARGEST, MOST_PIXELS, read_code

PAYLOAD = "001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|<1<00<0123232422"


def a_photo(
    payload: str = PAYLOAD, *, turn: float = 0, quality: int = 70, wide: int = 1600
) -> bytes:
    """The code on a screen, photographed: askew, a little blurred, on a grey desk."""
    code = Image.open(io.BytesIO(png(payload))).convert("RGB")
    desk = Image.new("RGB", (wide, wide * 3 // 4), (120, 118, 110))
    turned = code.rotate(turn, expand=True, fillcolor=(120, 118, 110))
    desk.paste(turned, ((desk.width - turned.width) // 2, (desk.height - turned.height) // 2))
    saved = io.BytesIO()
    desk.filter(ImageFilter.GaussianBlur(1)).save(saved, "JPEG", quality=quality)
    return saved.getvalue()


def saved_as(kind: str) -> bytes:
    saved = io.BytesIO()
    Image.open(io.BytesIO(png(PAYLOAD))).convert("RGB").save(saved, kind)
    return saved.getvalue()


@pytest.mark.parametrize("turn", [0, 12, 90, 187])
@pytest.mark.parametrize("quality", [40, 80])
def test_a_photo_of_a_code_is_read(turn: float, quality: int) -> None:
    assert read_code(a_photo(turn=turn, quality=quality)) == PAYLOAD


def test_a_large_photo_is_read_and_so_are_other_kinds() -> None:
    assert read_code(a_photo(wide=4800)) == PAYLOAD
    assert [read_code(saved_as(kind)) for kind in ("PNG", "WEBP")] == [PAYLOAD, PAYLOAD]


def test_a_card_keeps_its_vietnamese_letters() -> None:
    card = "079190012345||Nguyễn Thị Hồng|01021990|Nữ|Phường Bến Nghé|01012022"
    assert read_code(a_photo(card)) == card


def test_a_photo_without_a_code_says_nothing() -> None:
    saved = io.BytesIO()
    Image.new("RGB", (640, 480), (10, 90, 30)).save(saved, "JPEG")
    assert read_code(saved.getvalue()) == ""


def a_bomb(width: int, height: int) -> bytes:
    """A small PNG that unpacks into very much."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 2000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpacks(*_: object, **__: object) -> None:
        raise AssertionError("it was unpacked")

    monkeypatch.setattr(Image.Image, "convert", unpacks)
    for width, height in ((MOST_PIXELS, 2), (60_000, 60_000), (2**31 - 1, 2**31 - 1)):
        bomb = a_bomb(min(width, 100_000), height)
        assert len(bomb) < 100_000
        assert read_code(bomb) == ""


def test_whatever_is_no_photo_does_no_harm() -> None:
    rolled = random.Random(7)
    good = a_photo()
    gif = io.BytesIO()
    Image.new("L", (8, 8)).save(gif, "GIF")
    for junk in (
        b"",
        b"\xff\xd8\xff",
        good[:2000],
        b"%PDF-1.7",
        gif.getvalue(),
        b"x" * (LARGEST + 1),
    ):
        assert read_code(junk) == ""
    for _count in range(150):
        spoilt = bytearray(good)
        for _place in range(rolled.randint(1, 40)):
            spoilt[rolled.randrange(len(spoilt))] = rolled.randrange(256)
        assert isinstance(read_code(bytes(spoilt)), str)
