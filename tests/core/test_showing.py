"""Screens that are the same for everybody are made once; any other is made for its person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.dialogue import Ask, Choose, Dialogue, Step, Tell
from core.dialogues import BY_NAME
from core.message import Screen
from core.screens import every_screen
from core.showing import BACK, TO_MENU, FixedScreens, options_of, screen_of
from core.text import _, plain
from ussd.pages import UssdVoice

CHOICES = {"a": _("Menu"), "b": _("Back")}
FIXED = Choose(ask=_("Menu"), choices=CHOICES)


def house(step: Step) -> Dialogue:
    return Dialogue(name="house", title=_("Menu"), steps={"one": step})


def shown(step: Step) -> Screen | None:
    return FixedScreens().of(house(step), "one", step, (TO_MENU,))


def test_a_fixed_screen_is_the_same_object_each_time() -> None:
    screens = FixedScreens()
    first = screens.of(house(FIXED), "one", FIXED, (TO_MENU,))
    assert first is not None
    assert first is screens.of(house(FIXED), "one", FIXED, (TO_MENU,))
    assert first.options == options_of(FIXED, {})


def test_the_ways_that_lead_elsewhere_make_it_another_screen() -> None:
    screens = FixedScreens()
    seen = [screens.of(house(FIXED), "one", FIXED, ways) for ways in ((), (TO_MENU,))]
    seen.append(screens.of(house(FIXED), "one", FIXED, (BACK, TO_MENU)))
    assert [one.ways for one in seen if one] == [(), (TO_MENU,), (BACK, TO_MENU)]
    assert len({one.fixed for one in seen if one}) == 3


@pytest.mark.parametrize(
    "step",
    [
        Choose(ask=lambda answers: plain(answers["name"]), choices=CHOICES),
        Choose(ask=_("Menu"), choices=lambda answers: {"a": plain(answers["name"])}),
        Choose(ask=_("Menu"), choices=CHOICES, brief=lambda answers: plain(answers["name"])),
        Ask(ask=lambda answers: plain(answers["name"]), read=lambda said, today: said),
        Tell(say=lambda answers: plain(answers["name"])),
        Tell(say=_("Menu"), brief=lambda answers: plain(answers["name"])),
        Tell(say=_("Menu"), qr=lambda answers: None),
    ],
)
def test_what_depends_on_an_answer_is_never_fixed(step: Step) -> None:
    assert shown(step) is None


def test_steps_that_a_form_adds_are_never_fixed() -> None:
    """Another edition may call another question by the same name."""
    changing = Dialogue(
        name="form", title=_("Menu"), steps={"one": FIXED}, more=lambda answers, forms: {}
    )
    assert FixedScreens().of(changing, "one", FIXED, ()) is None


def test_every_fixed_screen_is_what_would_be_made_anew() -> None:
    screens = FixedScreens()
    found = 0
    for dialogue in BY_NAME.values():
        for name, step in dialogue.steps.items():
            fixed = screens.of(dialogue, name, step, (BACK, TO_MENU))
            if fixed is not None:
                found += 1
                made = screen_of(step, {}, ways=(BACK, TO_MENU))
                for language in ("vi", "en"):
                    assert pages_of(fixed, language) == pages_of(made, language)
    assert found > 10


def pages_of(screen: Screen, language: str) -> list[str]:
    return [page.text for page in UssdVoice().pages(screen, language=language, accents=None)]


def test_a_screen_made_from_a_fixed_one_is_not_taken_for_it() -> None:
    voice = UssdVoice()
    fixed = shown(FIXED)
    assert fixed is not None
    for screen in (fixed, replace(fixed, say=plain("Other words")), fixed):
        (page,) = voice.pages(screen, language="en", accents=None)
        assert page.text.startswith(screen.say.to("en"))


def test_a_voice_that_keeps_pages_shows_every_screen_as_a_new_one_would() -> None:
    kept = UssdVoice()
    for _round in range(2):
        for one in every_screen():
            for language, accents in (("vi", None), ("vi", True), ("en", None)):
                wish = {"language": language, "accents": accents}
                assert kept.pages(one.screen, **wish) == UssdVoice().pages(one.screen, **wish)  # type: ignore[arg-type]
