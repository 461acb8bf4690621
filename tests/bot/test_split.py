"""Long texts are cut where a reader breathes, and nothing gets lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.split import split
from core.gsm import ucs2_units


def test_a_short_text_stays_whole() -> None:
    assert split("Một câu.", 4096) == ("Một câu.",)


def test_an_empty_text_is_one_empty_piece() -> None:
    assert split("", 10) == ("",)


def test_cuts_between_sentences_rather_than_between_words() -> None:
    assert split("Câu một. Câu hai dài.", 16) == ("Câu một.", "Câu hai dài.")


def test_cuts_between_paragraphs_rather_than_between_sentences() -> None:
    assert split("Một dòng. Hai.\n\nBa. Bốn.", 20) == ("Một dòng. Hai.", "Ba. Bốn.")


def test_cuts_inside_a_word_only_when_there_is_nothing_else() -> None:
    assert split("a" * 25, 10) == ("a" * 10, "a" * 10, "a" * 5)


def test_counts_an_emoji_as_two() -> None:
    assert split("📱" * 6, 4) == ("📱📱", "📱📱", "📱📱")


@given(st.text(alphabet=" \nab.é📱", max_size=400), st.integers(min_value=2, max_value=60))
def test_no_piece_is_too_long_and_no_letter_is_lost(text: str, longest: int) -> None:
    pieces = split(text, longest)
    assert all(ucs2_units(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() for piece in pieces) or pieces == ("",)
