"""Lines on pages: none is lost, parted without need, or parted so that it looks like another option."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gsm import septets, ucs2_units, unaccent
from core.message import Option, Screen
from core.paging import Feet, lay_out, lines_of
from core.screens import every_screen
from core.text import LANGUAGES, _, plain
from ussd.pages import HARDEST_LIMIT, MOST_UNITS, USUAL_LIMIT, UssdVoice

LIMITS = (USUAL_LIMIT, HARDEST_LIMIT, 120, 80)
BACK = Option("back", "0", _("Back"))
MENU = Option("menu", "00", _("Menu"))
FOOT = re.compile(r"(98|00?) ")
"""How the rows at the foot of a page begin, and nothing else below."""

# Digits, Vietnamese, signs of two septets, letters and digits of two units; or whatever there is,
# but no digit with which the rows at a foot begin.
WORDS = st.text(st.sampled_from("abđăứ12345𝟙𐐀𐐁😀{€"), min_size=1, max_size=70)
ANYTHING = st.text(st.characters(exclude_categories=("Cc", "Cs"))).filter(
    lambda said: not {"0", "9"} & set(unaccent(said))
)
LINES = st.lists(WORDS | ANYTHING, max_size=12).map(" ".join)
SAYS = st.lists(LINES, max_size=4).map("\n".join).map(plain)
OPTIONS = st.lists(LINES, max_size=12).map(
    lambda labels: tuple(
        Option(f"key{number}", str(number), plain(label)) for number, label in enumerate(labels, 1)
    )
)
SCREENS = st.builds(
    Screen,
    say=SAYS,
    brief=st.none() | SAYS,
    options=OPTIONS,
    ways=st.sampled_from([(), (MENU,), (BACK, MENU)]),
) | st.builds(Screen, say=SAYS, options=OPTIONS, end=st.just(True))


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen on its pages: the rows of all, and the foot of each."""

    pages: tuple[str, ...]
    rows: tuple[str, ...]
    feet: tuple[str, ...]
    room: int
    cost: Callable[[str], int]

    @classmethod
    def on(cls, pages: tuple[str, ...], limit: int) -> Shown:
        bodies, feet = zip(*map(_parted, pages), strict=True)
        rows = tuple(row for body in bodies for row in body if row.strip())
        if septets("\n".join(pages)) is None:
            return cls(pages, rows, feet, min(MOST_UNITS, limit // 2), ucs2_units)
        return cls(pages, rows, feet, limit, lambda text: septets(text) or 0)

    def free(self, foot: str) -> int:
        """What a page with this foot has room for."""
        return self.room - (self.cost("\n" + foot) if foot else 0)


def _parted(page: str) -> tuple[list[str], str]:
    body = page.split("\n")
    foot: list[str] = []
    while body and FOOT.match(body[-1]):
        foot.insert(0, body.pop())
    return body, "\n".join(foot)


def signs(text: str) -> str:
    """All that can be seen, in order."""
    return "".join(text.split())


def wanted(screen: Screen, language: str, accents: bool | None) -> Iterator[str]:
    """Every line that must be found again."""
    said = (screen.brief or screen.say).to(language)
    rows = (
        f"{one.number} {' '.join(one.label.to(language).splitlines())}" for one in screen.options
    )
    for text in (said, *rows):
        written = text if accents else unaccent(text)
        yield from (line for line in lines_of(written) if line.strip())


def check(screen: Screen, language: str, accents: bool | None, limit: int) -> None:
    """Every page fits, every line is there in its place, and whole if any page could hold it."""
    pages = UssdVoice(limit=limit).pages(screen, language=language, accents=accents)
    assert [page.end for page in pages] == [False] * (len(pages) - 1) + [screen.end]
    assert all(page.qr is None for page in pages)
    shown = Shown.on(tuple(page.text for page in pages), limit)
    assert accents or shown.cost is not ucs2_units, "a letter that not every telephone shows"
    assert all(shown.cost(page) <= shown.room for page in shown.pages), shown
    rows = list(shown.rows)
    lines = list(wanted(screen, language, accents))
    for number, line in enumerate(lines):
        parts = [rows.pop(0)]
        while len(signs("".join(parts))) < len(signs(line)):
            parts.append(rows.pop(0))
        assert signs("".join(parts)) == signs(line), shown
        if len(parts) > 1:
            assert shown.cost(line) > min(map(shown.free, shown.feet)), shown
            is_last = number == len(lines) - 1
            assert not is_last or shown.cost(line) > shown.free(shown.feet[-1]), shown
            assert not parts[0].strip().isdecimal(), f"a number without its label: {shown}"
    assert rows == [], shown
    whole = "\n".join(shown.pages)
    for way in screen.ways:
        row = f"{way.number} {way.label.to(language)}"
        assert (row if accents else unaccent(row)) in whole


@given(
    SCREENS,
    st.sampled_from(LANGUAGES),
    st.sampled_from([None, False, True]),
    st.sampled_from(LIMITS) | st.integers(min(LIMITS), max(LIMITS)),
)
def test_whatever_is_said(screen: Screen, language: str, accents: bool | None, limit: int) -> None:
    check(screen, language, accents, limit)


@pytest.mark.parametrize(
    ("language", "accents", "limit"), list(product(LANGUAGES, (None, True), LIMITS))
)
def test_whatever_any_dialogue_says(language: str, accents: bool | None, limit: int) -> None:
    for one in every_screen():
        check(one.screen, language, accents, limit)


FEET = Feet(only="", first="98 More", middle="98 More\n0 Back", last="0 Back")


def test_a_number_stays_with_what_it_numbers() -> None:
    pages = lay_out(["Which one?", "1 " + "𐐀" * 20], FEET, 40, ucs2_units)
    assert pages == ["Which one?\n98 More", f"1 {'𐐀' * 11}\n98 More\n0 Back", f"{'𐐀' * 9}\n0 Back"]


def test_a_later_part_of_a_line_does_not_look_like_an_option() -> None:
    pages = lay_out(["1 Vaccinated at 12 months and 2 weeks, or later"], FEET, 40, len)
    assert pages == ["1 Vaccinated at 12 months and 2\n98 More", "weeks, or later\n0 Back"]


def test_a_line_that_the_last_page_holds_is_not_parted() -> None:
    line = "b" * 33
    assert lay_out(["a" * 20, line], FEET, 40, len) == [f"{'a' * 20}\n98 More", f"{line}\n0 Back"]


def test_back_stands_once_on_a_page() -> None:
    screen = Screen(plain("Nơi nào? " * 12), ways=(BACK, MENU))
    pages = UssdVoice(limit=80).pages(screen, language="vi", accents=True)
    assert len(pages) > 1
    assert pages[-1].text.endswith("00 Menu\n0 Quay lại")
    assert all(page.text.count("0 Quay lại") <= 1 for page in pages)
