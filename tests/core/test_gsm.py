"""The alphabet, the parts and the plain letters, against reference vectors and smsutil."""

import string
import unicodedata

import pytest
import smsutil
from hypothesis import given, settings
from hypothesis import strategies as st

from core.gsm import (
    BASIC,
    EXTENDED,
    encoding_of,
    fits,
    fold,
    is_gsm7,
    read_gsm7,
    segments,
    septets,
    ucs2_units,
    unaccent,
)

VIETNAMESE = "aăâeêioôơuưyđáắấéếíóốớúứýàằầèềìòồờùừỳảẳẩẻểỉỏổởủửỷãẵẫẽễĩõỗỡũữỹạặậẹệịọộợụựỵ"
ON_THE_EDGE = st.text(alphabet=["a", "{", "€", "à", "\n"], min_size=150, max_size=330)
WIDE_ON_THE_EDGE = st.text(alphabet=["đ", "a", "😀"], min_size=60, max_size=150)


def test_the_alphabet_is_127_and_10_characters() -> None:
    assert (len(BASIC), len(EXTENDED)) == (127, 10)


def test_seven_vietnamese_letters_are_in_the_alphabet() -> None:
    letters = VIETNAMESE + VIETNAMESE.upper()
    assert {letter for letter in letters if not letter.isascii() and is_gsm7(letter)} == set(
        "àèéìòùÉ"
    )


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("abc", 3), ("{}", 4), ("€1", 3), ("à\r\n", 3), ("đ", None)]
)
def test_septets(text: str, length: int | None) -> None:
    assert septets(text) == length


@given(st.text(alphabet=sorted(BASIC | EXTENDED)))
def test_septets_of_an_octet_each_are_read(text: str) -> None:
    octets = text.encode("gsm0338")  # smsutil's codec
    assert read_gsm7(octets) == text
    assert len(octets) == septets(text)


@pytest.mark.parametrize("octets", [b"\x80", b"a\xff", b"\x1b", b"\x1b\x1b(", b"\x1bz", b"a\x1b"])
def test_what_is_no_septet_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="not GSM-7"):
        read_gsm7(octets)


def test_an_emoji_is_two_units() -> None:
    assert ucs2_units("đ😀") == 3
    assert encoding_of("😀") == "ucs2"
    assert encoding_of("€") == "gsm7"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("à" * 160, 1),
        ("à" * 918, 6),
        ("à" * 919, 7),
        ("{" + "a" * 158, 1),
        ("{" + "a" * 159, 2),
        ("a" * 304 + "[", 2),
        ("a" * 304 + "[]", 3),
        ("a" * 152 + "{" + "a" * 152, 3),
        ("^" * 80, 1),
        ("^" * 81, 2),
        ("đ" * 70, 1),
        ("đ" * 71, 2),
        ("đ" * 134, 2),
        ("đ" * 135, 3),
        ("đ" * 201, 3),
        ("đ" * 202, 4),
        ("a" * 68 + "😀", 1),
        ("a" * 69 + "😀", 2),
        ("đ" * 66 + "😀" + "đ" * 66, 3),
    ],
)
def test_reference_vectors(text: str, parts: int) -> None:
    assert len(segments(text)) == parts


def test_a_longer_reference_leaves_one_less() -> None:
    assert [len(part) for part in segments("a" * 305, 16)] == [152, 152, 1]
    assert [len(part) for part in segments("đ" * 133, 16)] == [66, 66, 1]


