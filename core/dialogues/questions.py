"""A form of the platform as steps: one question each, shown only when its conditions hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from core import hear
from core.dialogue import Answers, Ask, Choose, Step
from core.dialogues.form_questions import (
    NONE,
    Asked,
    Question,
    asked_in,
    questions_of,
    said_of,
    step_name,
    text_of,
)
from core.errors import Unclear
from core.gsm import fold
from core.people.papers import BadDate, read_date
from core.platform.forms import Form, FormAnswers, FormItem, Value
from core.text import Text, _, joined, lines, plain

SKIP = "*"
"""What a person types to leave out a question that need not be answered."""

_SKIP_WORDS = frozenset({"bo qua", "skip"})


ONE_NO: Mapping[str, Text] = {
    NONE: _("No to all"),
    "each": _("One by one"),
}


def steps_for(form: Form, after: str) -> Mapping[str, Step]:
    """Every question as a step; the last one that is asked leads to `after`."""
    asked = asked_in(form)
    return {
        one.step: _step_of(one, _then(asked[number + 1 :], after))
        for number, one in enumerate(asked)
    }


def first_of(form: Form, answers: Answers, after: str) -> str:
    """The first step to ask, or `after` when there is nothing to ask."""
    return _then(asked_in(form), after)(answers)


def closing_of(form: Form) -> tuple[Text, ...]:
    """What the form says after its last question (a consent, a warning)."""
    _questions, last_words = questions_of(form)
    return tuple(said_of(item, item.words) for item in last_words)


def said_to(form: Form, answers: Answers) -> FormAnswers:
    """The answers by link id; those of questions that are no longer asked are left out."""
    questions, _last_words = questions_of(form)
    told: dict[str, tuple[Value, ...]] = {}
    for question in questions:
        value = answers.get(question.step)
        if value is None or not question.is_asked(answers):
            continue
        values = value if isinstance(value, list) else [value]
        told[question.item.link_id] = tuple(_typed(question.item, one) for one in values)
    return told


def _then(rest: tuple[Asked, ...], after: str) -> Callable[[Answers], str]:
    def then(answers: Answers) -> str:
        return next((one.step for one in rest if one.is_to_ask(answers)), after)

    return then


def _typed(item: FormItem, value: Any) -> Value:
    typed: Value = value == "yes" if item.kind == "boolean" else value
    return typed


def _step_of(one: Asked, then: Callable[[Answers], str]) -> Step:
    above = tuple(said_of(item, item.words) for item in one.above)
    above_brief = tuple(said_of(item, item.brief or item.words) for item in one.above)
    if isinstance(one, Question):
        return _step(one, above, above_brief, then)
    return Choose(
        ask=lines(*above, text_of(one.group.words), *(text_of(item.words) for item in one.spoken)),
        brief=lines(*above_brief, text_of(one.group.brief)),
        choices=ONE_NO,
        then=then,
        settles={NONE: {step_name(item.link_id): "no" for item in one.asked}},
    )


def _step(
    question: Question,
    above: tuple[Text, ...],
    above_brief: tuple[Text, ...],
    then: Callable[[Answers], str],
) -> Step:
    item = question.item
    ask = lines(*above, text_of(item.words))
    short = lines(*above_brief, text_of(item.brief or item.words))
    match item.kind:
        case "boolean":
            return Choose(ask=ask, brief=short, choices=_with_skip(item, YES_NO), then=then)
        case "choice":
            choices = {one.code: text_of(one.words) for one in item.choices}
            hint = (_("(several: 1 3)"),) if item.repeats else ()
            return Choose(
                ask=lines(ask, *hint),
                brief=lines(short, *hint),
                choices=_with_skip(item, choices),
                many=item.repeats,
                then=then,
            )
        case _:
            several = (_("(several: put ; between them)"),) if item.repeats else ()
            hints = (*_listed(item), *several, *_may_leave(item))
            return Ask(
                ask=lines(ask, *hints), brief=lines(short, *hints), read=_reader(item), then=then
            )


def _listed(item: FormItem) -> tuple[Text, ...]:
    """The choices of a question that also takes other words, with their numbers."""
    listed = hear.numbered({one.code: text_of(one.words) for one in item.choices})
    return tuple(joined(" ", plain(one.number), one.label) for one in listed)


def _may_leave(item: FormItem) -> tuple[Text, ...]:
    """What a star does: it keeps what the form suggests, or skips what need not be answered."""
    if item.initial is not None:
        return (_("(type * to keep: {value})", value=plain(str(item.initial))),)
    return () if item.required else (_("(type * to skip)"),)


YES_NO = {"no": _("No"), "yes": _("Yes")}
"""The usual answer first: it is the shortest way through a form."""


def _with_skip(item: FormItem, choices: Mapping[str, Text]) -> Mapping[str, Text]:
    suggested = item.initial
    first = ("yes" if suggested else "no") if isinstance(suggested, bool) else suggested
    if isinstance(first, str) and first in choices:
        # What the form suggests is the shortest to say.
        choices = {first: choices[first], **choices}
    return choices if item.required else {**choices, SKIP: _("Skip")}


def _reader(item: FormItem) -> Callable[[str, date], Any]:
    def read(said: str, today: date) -> Any:
        text = " ".join(said.split())
        if text in (SKIP, "-") or fold(text) in _SKIP_WORDS:
            if item.initial is not None:
                return item.initial
            if not item.required:
                return []
        if not text:
            raise Unclear(_("Please write an answer."))
        if not item.repeats:
            return READERS[item.kind](text, today, item)
        # A comma is part of a number such as 37,5; everywhere else it parts two answers.
        parts = re.split(r";" if item.kind == "decimal" else r"[;,]", text)
        return [READERS[item.kind](part.strip(), today, item) for part in parts if part.strip()]

    return read


def _read_integer(said: str, today: date, item: FormItem) -> int:
    try:
        return int(said)
    except ValueError:
        raise Unclear(_("Please type a whole number.")) from None


def _read_decimal(said: str, today: date, item: FormItem) -> float:
    try:
        return round(float(said.replace(",", ".")), 6)
    except ValueError:
        raise Unclear(_("Please type a number, such as 37.5.")) from None


def _read_day(said: str, today: date, item: FormItem) -> str:
    try:
        return read_date(said, today).isoformat()
    except BadDate:
        raise Unclear(_("Please type the date as day/month/year.")) from None


def _read_open_choice(said: str, today: date, item: FormItem) -> str:
    listed = hear.numbered({one.code: text_of(one.words) for one in item.choices})
    return hear.picked(said, listed) or _read_text(said, today, item)


def _read_text(said: str, today: date, item: FormItem) -> str:
    if item.max_length is not None and len(said) > item.max_length:
        raise Unclear(_("Please write it shorter: at most {n} letters.", n=item.max_length))
    return said


READERS: Mapping[str, Callable[[str, date, FormItem], Value]] = {
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_day,
    "string": _read_text,
    "text": _read_text,
    "open-choice": _read_open_choice,
}
