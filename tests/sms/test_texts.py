"""Texts: one as a rule, in few parts, and nothing left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gsm import is_gsm7, segments, unaccent
from core.message import Option, Qr, Screen
from core.screens import every_screen
from core.text import LANGUAGES, plain
from sms.texts import SmsVoice

YES_NO = (Option("yes", "1", plain("Có")), Option("no", "2", plain("Không")))
MENU = Option("menu", "00", plain("Menu"))
# Without 9, so that nothing said looks like the row that offers more.
WORDS = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs"), exclude_characters="9", include_characters="\nđăâêôơư{€"
    ),
    max_size=400,
)
OPTIONS = st.lists(WORDS, max_size=8).map(
    lambda labels: tuple(
        Option(f"key{number}", str(number), plain(label)) for number, label in enumerate(labels, 1)
    )
)


def texts(
    screen: Screen, *, language: str = "en", accents: bool | None = None, most: int = 3
) -> list[str]:
    voice = SmsVoice(most_segments=most)
    return [page.text for page in voice.pages(screen, language=language, accents=accents)]


def signs(text: str) -> str:
    return "".join(text.split())


@given(WORDS, OPTIONS, st.integers(1, 5), st.sampled_from([None, False, True]))
def test_every_text_fits_and_nothing_is_dropped(
    say: str, options: tuple[Option, ...], most: int, accents: bool | None
) -> None:
    parts = texts(Screen(plain(say), options=options), accents=accents, most=most)
    for text in parts:
        assert len(segments(text)) <= most
        assert accents is True or is_gsm7(text)
    said = signs("".join(text.partition("\nReply 98")[0] for text in parts))
    position = 0
    for wanted in (plain(say).to("en"), *(f"{o.number} {o.label.to('en')}" for o in options)):
        spoken = signs(wanted if accents is True else unaccent(wanted))
        position = said.find(spoken, position)
        assert position >= 0, (wanted, parts)
        position += len(spoken)


def test_options_are_told_in_one_line_and_ways_go_without_saying() -> None:
    screen = Screen(plain("Bạn có sốt không?"), options=YES_NO, ways=(MENU,))
    assert texts(screen) == ["Ban co sot khong?\nReply 1 Co, 2 Khong"]
    assert texts(screen, accents=True) == ["Bạn có sốt không?\nReply 1 Có, 2 Không"]


def test_the_brief_words_are_used_where_there_are_any() -> None:
    assert texts(Screen(plain("A long story"), brief=plain("In short"))) == ["In short"]


def test_what_is_too_long_is_paged_with_each_option_on_its_own_line() -> None:
    options = tuple(Option(str(n), str(n), plain(f"Place {n} " + "x" * 50)) for n in range(1, 9))
    pages = texts(Screen(plain("Where?"), options=options), most=1)
    assert len(pages) > 2
    assert all(page.endswith("\nReply 98 for more") for page in pages[:-1])
    assert "98" not in pages[-1]
    rows = [row for page in pages for row in page.split("\n") if row.startswith(tuple("12345678"))]
    assert rows == [f"{n} Place {n} " + "x" * 50 for n in range(1, 9)]


def test_pairs_that_must_stay_together_are_reckoned_with() -> None:
    text = "a" * 152 + "{" + "a" * 152
    assert len(segments(text)) == 3
    assert texts(Screen(plain(text)), most=3) == [text]
    assert len(texts(Screen(plain(text)), most=2)) == 2


def test_the_payload_of_a_qr_is_never_sent() -> None:
    qr = Qr("001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|", "123456789012")
    (text,) = texts(Screen(plain("Ma: 1234 5678 9012"), qr=qr))
    assert "|" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("accents", [None, True])
def test_every_screen_of_every_dialogue_fits(language: str, accents: bool | None) -> None:
    for one in every_screen():
        for text in texts(one.screen, language=language, accents=accents):
            assert 1 <= len(segments(text)) <= 3
            assert text


def test_a_text_has_at_least_one_part() -> None:
    with pytest.raises(ValueError, match="one part"):
        SmsVoice(most_segments=0)


def test_the_word_that_asks_for_a_reply_goes_where_it_would_cost_a_part() -> None:
    options = tuple(Option(f"p{n}", f"{n}", plain("Ann-Kathrin-Charlotte")) for n in range(1, 7))
    (text,) = SmsVoice().pages(
        Screen(plain("Cho ai?"), options=options), language="vi", accents=None
    )
    assert text.text.startswith("Cho ai?\n1 Ann-Kathrin-Charlotte, 2 Ann")
    (text,) = SmsVoice().pages(
        Screen(plain("Cho ai?"), options=options[:2]), language="vi", accents=None
    )
    assert text.text.startswith("Cho ai?\nTra loi 1 Ann-Kathrin-Charlotte")


def test_a_text_has_its_own_words_where_a_screen_has_some() -> None:
    screen = Screen(plain("whole"), brief=plain("brief"), text=plain("text"))
    (page,) = SmsVoice().pages(screen, language="vi", accents=None)
    assert page.text == "text"


def test_what_is_to_be_written_stands_instead_of_the_number() -> None:
    send = Option("send", "1", plain("Send"), reply=plain("SEND 4821"))
    screen = Screen(plain("Sure?"), options=(send, Option("drop", "2", plain("No"))))
    (page,) = SmsVoice().pages(screen, language="en", accents=None)
    assert page.text == "Sure?\nReply SEND 4821, 2 No"
