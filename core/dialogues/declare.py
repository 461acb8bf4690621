"""The health declaration: the platform's form, asked question by question, sent exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from core.dialogue import (
    TOLD,
    Answers,
    Call,
    Choose,
    Desk,
    Dialogue,
    Forms,
    Outcome,
    Step,
    Tell,
    why_refused,
)
from core.dialogues.about import WORST_FAMILY, ask_about_whom, check_right, short_of, told_after
from core.dialogues.form_questions import FILLED, next_of, questions_of
from core.dialogues.form_rounds import step_name
from core.dialogues.questions import BEFORE, closing_of, said_to, steps_for
from core.dialogues.told import filled_in, read_back
from core.platform.forms import Form, FormAnswers, link_of
from core.platform.ports import Declaration
from core.text import Text, _, lines

CONFIRM = "confirm"


def fetch(desk: Desk, answers: Answers) -> Outcome:
    """The form now in force; from here on this very edition is asked, whatever is published."""
    check_right(desk, answers, answers["who"])
    form = desk.platforms.declarations.form(deadline=desk.deadline)
    told = filled_in(form, answers.get(TOLD, ""))
    first = next_of(form, {**answers, **told}, CONFIRM)
    return Outcome({"form": form.name, "first": first, **told})


def ask_all(desk: Desk, answers: Answers) -> Outcome:
    """Every question is asked; what was said before is what each of them suggests."""
    said = {step: value for step, value in answers.items() if step.startswith(step_name(""))}
    before = {step: value for step, value in said.items() if value is not None}
    kept = {**(answers.get(BEFORE) or {}), **before}
    first = next_of(desk.forms(answers["form"]), {}, CONFIRM)
    return Outcome({**dict.fromkeys(said), BEFORE: kept, FILLED: [], "first": first})


def to_first(answers: Answers) -> Literal["questions"]:
    """Leads to the first question of the form (or straight on when there is none)."""
    first: Literal["questions"] = answers["first"]
    return first


def questions(answers: Answers, forms: Forms) -> Mapping[str, Step]:
    name = answers.get("form")
    if not name:
        return {}
    form = forms(name)
    closing = lines(*closing_of(form, answers))
    asking = replace(CONFIRMING, ask=lambda answers: lines(closing, confirm(answers)))
    steps = steps_for(form, answers, CONFIRM)
    return {**steps, CONFIRM: asking} if closing.parts else steps


def confirm(answers: Answers) -> Text:
    if answers.get(FILLED):
        return lines(read_back(answers, short_of(answers)), TRUE)
    return _("Send the declaration for {name}?", name=short_of(answers))


def confirm_brief(answers: Answers) -> Text:
    if answers.get(FILLED):
        return read_back(answers, short_of(answers))
    return _("True and complete? Send for {name}?", name=short_of(answers))


TRUE = _("True and complete?")


def confirm_choices(answers: Answers) -> Mapping[str, Text]:
    choices = {"send": _("Send"), "drop": _("Do not send")}
    return {**choices, "each": _("Ask me all")} if answers.get(FILLED) else choices


def after_confirm(answers: Answers) -> Literal["send", "dropped", "again"]:
    match answers[CONFIRM]:
        case "send":
            return "send"
        case "each":
            return "again"
        case _:
            return "dropped"


def send(desk: Desk, answers: Answers) -> Outcome:
    """Sends it under the key of this call: tried again, it is still one declaration."""
    check_right(desk, answers, answers["who"])
    me = desk.person.linked
    author = me.citizen_id if me is not None else answers["who"]
    form = desk.forms(answers["form"])
    told = said_to(form, answers)
    declaration = Declaration(answers["form"], answers["who"], author, told, desk.now)
    desk.platforms.declarations.declare(declaration, key=desk.key, deadline=desk.deadline)
    return Outcome({"sent_at": desk.now.isoformat(), "worry": worries(form, told)})


def worries(form: Form, told: FormAnswers) -> bool:
    """Was anything said that calls for advice: a "yes", or a sign picked from a list?"""
    signs = {one.item.link_id for one in questions_of(form)[0] if one.item.kind == "choice"}
    return any(
        any(value is True for value in values) or (link_of(name) in signs and bool(values))
        for name, values in told.items()
    )


def after_send(answers: Answers) -> Literal["cleared", "advised"]:
    return "advised" if answers["worry"] else "cleared"


def received(answers: Answers) -> Text:
    return _(
        "Declaration for {name} received at {time}. Thank you.",
        name=short_of(answers),
        time=datetime.fromisoformat(answers["sent_at"]),
    )


def advised(answers: Answers) -> Text:
    advice = _("If you feel unwell, stay at home, wear a mask and call your ward health station.")
    return lines(received(answers), advice)


def refused(answers: Answers) -> Text:
    """Why the platform said no, in its own words; every answer is still there."""
    sorry = _("The health platform did not accept this declaration.")
    return why_refused(sorry, answers)


def after_refused(answers: Answers) -> Literal["again", "dropped"]:
    return "dropped" if answers["refused"] == "drop" else "again"


CONFIRMING = Choose(
    ask=confirm,
    brief=confirm_brief,
    choices=confirm_choices,
    then=after_confirm,
    seen=True,
    commits="send",
)

WORST: dict[str, Any] = {
    **WORST_FAMILY,
    "sent_at": "2026-12-30T23:59:00+07:00",
    "refused": "Thiếu câu trả lời bắt buộc về nơi đã đến",
}

_SIGN = {"vi": "Xuất huyết ngoài da", "en": "Bleeding under the skin"}
_ASKED = {
    "vi": "14 ngày qua có đi nơi khác, sốt, ho, khó thở, đau họng, mệt, gần người (nghi) bệnh?",
    "en": "14 days: been away, fever, cough, short breath, sore throat, tired, near a sick person?",
}
WORST_TOLD: dict[str, Any] = {**WORST, FILLED: ["q"], "signs": [_SIGN] * 2, "asked": [_ASKED]}

DECLARE = Dialogue(
    name="declare",
    title=_("Health declaration"),
    begun="fetch",
    words=(
        "KB",
        "DECLARE",
        "KHAI BAO",
        "KHAI BAO Y TE",
        "KBYT",
        "TO KHAI",
        "KHAI",
        "TO KHAI Y TE",
        "KHAI YT",
    ),
    takes=told_after,
    open_words=("KB", "DECLARE", "KHAI BAO", "KHAI BAO Y TE", "KBYT", "TO KHAI", "KHAI"),
    worst=(WORST, WORST_TOLD),
    more=questions,
    leads_to_more=("questions",),
    steps={
        **ask_about_whom("fetch"),
        "fetch": Call(of=fetch, late="later", then=to_first, later=False),
        CONFIRM: CONFIRMING,
        "again": Call(of=ask_all, late="later", then=to_first, later=False),
        "send": Call(of=send, late="kept", refused="refused", then=after_send, changes=True),
        "cleared": Tell(say=received),
        "advised": Tell(say=advised),
        "kept": Tell(
            say=_(
                "Your declaration is kept safe. The health platform is slow just now; "
                "we will text you as soon as it has arrived."
            )
        ),
        "refused": Choose(
            ask=refused,
            choices={"edit": _("Change my answers"), "drop": _("Do not send")},
            then=after_refused,
        ),
        "dropped": Tell(say=_("Nothing was sent.")),
        "later": Tell(
            say=_(
                "The declaration form cannot be fetched just now. Please try again in a few minutes."
            )
        ),
    },
)
