"""A phone number however it is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.people.phone import BadPhone, Msisdn, is_mobile, read_phone

# One number of each prefix in use, from the operators' own lists.
PREFIXES = (
    *("032", "033", "034", "035", "036", "037", "038", "039", "086", "096", "097", "098"),
    *("081", "082", "083", "084", "085", "088", "091", "094"),
    *("070", "076", "077", "078", "079", "089", "090", "093"),
    *("052", "056", "058", "092", "059", "099", "087", "055"),
)


@pytest.mark.parametrize(
    "written",
    [
        "+84912345678",
        "84912345678",
        "0912345678",
        "0084912345678",
        "912345678",
        " 0912 345 678 ",
        "0912.345.678",
        "(+84) 91-234-5678",
        "+84 (0)912 345 678",
        "０９１２３４５６７８",
        "0912\u00a0345\u00a0678",
    ],
)
def test_a_mobile_in_every_spelling(written: str) -> None:
    assert read_phone(written) == "+84912345678"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_mobile_prefix(prefix: str) -> None:
    number = read_phone(f"{prefix}1234567")
    assert number == f"+84{prefix[1:]}1234567"
    assert is_mobile(number)


@pytest.mark.parametrize(
    ("written", "number", "mobile"),
    [
        ("024 3825 3531", "+842438253531", False),
        ("842438253531", "+842438253531", False),
        ("+66 81 234 5678", "+66812345678", True),
        ("0066812345678", "+66812345678", True),
        ("+254711082000", "+254711082000", True),
    ],
)
def test_landlines_and_foreign_numbers(written: str, number: str, mobile: bool) -> None:
    assert read_phone(written) == number
    assert is_mobile(Msisdn(number)) is mobile


def test_another_region() -> None:
    assert read_phone("081 234 5678", region="TH") == "+66812345678"
    assert read_phone("+84912345678", region="TH") == "+84912345678"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "113",
        "abc",
        "0212345678",
        "09123456789",
        "+849123",
        "0542345678",
        "1" * 500,
        "0912a45678",
    ],
)
def test_what_is_no_phone_number(written: str) -> None:
    with pytest.raises(BadPhone) as refused:
        read_phone(written)
    assert not any(character.isdigit() for character in str(refused.value))


@given(st.text(max_size=50))
@settings(max_examples=150)
def test_reading_gives_a_number_or_refuses(written: str) -> None:
    try:
        number = read_phone(written)
    except BadPhone:
        return
    assert read_phone(number) == number
