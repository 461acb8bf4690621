"""The short code catches every single wrong digit and every swap of neighbours."""

import random
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.qr.short_code import LENGTH, BadCode, new, read, show

CODES = st.integers(0, 9 * 10**10 - 1).map(lambda number: new(lambda _limit: number))


def is_refused(code: str) -> bool:
    try:
        read(code)
    except BadCode:
        return True
    return False


@given(CODES)
@settings(max_examples=100)
def test_a_code_is_twelve_digits_in_groups_of_four(code: str) -> None:
    assert len(code) == LENGTH == 12
    assert code[0] != "0"
    assert [len(group) for group in show(code).split(" ")] == [4, 4, 4]
    assert read(show(code)) == code


@given(CODES)
@settings(max_examples=60)
def test_every_single_wrong_digit_is_caught(code: str) -> None:
    for place, right in enumerate(code):
        for wrong in set("0123456789") - {right}:
            assert is_refused(code[:place] + wrong + code[place + 1 :])


def test_every_swap_of_neighbours_is_caught() -> None:
    chance = random.Random(1)
    seen: set[tuple[int, str, str]] = set()
    while len(seen) < 11 * 90 - 9:  # every place and pair; a 0 never stands first
        code = new(chance.randrange)
        for place in range(LENGTH - 1):
            left, right = code[place], code[place + 1]
            if left != right:
                seen.add((place, left, right))
                assert is_refused(code[:place] + right + left + code[place + 2 :])


def test_codes_are_spread_over_their_whole_range() -> None:
    assert new(lambda limit: 0).startswith("10000000000")
    assert new(lambda limit: limit - 1).startswith("99999999999")
    assert len({new(secrets.randbelow) for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "typed",
    [
        "659640100114",
        " 6596 4010 0114 ",
        "6596-4010-0114",
        "6596.4010.0114",
        "6596 4O1o OIl4",
        "６５９６ ４０１０ ０１１４",
        "6596\u00a04010\u20110114",
    ],
)
def test_it_is_read_however_it_is_typed(typed: str) -> None:
    assert read(typed) == "659640100114"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "length"),
        ("6596 4010 011", "length"),
        ("6596 4010 01144", "length"),
        ("0596 4010 0114", "length"),
        ("6596 4010 x114", "length"),
        ("6596 4010 0115", "check"),
        ("9" * 500, "length"),
    ],
)
def test_what_is_no_code(typed: str, reason: str) -> None:
    with pytest.raises(BadCode) as refused:
        read(typed)
    assert refused.value.reason == str(refused.value) == reason