@pytest.mark.parametrize(
    ("text", "with_8_bits", "with_16_bits"),
    [
        ("a" * 160, 1, 1),
        ("a" * 304, 2, 2),
        ("a" * 305, 2, 3),
        ("a" * 306, 2, 3),
        ("a" * 456, 3, 3),
        ("a" * 457, 3, 4),
        ("a" * 151 + "{" + "a" * 151, 2, 3),
        ("a" * 152 + "{" + "a" * 152, 3, 3),
        ("^" * 152, 2, 2),
        ("^" * 153, 3, 3),
        ("đ" * 70, 1, 1),
        ("đ" * 132, 2, 2),
        ("đ" * 133, 2, 3),
        ("đ" * 134, 2, 3),
        ("đ" * 65 + "😀" + "đ" * 65, 2, 3),
        ("đ" * 66 + "😀" + "đ" * 66, 3, 3),
        ("😀" * 66, 2, 2),
        ("😀" * 67, 3, 3),
    ],
)
def test_parts_with_either_kind_of_reference(
    text: str, with_8_bits: int, with_16_bits: int
) -> None:
    for bits, parts in ((8, with_8_bits), (16, with_16_bits)):
        split = segments(text, 16 if bits == 16 else 8)
        assert len(split) == parts
        assert "".join(split) == text


@given(st.one_of(ON_THE_EDGE, WIDE_ON_THE_EDGE, st.text(max_size=200)))
@settings(max_examples=150)
def test_parts_agree_with_another_library(text: str) -> None:
    parts = segments(text)
    assert "".join(parts) == text
    assert list(parts) == [part.content for part in smsutil.split(text).parts] or not text


@given(st.one_of(ON_THE_EDGE, WIDE_ON_THE_EDGE), st.sampled_from([8, 16]))
@settings(max_examples=60)
def test_no_part_overflows(text: str, bits: int) -> None:
    parts = segments(text, 16 if bits == 16 else 8)
    if len(parts) > 1:
        octets = 140 - (6 if bits == 8 else 7)
        for part in parts:
            if is_gsm7(text):
                assert (septets(part) or 0) * 7 <= octets * 8
            else:
                assert ucs2_units(part) * 2 <= octets


@pytest.mark.parametrize(
    ("text", "limit", "answer"),
    [
        ("a" * 182, 182, True),
        ("a" * 183, 182, False),
        ("đ" * 80, 182, True),
        ("đ" * 81, 182, False),
        ("đ" * 70, 160, True),
        ("đ" * 71, 160, False),
        ("{" * 80 + "a", 160, False),
    ],
)
def test_fits(text: str, limit: int, answer: bool) -> None:
    assert fits(text, limit) is answer


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Đặng Thị Hường … – 8 giờ 30 ₫", "Dang Thi Huong ... - 8 gio 30 d"),
        (unicodedata.normalize("NFD", "Đặng Thị"), "Dang Thi"),
        ("“Có” ‘không’", "\"Co\" 'khong'"),
        ("ＡＢ１２＃", "AB12#"),
        ("a\u00a0b\u200bc\ufeffd", "a bcd"),
        ("À È É ì ò ù", "A E E i o u"),
        ("Ð\u0110", "DD"),
        ("2 × 5 km²", "2 x 5 km2"),
        ("日本 😀", "?? ?"),
        ("dòng một\ndòng hai", "dong mot\ndong hai"),
        ("`a`\tb", "'a' b"),
        ("{~}€", "{~}€"),
    ],
)
def test_unaccent(text: str, plain: str) -> None:
    assert unaccent(text) == plain


@given(st.text(max_size=80))
@settings(max_examples=200)
def test_unaccented_text_is_always_gsm7_and_stays_as_it_is(text: str) -> None:
    plain = unaccent(text)
    assert is_gsm7(plain)
    assert unaccent(plain) == plain


@given(st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + string.ascii_letters + " ", max_size=60))
@settings(max_examples=80)
def test_vietnamese_becomes_as_many_ascii_letters(text: str) -> None:
    plain = unaccent(text)
    assert plain.isascii()
    assert len(plain) == len(text)


@pytest.mark.parametrize(
    ("said", "folded"),
    [
        ("  Trợ-giúp! ", "tro giup"),
        ("TRO   GIUP", "tro giup"),
        ("Không.", "khong"),
        ("5/9/1990", "5 9 1990"),
        ("Ｃó", "co"),
        ("?!", ""),
        ("CÓ_Ạ", "co a"),
    ],
)
def test_fold(said: str, folded: str) -> None:
    assert fold(said) == folded


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_folding_twice_changes_nothing(said: str) -> None:
    assert fold(fold(said)) == fold(said)
