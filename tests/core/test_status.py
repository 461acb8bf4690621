"""The status card at the boundaries of its rules, and which rule holds on which day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.clock import VIETNAM
from core.dialogue import Answers
from core.dialogues.status import WORST, show, show_brief
from core.platform.ports import Dose, TestResult
from core.status import RULES, Card, Colour, Reason, card, rule_of
from core.text import Text

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=VIETNAM)
TODAY = NOON.date()
(RULE,) = RULES["khanh hoa"]


def dose(days_ago: int, vaccine: str = "Comirnaty") -> Dose:
    return Dose(TODAY - timedelta(days=days_ago), vaccine, None, None, None)


def negative(ago: timedelta, method: str = "pcr", value: str = "not-detected") -> TestResult:
    return TestResult("t", method, value, "final", NOON - ago, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("doses", "colour", "reason", "since_days"),
    [
        ([], "red", "none", None),
        ([dose(13)], "red", "none", None),
        ([dose(14)], "yellow", "first", 0),
        ([dose(40), dose(13)], "yellow", "first", 26),
        ([dose(40), dose(14)], "green", "full", 0),
        ([dose(13, "Jcovden")], "red", "none", None),
        ([dose(14, "JCOVDEN")], "green", "full", 0),
        ([dose(200), dose(150), dose(3)], "green", "full", 136),
        ([dose(90, "Janssen"), dose(1)], "green", "full", 76),
    ],
)
def test_doses(doses: list[Dose], colour: Colour, reason: Reason, since_days: int | None) -> None:
    made = card(RULE, doses, [], NOON)
    assert (made.colour, made.reason) == (colour, reason)
    assert made.since == (None if since_days is None else TODAY - timedelta(days=since_days))


@pytest.mark.parametrize(("days", "colour"), [(180, "green"), (181, "red")])
def test_a_recovery(days: int, colour: Colour) -> None:
    assert card(RULE, [], [], NOON, TODAY - timedelta(days=days)).colour == colour


@pytest.mark.parametrize(
    ("result", "colour"),
    [
        (negative(timedelta(hours=72)), "yellow"),
        (negative(timedelta(hours=72, seconds=1)), "red"),
        (negative(timedelta(seconds=-1)), "red"),
        (negative(timedelta(hours=1), "antigen"), "red"),
        (negative(timedelta(hours=1), value="pending"), "red"),
    ],
)
def test_a_negative_pcr(result: TestResult, colour: Colour) -> None:
    made = card(RULE, [], [result], NOON)
    assert made.colour == colour
    if colour == "yellow":
        assert made.until == result.sampled + timedelta(hours=72)


def test_the_newest_rule_in_force_holds() -> None:
    newer = replace(RULE, version="2026-12", in_force=date(2026, 12, 1), days_after_dose=7)
    rules = {"khanh hoa": (newer, RULE)}
    for day, version in ((date(2026, 11, 30), "2021-10"), (date(2026, 12, 1), "2026-12")):
        found = rule_of("Tỉnh Khánh Hòa", day, rules)
        assert found is not None
        assert found.version == version
    assert rule_of("Khánh Hòa", date(2021, 9, 30), rules) is None


def test_without_a_rule_the_card_is_neutral() -> None:
    assert rule_of("Hà Nội", TODAY) is rule_of(None, TODAY) is None
    assert card(None, [dose(90), dose(50)], [], NOON) == Card("neutral", "no-rule")


@pytest.mark.parametrize("words_of", [show, show_brief])
def test_the_card_says_why_since_when_and_until_when(words_of: Callable[[Answers], Text]) -> None:
    said = {"colour": "yellow", "reason": "negative", "since": "2026-11-22"}
    shown = words_of({**WORST, **said, "until": "2026-11-25T18:05:00+07:00"}).to("en")
    for words in ("YELLOW", "negative PCR test", "since 22/11", "until 18:05 25/11"):
        assert words in shown
