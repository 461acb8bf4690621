"""A form of the platform as steps: one question each, shown only when its conditions hold."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import hear
from core.dialogue import Answers, Ask, Choose, Step
from core.errors import Unclear
from core.gsm import fold
from core.people.papers import BadDate, read_date
from core.platform.forms import Condition, Form, FormAnswers, FormItem, Value, Words
from core.text import Text, _, in_languages, joined, lines, plain

SKIP = "*"
"""What a person types to leave out a question that need not be answered."""

_SKIP_WORDS = frozenset({"bo qua", "skip"})


@dataclass(frozen=True, slots=True)
class Question:
    """One item that asks for an answer, with what stands above it and when it is asked."""

    item: FormItem
    above: tuple[Text, ...]
    above_brief: tuple[Text, ...]
    rules: tuple[FormItem, ...]
    """The item and the groups around it: the conditions of all of them must hold."""

    @property
    def step(self) -> str:
        return step_name(self.item.link_id)


def step_name(link_id: str) -> str:
    return f"q.{link_id}"


def questions_of(form: Form) -> tuple[tuple[Question, ...], tuple[Text, ...]]:
    """The questions in order, and the words that come after the last of them."""
    found: list[Question] = []
    waiting: list[FormItem] = []
    for item, groups in _walk(form.items, ()):
        if item.kind == "display":
            waiting.append(item)
        else:
            over = (*waiting, *groups)
            above = tuple(said_of(one, one.words) for one in over)
            above_brief = tuple(said_of(one, one.brief or one.words) for one in over)
            found.append(Question(item, above, above_brief, (*groups, item)))
            waiting.clear()
    return tuple(found), tuple(said_of(item, item.words) for item in waiting)


def _walk(
    items: tuple[FormItem, ...], groups: tuple[FormItem, ...]
) -> Iterator[tuple[FormItem, tuple[FormItem, ...]]]:
    for item in items:
        if item.kind == "group":
            yield from _walk(item.items, (*groups, item))
        else:
            yield item, groups
            yield from _walk(item.items, groups)


def steps_for(form: Form, after: str) -> Mapping[str, Step]:
    """Every question as a step; the last one that is asked leads to `after`."""
    questions, _last_words = questions_of(form)
    return {
        question.step: _step(question, _then(questions[number + 1 :], after))
        for number, question in enumerate(questions)
    }


def first_of(form: Form, answers: Answers, after: str) -> str:
    """The first step to ask, or `after` when there is nothing to ask."""
    questions, _last_words = questions_of(form)
    return _then(questions, after)(answers)


def closing_of(form: Form) -> tuple[Text, ...]:
    """What the form says after its last question (a consent, a warning)."""
    _questions, last_words = questions_of(form)
    return last_words


def said_to(form: Form, answers: Answers) -> FormAnswers:
    """The answers by link id; those of questions that are no longer asked are left out."""
    questions, _last_words = questions_of(form)
    told: dict[str, tuple[Value, ...]] = {}
    for question in questions:
        value = answers.get(question.step)
        if value is None or not _is_asked(question, answers):
            continue
        values = value if isinstance(value, list) else [value]
        told[question.item.link_id] = tuple(_typed(question.item, one) for one in values)
    return told


def text_of(words: Words) -> Text:
    original = words.get("") or next(iter(words.values()), "")
    return in_languages(original, {lang: said for lang, said in words.items() if lang})


def _then(rest: tuple[Question, ...], after: str) -> Callable[[Answers], str]:
    def then(answers: Answers) -> str:
        return next((one.step for one in rest if _is_asked(one, answers)), after)

    return then


def _is_asked(question: Question, answers: Answers) -> bool:
    return all(_rules_hold(item, answers) for item in question.rules)


def _rules_hold(item: FormItem, answers: Answers) -> bool:
    if not item.conditions:
        return True
    held = (_holds(condition, answers) for condition in item.conditions)
    return any(held) if item.any_condition else all(held)


def _holds(condition: Condition, answers: Answers) -> bool:
    answer = answers.get(step_name(condition.question))
    values = answer if isinstance(answer, list) else [] if answer is None else [answer]
    if condition.operator == "exists":
        return bool(values) is bool(condition.value)
    wanted = condition.value
    told = [_comparable(value) for value in values]
    match condition.operator:
        case "=":
            return any(value == _comparable(wanted) for value in told)
        case "!=":
            return bool(told) and all(value != _comparable(wanted) for value in told)
        case other:
            return any(_compares(value, other, _comparable(wanted)) for value in told)


def _comparable(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


def _compares(value: Any, comparison: str, wanted: Any) -> bool:
    if type(value) is not type(wanted) and not {type(value), type(wanted)} <= {int, float}:
        return False
    return bool(COMPARISONS[comparison](value, wanted))


COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def _typed(item: FormItem, value: Any) -> Value:
    typed: Value = value == "yes" if item.kind == "boolean" else value
    return typed


def _step(question: Question, then: Callable[[Answers], str]) -> Step:
    item = question.item
    ask = lines(*question.above, text_of(item.words))
    short = lines(*question.above_brief, text_of(item.brief or item.words))
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


def said_of(item: FormItem, words: Words) -> Text:
    """What an item says that asks nothing; one that we cannot ask says so."""
    return lines(text_of(words), CANNOT_ASK) if item.beyond else text_of(words)


CANNOT_ASK = _("(this cannot be asked here)")


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
