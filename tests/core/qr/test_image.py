"""The picture, read back by a decoder that others wrote."""

import io
import time
from typing import Literal

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.qr.image import LARGEST, png

KNOWN = "001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|<1<00<0123232422"


def picture(drawn: bytes) -> Image.Image:
    return Image.open(io.BytesIO(drawn)).convert("L")


def decoded(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


def test_another_decoder_reads_it_back() -> None:
    image = picture(png(KNOWN))
    assert decoded(image) == KNOWN
    assert image.size[0] == image.size[1]


def test_the_border_is_white_and_four_modules_wide() -> None:
    image = picture(png(KNOWN, scale=8, border=4))
    inner = image.point(lambda value: 255 - value).getbbox()
    assert inner == (32, 32, image.size[0] - 32, image.size[1] - 32)


@pytest.mark.parametrize("quality", [70, 40])
def test_it_survives_a_chat_networks_jpeg(quality: int) -> None:
    file = io.BytesIO()
    picture(png(KNOWN)).save(file, "JPEG", quality=quality)
    assert decoded(Image.open(file)) == KNOWN


@pytest.mark.parametrize("pixels", [320, 500, 801])
def test_it_survives_being_resized(pixels: int) -> None:
    file = io.BytesIO()
    picture(png(KNOWN)).resize((pixels, pixels), Image.Resampling.BILINEAR).save(
        file, "JPEG", quality=70
    )
    assert decoded(Image.open(file)) == KNOWN


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
@settings(max_examples=25, deadline=None)
def test_any_payload_is_drawn_module_for_module(payload: str) -> None:
    drawn = picture(png(payload, scale=3, border=2))
    peer = io.BytesIO()
    segno.make_qr(payload, error="M", mode="byte").save(peer, kind="png", scale=3, border=2)
    assert drawn.tobytes() == picture(peer.getvalue()).tobytes()


@pytest.mark.parametrize("payload", [KNOWN, "x" * 1500])
def test_it_is_never_larger_than_chat_networks_like(payload: str) -> None:
    image = picture(png(payload, scale=40))
    assert LARGEST * 0.8 < image.size[0] <= LARGEST
    assert decoded(image) == payload


@pytest.mark.parametrize(("level", "ec"), [("M", "M"), ("Q", "Q"), ("H", "H")])
def test_the_level_of_correction_is_at_least_what_was_asked(
    level: Literal["M", "Q", "H"], ec: str
) -> None:
    (found,) = zxingcpp.read_barcodes(picture(png(KNOWN, error=level)))
    assert "LMQH".index(found.ec_level) >= "LMQH".index(ec)


def test_a_vaccine_passport_is_alphanumeric() -> None:
    passport = "HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90"
    in_bytes = picture(png(passport, error="Q"))
    alphanumeric = picture(png(passport, error="Q", mode="alphanumeric"))
    assert decoded(alphanumeric) == passport
    assert alphanumeric.size < in_bytes.size


def test_asked_again_it_costs_nothing() -> None:
    first = png(KNOWN)
    started = time.perf_counter()
    again = [png(KNOWN) for _ in range(100)]
    assert (time.perf_counter() - started) / 100 < 0.001
    assert all(picture_ is first for picture_ in again)


def test_what_no_code_can_hold_is_refused() -> None:
    with pytest.raises(ValueError):
        png("x" * 3000)
