"""Test results: the newest three, in plain words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from core.dialogue import TEXTED, Answers, Call, Desk, Dialogue, Outcome, Tell
from core.dialogues.about import (
    WORST_FAMILY,
    ask_about_whom,
    check_right,
    name_of,
    short_of,
    told_after,
)
from core.dialogues.status import LABORATORIES, ON_ITS_WAY, SLOW, age_of, as_of, as_of_text
from core.status import METHOD_WORDS, RESULT_WORDS
from core.text import Text, _, lines

SHOWN = 3
SHOWN_IN_A_TEXT = 2


def look(desk: Desk, answers: Answers) -> Outcome:
    check_right(desk, answers, answers["who"])
    known = desk.platforms.tests.results(answers["who"], deadline=desk.deadline)
    found = [
        [one.value, one.method, one.sampled.isoformat(), one.status == "corrected"]
        for one in known.value[:SHOWN]
    ]
    return Outcome({"results": found, **age_of(known)})


def after_look(answers: Answers) -> Literal["list", "none"]:
    return "list" if answers["results"] else "none"


def show(answers: Answers) -> Text:
    return lines(
        _("Test results of {name}", name=name_of(answers)),
        *(_line(result) for result in answers["results"]),
        *_advice(answers),
        as_of(answers, LABORATORIES),
    )


def show_brief(answers: Answers) -> Text:
    return lines(
        _("Tests of {name}", name=short_of(answers)),
        as_of(answers, LABORATORIES),
        *(_line(result) for result in answers["results"]),
        *_advice(answers),
    )


def show_text(answers: Answers) -> Text:
    """As a single text: the newest two, and what to do."""
    return lines(
        _("Tests of {name}", name=short_of(answers)),
        as_of_text(answers),
        *(_short_line(result) for result in answers["results"][:SHOWN_IN_A_TEXT]),
        *(STAY for _advised in _advice(answers)),
    )


STAY = _("Stay home, mask on, call your health station.")


def _short_line(result: list[Any]) -> Text:
    value, _method, sampled, corrected = result
    words = _("{day}: {result} (corrected)") if corrected else _("{day}: {result}")
    return words.with_(day=datetime.fromisoformat(sampled).date(), result=RESULT_WORDS[value])


def _line(result: list[Any]) -> Text:
    value, method, sampled, corrected = result
    words = (
        _("{day} {method}: {result}")
        if not corrected
        else _("{day} {method}: {result} (corrected)")
    )
    return words.with_(
        day=datetime.fromisoformat(sampled).date(),
        method=METHOD_WORDS[method],
        result=RESULT_WORDS[value],
    )


def _advice(answers: Answers) -> tuple[Text, ...]:
    if answers["results"][0][0] != "detected":
        return ()
    return (_("Please stay at home, wear a mask and call your ward health station."),)


def show_none(answers: Answers) -> Text:
    """Nothing on record: said with its age and its person too, for it may be remembered, or texted."""
    none = _("There is no test result on record.")
    return lines(_("Tests of {name}", name=short_of(answers)), none, as_of(answers, LABORATORIES))


WORST: dict[str, Any] = {
    **WORST_FAMILY,
    "results": [["detected", "antigen", "2026-12-30T23:59:00+07:00", True]] * SHOWN,
    "as_of": "2026-12-30T23:59:00+07:00",
}

RESULTS = Dialogue(
    name="results",
    title=_("Test results"),
    words=("KQ", "RESULT", "RESULTS", "KET QUA", "XET NGHIEM", "XN", "KQXN"),
    takes=told_after,
    open_words=("KQ", "RESULT", "RESULTS", "KET QUA", "XET NGHIEM", "XN"),
    worst=(WORST,),
    steps={
        **ask_about_whom("look"),
        "look": Call(of=look, late="slow", then=after_look),
        "list": Tell(say=show, brief=show_brief, text=show_text, texted="look"),
        "none": Tell(say=show_none),
        "slow": Tell(say=SLOW),
        TEXTED: ON_ITS_WAY,
    },
)
