"""Forms are read as the standard library reads them, only strictly."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.asked import read_fields
from core.errors import Malformed


def oracle(form: bytes) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(form.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        return None


def read(form: bytes) -> list[tuple[str, str]] | None:
    try:
        return read_fields(form)
    except Malformed:
        return None


@given(
    some.lists(
        some.sampled_from(
            [
                b"a",
                b"=",
                b"&",
                b"+",
                b"%",
                b"%C4%91",
                b"%c4",
                b"%2B",
                "đ".encode(),
                b"\xc4",
                b"\x91",
                b";",
                b"\0",
            ]
        )
    ).map(b"".join)
)
def test_a_form_is_read_as_the_standard_library_reads_it(form: bytes) -> None:
    assert read(form) == oracle(form)


@given(some.lists(some.tuples(some.text(), some.text()), max_size=20))
def test_what_was_coded_is_read_again(fields: list[tuple[str, str]]) -> None:
    assert read(urlencode(fields).encode()) == fields


@pytest.mark.parametrize("form", [b"&".join([b"a=1"] * 100), b"&".join([b"a=1"] * 101), b"&" * 100])
def test_a_hundred_fields_are_read_and_no_more(form: bytes) -> None:
    assert read(form) == oracle(form)
