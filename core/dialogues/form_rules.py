"""When an item of a form is asked: its rules (FHIR's enableWhen), and what the answers mean to them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from core.clock import VIETNAM
from core.dialogue import Answers
from core.dialogues.form_rounds import YES, step_name
from core.platform.forms import Condition, Form, FormItem, Value

SKIP = "*"
"""What a person types to leave out a question that need not be answered."""

Chain = tuple[FormItem, ...]
"""An item, and before it those around it, the outermost first."""

_BEING_WEIGHED = False
"""What depends on itself is not asked."""


class Rules:
    """The rules of one form. Answers to what is not asked count for nothing, as FHIR has it."""

    def __init__(self, form: Form) -> None:
        self._chains: Mapping[str, Chain] = dict(_chains(form.items, ()))

    def hold(self, item: FormItem, answers: Answers) -> bool:
        """Whether the form asks (or says) this, with these answers."""
        return self._hold(self._chains[item.link_id], answers, {})

    def values(self, item: FormItem, answers: Answers) -> tuple[Value, ...]:
        """What the person, or the form itself, has answered; empty when it was left out."""
        if item.manner != "asked":
            return item.given
        answer = answers.get(step_name(item.link_id))
        listed = answer if isinstance(answer, list) else [] if answer is None else [answer]
        if item.kind in ("boolean", "again"):
            return tuple(one == YES for one in listed if one in (YES, "no"))
        return tuple(one for one in listed if one != SKIP)

    def _hold(self, chain: Chain, answers: Answers, weighed: dict[str, bool]) -> bool:
        name = chain[-1].link_id
        if name not in weighed:
            weighed[name] = _BEING_WEIGHED
            weighed[name] = all(self._allows(one, chain, answers, weighed) for one in chain)
        return weighed[name]

    def _allows(
        self, one: FormItem, chain: Chain, answers: Answers, weighed: dict[str, bool]
    ) -> bool:
        if one is not chain[-1] and one.kind != "group" and not self.values(one, answers):
            return False
        if not one.conditions:
            return True
        held = (self._holds(rule, answers, weighed) for rule in one.conditions)
        return any(held) if one.any_condition else all(held)

    def _holds(self, rule: Condition, answers: Answers, weighed: dict[str, bool]) -> bool:
        chain = self._chains.get(rule.question)
        told: tuple[Value, ...] = ()
        item = None
        if chain is not None and self._hold(chain, answers, weighed):
            item = chain[-1]
            told = self.values(item, answers)
        if rule.operator == "exists":
            return bool(told) is bool(rule.value)
        values = [_compared(item, value) for value in told]
        wanted = _compared(item, rule.value)
        if rule.operator == "!=":
            # R4: at least one answer differs. (R5 says: none is equal.)
            return any(not _same(value, wanted) for value in values)
        if rule.operator == "=":
            return any(_same(value, wanted) for value in values)
        return any(_stands(value, rule.operator, wanted) for value in values)


def _chains(items: tuple[FormItem, ...], around: Chain) -> Iterator[tuple[str, Chain]]:
    for item in items:
        yield item.link_id, (*around, item)
        yield from _chains(item.items, (*around, item))


def _compared(item: FormItem | None, value: Value) -> Any:
    """The value as rules compare it: a choice by the number it stands for, a moment as such."""
    if item is None:
        return value
    if item.kind == "dateTime" and isinstance(value, str):
        return _moment(value)
    for choice in item.choices:
        if value == choice.code and choice.value is not None:
            return choice.value
    return value


def _moment(value: str) -> Any:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return value
    return read.replace(tzinfo=read.tzinfo or VIETNAM)


def _same(value: Any, wanted: Any) -> bool:
    """Equal, and of one kind: to Python a truth is a number."""
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def _stands(value: Any, comparison: str, wanted: Any) -> bool:
    if type(value) is not type(wanted) and not {type(value), type(wanted)} <= {int, float}:
        return False
    return bool(COMPARISONS[comparison](value, wanted))


COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
