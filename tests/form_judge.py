"""Judges a QuestionnaireResponse by its Questionnaire, as FHIR R4 says; shares nothing with our code."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

Item = dict[str, Any]

VALUE: dict[str, tuple[str, ...]] = {
    "boolean": ("valueBoolean",),
    "integer": ("valueInteger",),
    "decimal": ("valueDecimal",),
    "quantity": ("valueQuantity",),
    "date": ("valueDate",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueUri",),
}
COMPARES: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt,
    ">=": operator.ge, "<=": operator.le,
}  # fmt: skip


Scope = tuple[tuple[list[Item], list[Item]], ...]
"""The levels around an item, the innermost last: its items, and what was answered in this round."""


def faults(form: Item, response: Item) -> list[str]:
    """Everything that is wrong with the response; empty when a server must take it."""
    get_fhir_model_class("QuestionnaireResponse").model_validate(response)
    return list(_Judge(form).level(form["item"], response.get("item", []), (), asked=True))


@dataclass
class _Judge:
    form: Item

    def level(
        self, items: list[Item], answered: list[Item], scope: Scope, *, asked: bool
    ) -> Iterator[str]:
        """Items of one level against what was answered there, `scope` being the levels around."""
        here = (*scope, (items, answered))
        order = [item["linkId"] for item in items]
        given = [one["linkId"] for one in answered]
        if unknown := set(given) - set(order):
            yield f"no such item here: {unknown}"
            return
        if given != sorted(given, key=order.index):
            yield f"not in their order: {given}"
        for item in items:
            mine = [one for one in answered if one["linkId"] == item["linkId"]]
            yield from self.item(item, mine, here, asked=asked and self.enabled(item, here))

    def item(self, item: Item, mine: list[Item], scope: Scope, *, asked: bool) -> Iterator[str]:
        name = item["linkId"]
        if mine and not asked:
            yield f"{name}: answered though it is not enabled"
        if len(mine) > 1 and not (item["type"] == "group" and item.get("repeats")):
            yield f"{name}: written twice"
        if item["type"] == "group":
            for one in mine or [{}]:
                yield from self.level(item.get("item", []), one.get("item", []), scope, asked=asked)
            return
        answers = [answer for one in mine for answer in one.get("answer", [])]
        if any("item" in one for one in mine):
            yield f"{name}: items beside its answer"
        if item.get("required") and asked and not answers and _askable(item):
            yield f"{name}: required and not answered"
        if len(answers) > 1 and not item.get("repeats"):
            yield f"{name}: several answers"
        for answer in answers:
            yield from _value_faults(item, answer)
        for number, answer in enumerate(answers):
            if number == 0 or "item" in answer:
                within = answer.get("item", [])
                yield from self.level(item.get("item", []), within, scope, asked=asked)

    def enabled(self, item: Item, scope: Scope) -> bool:
        rules = item.get("enableWhen", [])
        held = [self.holds(rule, scope) for rule in rules]
        return not rules or (any(held) if item.get("enableBehavior") == "any" else all(held))

    def holds(self, rule: Item, scope: Scope) -> bool:
        name = rule["question"]
        given = next(_answers(level, name) for items, level in reversed(scope) if _has(items, name))
        if rule["operator"] == "exists":
            return bool(given) is rule["answerBoolean"]
        wanted = next(value for name, value in rule.items() if name.startswith("answer"))
        compare = COMPARES[rule["operator"]]
        moment = "answerDateTime" in rule
        return any(compare(_plain(one, moment=moment), _plain(wanted)) for one in given)


def _has(items: list[Item], name: str) -> bool:
    return any(one["linkId"] == name or _has(one.get("item", []), name) for one in items)


def _answers(level: list[Item], name: str) -> list[Any]:
    """The values answered to this item anywhere in or below these."""
    found: list[Any] = []
    for one in level:
        for answer in one.get("answer", []):
            if one["linkId"] == name:
                found += [value for key, value in answer.items() if key.startswith("value")]
            found += _answers(answer.get("item", []), name)
        found += _answers(one.get("item", []), name)
    return found


def _plain(value: Any, *, moment: bool = False) -> Any:
    if moment and len(value) == 10:
        value = f"{value}T00:00:00+07:00"
    if isinstance(value, dict):
        return value.get("code") or value.get("reference") or value.get("value")
    if isinstance(value, str) and len(value) > 18 and value[10] == "T":
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


def _askable(item: Item) -> bool:
    hidden = any(one["url"].endswith("questionnaire-hidden") for one in item.get("extension", []))
    return item["type"] in (*VALUE, "choice", "open-choice") and not (
        hidden or item.get("readOnly")
    )


def _value_faults(item: Item, answer: Item) -> Iterator[str]:
    name, kind = item["linkId"], item["type"]
    (element,) = (one for one in answer if one.startswith("value"))
    value = answer[element]
    options = [
        {key: one[key] for key in one if key.startswith("value")}
        for one in item.get("answerOption", [])
    ]
    if kind in ("choice", "open-choice"):
        free = kind == "open-choice" and element == "valueString"
        if {element: value} not in options and not free:
            yield f"{name}: not one of the choices"
    elif element not in VALUE[kind]:
        yield f"{name}: {element} for {kind}"
    if len(str(value)) > item.get("maxLength", 1000):
        yield f"{name}: longer than it may be"
    for one in item.get("extension", []):
        bound = next((one[key] for key in one if key.startswith("value")), None)
        if one["url"].endswith("/minValue") and value < bound:
            yield f"{name}: below {bound}"
        if one["url"].endswith("/maxValue") and value > bound:
            yield f"{name}: above {bound}"
    if isinstance(value, str) and (not value.strip() or any(ord(one) < 32 for one in value)):
        yield f"{name}: no text as FHIR has it"
    if kind == "date":
        date.fromisoformat(value)
    if (
        item.get("readOnly")
        and {element: value} not in item.get("initial", [])
        and kind != "choice"
    ):
        yield f"{name}: changed though it may only be read"
