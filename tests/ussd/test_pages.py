"""Pages: how a screen looks on a telephone that shows 160 signs."""

from __future__ import annotations

import pytest

from core.gsm import septets
from core.message import Option, Qr, Screen
from core.text import plain
from tests.core.house import House, Phone
from ussd.pages import UssdVoice

BACK = Option("back", "0", plain("Quay lại"))
MENU = Option("menu", "00", plain("Menu"))


def shown(voice: UssdVoice, screen: Screen, accents: bool | None = None) -> list[str]:
    return [page.text for page in voice.pages(screen, language="vi", accents=accents)]


def _without_feet(text: str) -> str:
    """The page without the rows that only lead to other pages."""
    rows = text.split("\n")
    while rows and rows[-1].startswith(("0 Quay lai", "0 Quay lại", "0 Back", "98 ")):
        rows.pop()
    return "\n".join(rows)


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


@pytest.mark.parametrize("wrong", ["banana", "77"])
def test_whoever_answers_wrongly_on_a_later_page_reads_why(wrong: str) -> None:
    voice = UssdVoice(limit=60)
    phone = Phone(House(), voice=voice)  # type: ignore[arg-type]
    phone.dials().says("9", "98").sees_not("Please")
    phone.says(wrong).sees("Please reply with one of the numbers.")
    phone.says("98").says("98").sees_not("Please reply")
