"""Vaccinations: every dose on record, newest last."""

from __future__ import annotations

from datetime import date
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
from core.dialogues.status import ON_ITS_WAY, REGISTRY, SLOW, age_of, as_of, as_of_text
from core.errors import Down, Late
from core.text import Text, _, lines, plain


def look(desk: Desk, answers: Answers) -> Outcome:
    check_right(desk, answers, answers["who"])
    known = desk.platforms.vaccinations.doses(answers["who"], deadline=desk.deadline)
    found = [[one.on.isoformat(), one.vaccine, one.site] for one in known.value]
    return Outcome({"doses": found, "next": _next_on(desk, answers["who"]), **age_of(known)})


def _next_on(desk: Desk, citizen_id: str) -> str | None:
    """The day of the next dose; the doses are worth showing without it."""
    try:
        due = desk.platforms.vaccinations.next_dose(citizen_id, deadline=desk.deadline).value
    except (Late, Down):
        return None
    return due.on.isoformat() if due else None


def after_look(answers: Answers) -> Literal["list", "none"]:
    return "list" if answers["doses"] else "none"


def show(answers: Answers) -> Text:
    return lines(
        _("Vaccinations of {name}", name=name_of(answers)),
        *(_line(number, dose, whole=True) for number, dose in enumerate(answers["doses"], 1)),
        *_next(answers),
        as_of(answers, REGISTRY),
    )


def show_brief(answers: Answers) -> Text:
    return lines(
        _("Doses of {name}", name=short_of(answers)),
        as_of(answers, REGISTRY),
        *(_line(number, dose, whole=False) for number, dose in enumerate(answers["doses"], 1)),
        *_next(answers),
    )


def show_text(answers: Answers) -> Text:
    """As a single text: how many, the last two, and the next."""
    doses = list(enumerate(answers["doses"], 1))
    return lines(
        _("{name}: {n} doses", name=short_of(answers), n=len(doses)),
        as_of_text(answers),
        *(_line(number, dose, whole=False) for number, dose in doses[-SHOWN_IN_A_TEXT:]),
        *_next(answers),
    )


SHOWN_IN_A_TEXT = 2


def _next(answers: Answers) -> tuple[Text, ...]:
    if not answers.get("next"):
        return ()
    return (_("Next dose: from {day}", day=date.fromisoformat(answers["next"])),)


def _line(number: int, dose: list[Any], *, whole: bool) -> Text:
    on, vaccine, site = dose
    day = date.fromisoformat(on)
    if whole and site:
        return _(
            "Dose {number}: {day}, {vaccine}, {site}",
            number=number,
            day=day,
            vaccine=plain(vaccine),
            site=plain(site),
        )
    return _("Dose {number}: {day} {vaccine}", number=number, day=day, vaccine=plain(vaccine))


def show_none(answers: Answers) -> Text:
    """Nothing on record: said with its age and its person too, for it may be remembered, or texted."""
    none = _("There is no vaccine dose on record.")
    return lines(_("Doses of {name}", name=short_of(answers)), none, as_of(answers, REGISTRY))


WORST: dict[str, Any] = {
    **WORST_FAMILY,
    "doses": [["2026-12-30", "Spikevax (Moderna)", "Trung tâm y tế quận Bình Thạnh"]] * 7,
    "next": "2026-12-30",
    "as_of": "2026-12-30T23:59:00+07:00",
}

DOSES = Dialogue(
    name="doses",
    title=_("Vaccinations"),
    words=("TIEM", "DOSES", "DOSE", "MUI TIEM", "TIEM CHUNG", "VACCINE", "VACXIN", "VAC XIN"),
    takes=told_after,
    open_words=("TIEM", "DOSES", "MUI TIEM", "TIEM CHUNG"),
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
