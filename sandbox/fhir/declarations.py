"""Checks a QuestionnaireResponse against the form it answers, as a real platform would."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from datetime import date
from typing import Any

from sandbox.fhir.outcome import Problem
from sandbox.world import Resource

VALUE_OF: dict[str, tuple[str, type | tuple[type, ...]]] = {
    "boolean": ("valueBoolean", bool),
    "integer": ("valueInteger", int),
    "decimal": ("valueDecimal", (int, float)),
    "date": ("valueDate", str),
    "string": ("valueString", str),
    "text": ("valueString", str),
    "choice": ("valueCoding", dict),
}
"""Item type → the element an answer is in, and its JSON type."""

COMPARES = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}

Answers = dict[str, list[Resource]]


def check_answers(form: Resource, response: Resource) -> None:
    """Raises Problem (422) when an answer is missing, unasked for, or not what the item takes."""
    answers: Answers = {}
    for answered in _flat(response.get("item")):
        if given := _list(answered.get("answer")):
            answers.setdefault(str(answered.get("linkId")), []).extend(given)
    asked = {item["linkId"]: item for item in _flat(form["item"])}
    for link in answers:
        if link not in asked:
            raise _refused(link, "the form has no such item", "Tờ khai không có câu hỏi này.")
    _check_level(form["item"], answers, shown=True)


def _check_level(items: list[Resource], answers: Answers, *, shown: bool) -> None:
    for item in items:
        link, here = item["linkId"], shown and _enabled(item, answers)
        given = answers.get(link, [])
        if given and not here:
            raise _refused(link, "answered though its condition does not hold", None)
        if here and item.get("required") and not given:
            text = f"Thiếu câu trả lời: {item['text']}"
            raise _refused(link, "required and not answered", text, _english(item))
        if len(given) > 1 and not item.get("repeats"):
            raise _refused(link, "takes one answer only", None)
        for answer in given:
            _check_value(item, answer)
        _check_level(item.get("item", []), answers, shown=here)


def _check_value(item: Resource, answer: Resource) -> None:
    link = item["linkId"]
    if item["type"] not in VALUE_OF:
        raise _refused(link, f"a {item['type']} item takes no answer", None)
    element, kind = VALUE_OF[item["type"]]
    value: Any = answer.get(element)
    if not _is(value, kind):
        raise _refused(link, f"expects {element}", None)
    if item["type"] == "choice" and value.get("code") not in _codes(item):
        raise _refused(link, "not one of the choices", "Lựa chọn không hợp lệ.")
    if item["type"] == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            raise _refused(link, "not a date", "Ngày không hợp lệ.") from None
    if isinstance(value, str) and len(value) > item.get("maxLength", 10_000):
        raise _refused(link, "longer than maxLength", "Câu trả lời quá dài.")


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    # In Python a boolean is an integer too; in FHIR it is not.
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _enabled(item: Resource, answers: Answers) -> bool:
    rules = item.get("enableWhen", [])
    held = [_holds(rule, answers.get(rule["question"], [])) for rule in rules]
    return not rules or (any(held) if item.get("enableBehavior") == "any" else all(held))


def _holds(rule: Resource, given: list[Resource]) -> bool:
    wanted = next(_plain(value) for name, value in rule.items() if name.startswith("answer"))
    if rule["operator"] == "exists":
        return bool(given) is wanted
    compare = COMPARES[rule["operator"]]
    return any(
        compare(_plain(value), wanted)
        for answer in given
        for name, value in answer.items()
        if name.startswith("value")
    )


def _plain(value: Any) -> Any:
    """A coding counts by its code."""
    return value.get("code") if isinstance(value, dict) else value


def _codes(item: Resource) -> list[str]:
    return [option["valueCoding"]["code"] for option in item.get("answerOption", [])]


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Problem(422, "structure", "item and answer must be lists")
    return value


def _flat(items: Any) -> Iterable[Resource]:
    for item in _list(items):
        if not isinstance(item, dict):
            raise Problem(422, "structure", "an item must be an object")
        yield item
        yield from _flat(item.get("item"))
        for answer in _list(item.get("answer")):
            if not isinstance(answer, dict):
                raise Problem(422, "structure", "an answer must be an object")
            yield from _flat(answer.get("item"))


def _refused(link: str, why: str, text: str | None, english: str | None = None) -> Problem:
    why = f"item {link!r}: {why}"
    return Problem(422, "business-rule", why, text=text, expression=[link], english=english)


def _english(item: Resource) -> str | None:
    """What is missing, where the form says it in English too."""
    for extension in item.get("_text", {}).get("extension", []):
        for part in extension.get("extension", []):
            if part.get("url") == "content":
                return f"Answer missing: {part['valueString']}"
    return None
