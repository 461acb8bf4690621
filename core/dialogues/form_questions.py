"""The questions of a form in their order, with what stands above each and when each is asked."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.dialogue import Answers
from core.platform.forms import Condition, Form, FormItem, Words
from core.text import Text, _, in_languages, lines

NONE = "none"
"""The choice of somebody who says "no" to a whole group at once."""

FILLED = "filled"
"""The answer that lists the steps which need not be asked: they were told in one text."""


@dataclass(frozen=True, slots=True)
class Question:
    """One item that asks for an answer: under which words, and on which conditions."""

    item: FormItem
    displays: tuple[FormItem, ...]
    """What the form says just before it."""
    groups: tuple[FormItem, ...]
    """Those around it, the outermost first."""

    @property
    def step(self) -> str:
        return step_name(self.item.link_id)

    @property
    def above(self) -> tuple[FormItem, ...]:
        """A group that may be answered at once has said its words by then."""
        return (*self.displays, *(one for one in self.groups if not asked_together(one)))

    def is_asked(self, answers: Answers) -> bool:
        """The conditions of the question and of all groups around it hold."""
        return all(_rules_hold(item, answers) for item in (*self.groups, self.item))

    def is_to_ask(self, answers: Answers) -> bool:
        """It is asked, and no answer to all of its group has settled it."""
        if self.step in answers.get(FILLED, ()):
            return False
        alls = (answers.get(all_of(group)) for group in self.groups)
        return self.is_asked(answers) and not (self.step in answers and NONE in alls)


@dataclass(frozen=True, slots=True)
class Together:
    """A group of yes-or-no questions which a person may answer with one "no" to all of them."""

    group: FormItem
    above: tuple[FormItem, ...]
    groups: tuple[FormItem, ...]
    asked: tuple[FormItem, ...]
    spoken: tuple[FormItem, ...]
    """The same, each group inside with its own words before its first."""

    @property
    def step(self) -> str:
        return all_of(self.group)

    def is_to_ask(self, answers: Answers) -> bool:
        if self.step in answers.get(FILLED, ()):
            return False
        return all(_rules_hold(item, answers) for item in (*self.groups, self.group))


Asked = Question | Together


def step_name(link_id: str) -> str:
    return f"q.{link_id}"


def all_of(group: FormItem) -> str:
    """The step that asks a group at once."""
    return f"{step_name(group.link_id)}.all"


def questions_of(form: Form) -> tuple[tuple[Question, ...], tuple[FormItem, ...]]:
    """The questions in order, and what the form says after the last of them."""
    found: list[Question] = []
    waiting: list[FormItem] = []
    for item, groups in _walk(form.items, ()):
        if item.kind == "display":
            waiting.append(item)
        else:
            found.append(Question(item, tuple(waiting), groups))
            waiting.clear()
    return tuple(found), tuple(waiting)


def asked_in(form: Form) -> tuple[Asked, ...]:
    """What is asked in order: a group that one "no" may answer comes before the first of its own."""
    questions, _last_words = questions_of(form)
    asked: list[Asked] = []
    begun: set[str] = set()
    for question in questions:
        for depth, group in enumerate(question.groups):
            inside = () if group.link_id in begun else asked_together(group)
            begun.add(group.link_id)
            if inside:
                around = question.groups[:depth]
                above = (*question.displays, *around)
                asked.append(Together(group, above, around, inside, _spoken(group, inside)))
        asked.append(question)
    return tuple(asked)


def asked_together(group: FormItem) -> tuple[FormItem, ...]:
    """What one "no" may answer: of a group with short words of its own, which only asks yes or no.

    Questions that depend on another answer are asked in their turn.
    """
    inside = [item for item, around in _walk((group,), ()) if not _depends(item, around)]
    asked = tuple(item for item in inside if item.kind != "display")
    plain = all(item.kind == "boolean" and item.required for item in asked)
    return asked if group.brief and plain and len(asked) > 1 else ()


def _spoken(group: FormItem, asked: tuple[FormItem, ...]) -> tuple[FormItem, ...]:
    spoken: list[FormItem] = []
    for item, (_outermost, *inside) in _walk((group,), ()):
        if item in asked:
            spoken += [one for one in inside if one not in spoken]
            spoken.append(item)
    return tuple(spoken)


def _depends(item: FormItem, around: tuple[FormItem, ...]) -> bool:
    return any(one.conditions for one in (*around[1:], item))


def _walk(
    items: tuple[FormItem, ...], groups: tuple[FormItem, ...]
) -> Iterator[tuple[FormItem, tuple[FormItem, ...]]]:
    for item in items:
        if item.kind == "group":
            yield from _walk(item.items, (*groups, item))
        else:
            yield item, groups
            yield from _walk(item.items, groups)


def text_of(words: Words) -> Text:
    original = words.get("") or next(iter(words.values()), "")
    return in_languages(original, {lang: said for lang, said in words.items() if lang})


def said_of(item: FormItem, words: Words) -> Text:
    """What an item says that asks nothing; one that we cannot ask says so."""
    return lines(text_of(words), CANNOT_ASK) if item.beyond else text_of(words)


CANNOT_ASK = _("(this cannot be asked here)")


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
