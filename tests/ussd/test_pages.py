"""Pages: whatever is to be said, every page fits, and the pages together say it all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gsm import septets, ucs2_units, unaccent
from core.message import Option, Qr, Screen
from core.screens import every_screen
from core.text import LANGUAGES, plain
from ussd.pages import HARDEST_LIMIT, UssdVoice

BACK = Option("back", "0", plain("Quay lại"))
MENU = Option("menu", "00", plain("Menu"))
# Without 9, so that nothing said looks like the row that offers more.
WORDS = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs"), exclude_characters="9", include_characters="\nđăâêôơưáàảãạ"
    )
)
OPTIONS = st.lists(WORDS, max_size=12).map(
    lambda labels: tuple(
        Option(f"key{number}", str(number), plain(label)) for number, label in enumerate(labels, 1)
    )
)
SCREENS = st.builds(
    Screen,
    say=WORDS.map(plain),
    brief=st.none() | WORDS.map(plain),
    options=OPTIONS,
    ways=st.sampled_from([(), (MENU,), (BACK, MENU)]) | OPTIONS,
    end=st.booleans(),
)


def signs(text: str) -> str:
    """All that can be seen, in order."""
    return "".join(text.split())


def shown(voice: UssdVoice, screen: Screen, accents: bool | None = None) -> list[str]:
    return [page.text for page in voice.pages(screen, language="vi", accents=accents)]


@given(SCREENS, st.sampled_from(LANGUAGES), st.sampled_from([None, False, True]), st.data())
def test_every_page_fits_and_nothing_is_dropped(
    screen: Screen, language: str, accents: bool | None, data: st.DataObject
) -> None:
    limit = data.draw(st.integers(80, HARDEST_LIMIT))
    voice = UssdVoice(limit=limit)
    pages = voice.pages(screen, language=language, accents=accents)
    for page in pages:
        length = septets(page.text)
        if length is None:
            assert accents is True
            assert ucs2_units(page.text) <= min(80, limit // 2)
        else:
            assert length <= limit
    assert [page.end for page in pages] == [False] * (len(pages) - 1) + [screen.end]
    assert all(page.qr is None for page in pages)

    def spoken(text: str) -> str:
        return signs(text if accents is True else unaccent(text))

    whole = signs("".join(_without_feet(page.text) for page in pages))
    position = 0
    for line in (
        (screen.brief or screen.say).to(language),
        *(f"{one.number} {one.label.to(language)}" for one in screen.options),
    ):
        position = whole.find(spoken(line), position)
        assert position >= 0, (line, [page.text for page in pages])
        position += len(spoken(line))


def _without_feet(text: str) -> str:
    """The page without the rows that only lead to other pages."""
    rows = text.split("\n")
    while rows and rows[-1].startswith(("0 Quay lai", "0 Quay lại", "0 Back", "98 ")):
        rows.pop()
    return "\n".join(rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("accents", [None, True])
def test_every_screen_of_every_dialogue_fits(language: str, accents: bool | None) -> None:
    voice = UssdVoice()
    for one in every_screen():
        for page in voice.pages(one.screen, language=language, accents=accents):
            length = septets(page.text)
            if accents is True and length is None:
                assert ucs2_units(page.text) <= 80
            else:
                assert length is not None
                assert length <= 160


def test_a_short_screen_is_one_page_with_its_ways_on_one_line() -> None:
    options = (Option("yes", "1", plain("Có")), Option("no", "2", plain("Không")))
    screen = Screen(plain("Bạn có sốt không?"), options=options, ways=(BACK, MENU))
    assert shown(UssdVoice(), screen) == [
        "Ban co sot khong?\n1 Co\n2 Khong\n0 Quay lai  00 Menu",
    ]
    assert shown(UssdVoice(), screen, accents=True) == [
        "Bạn có sốt không?\n1 Có\n2 Không\n0 Quay lại  00 Menu",
    ]


def test_the_brief_words_are_used_where_there_are_any() -> None:
    screen = Screen(plain("A long story about it"), brief=plain("In short"), end=True)
    (page,) = UssdVoice().pages(screen, language="en", accents=None)
    assert (page.text, page.end) == ("In short", True)


def test_options_keep_their_number_on_whichever_page_they_fall() -> None:
    options = tuple(
        Option(str(n), str(n), plain(f"Tram y te phuong Ben Nghe so {n}")) for n in range(1, 10)
    )
    pages = shown(UssdVoice(), Screen(plain("Chon noi:"), options=options, ways=(MENU,)))
    assert len(pages) == 3
    rows = [row for page in pages for row in page.split("\n") if "Tram" in row]
    assert rows == [f"{n} Tram y te phuong Ben Nghe so {n}" for n in range(1, 10)]
    first, middle, last = (page.split("\n")[-2:] for page in pages)
    assert first[0].startswith("98 ")
    assert first[1] == "00 Menu"
    assert middle[0].startswith("98 ")
    assert middle[1].startswith("0 ")
    assert middle[1].endswith("  00 Menu")
    assert last[1].startswith("0 ")
    assert not any(row.startswith("98") for row in last)


def test_a_page_that_fits_only_without_more_does_not_offer_more() -> None:
    text = "a" * 79 + "\n" + "b" * 72
    (page,) = shown(UssdVoice(), Screen(plain(text), ways=(MENU,)))
    assert page == f"{text}\n00 Menu"
    assert septets(page) == 160


def test_a_line_longer_than_a_page_is_split_between_words() -> None:
    words = [f"tu{number}" for number in range(100)]
    pages = shown(UssdVoice(), Screen(plain(" ".join(words)), end=True))
    said = [word for page in pages for word in _without_feet(page).split()]
    assert said == words


def test_the_last_page_of_a_last_word_closes_the_session_and_offers_no_way() -> None:
    pages = UssdVoice().pages(
        Screen(plain("\n".join(["dong nay dai bay muoi ky tu " * 2] * 5)), end=True),
        language="vi",
        accents=None,
    )
    assert [page.end for page in pages] == [False] * (len(pages) - 1) + [True]
    assert len(pages) > 1
    assert not pages[-1].text.split("\n")[-1].startswith("0 ")


def test_the_payload_of_a_qr_is_never_shown() -> None:
    qr = Qr("001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|", "123456789012")
    (page,) = shown(UssdVoice(), Screen(plain("Ma: 1234 5678 9012"), qr=qr))
    assert "|" not in page
    assert "1234 5678 9012" in page


@pytest.mark.parametrize("limit", [0, 39, 183])
def test_a_limit_no_network_has_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="septets"):
        UssdVoice(limit=limit)
