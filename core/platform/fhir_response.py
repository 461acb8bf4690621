"""A declaration written as the FHIR R4 QuestionnaireResponse that answers its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.platform.fhir_form import Edition
from core.platform.fhir_values import fits
from core.platform.forms import MOST_ROUNDS, FormItem, Kind, Value, instance, link_of
from core.platform.ports import Condition, Declaration

_ELEMENTS: Mapping[Kind, str] = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
}


class DoesNotFit(ValueError):
    """The answers are not answers to this form; names the item, never the answer."""


def response(
    declaration: Declaration, edition: Edition, *, system: str, key: str
) -> dict[str, Any]:
    """The resource; `system` and `key` name it once and for all. Raises DoesNotFit."""
    left = dict(declaration.answers)
    items = _written(edition.form.items, edition, left)
    if left:
        raise DoesNotFit(f"no such question: {link_of(sorted(left)[0])}")
    author = {"reference": f"Patient/{declaration.author_id}"}
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": system, "value": key},
        "questionnaire": edition.form.name,
        "status": "completed",
        "subject": {"reference": f"Patient/{declaration.citizen_id}"},
        "authored": declaration.authored.isoformat(timespec="seconds"),
        "author": author,
        "source": author,
        "item": items,
    }


def condition_response(
    condition: Condition, *, form: str, coding: str, system: str, key: str
) -> dict[str, Any]:
    """How somebody in isolation feels, as the answer to the one question of `form`."""
    written: dict[str, Any] = {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": system, "value": key},
        "questionnaire": form,
        "status": "completed",
        "subject": {"reference": f"Patient/{condition.citizen_id}"},
        "authored": condition.authored.isoformat(timespec="seconds"),
        "item": [
            {
                "linkId": "condition",
                "answer": [{"valueCoding": {"system": coding, "code": condition.feeling}}],
            }
        ],
    }
    if condition.author_id is not None:
        author = {"reference": f"Patient/{condition.author_id}"}
        written |= {"author": author, "source": author}
    return written


Left = dict[str, tuple[Value, ...]]
"""The answers that are not written yet, by name."""


def _written(
    items: Iterable[FormItem], edition: Edition, left: Left, rounds: tuple[int, ...] = ()
) -> list[dict[str, Any]]:
    """The items that were answered; what is written is taken out of `left`.

    A group that repeats is written once for each round.
    """
    found = []
    for item in items:
        again = item.kind == "group" and item.repeats
        for here in (
            [(*rounds, count) for count in range(1, MOST_ROUNDS + 1)] if again else [rounds]
        ):
            one = _item(item, edition, left, here)
            if one is not None:
                found.append(one)
    return found


def _item(
    item: FormItem, edition: Edition, left: Left, rounds: tuple[int, ...]
) -> dict[str, Any] | None:
    values = left.pop(instance(item.link_id, rounds), ())
    answers = [_answer(item, value, edition) for value in values]
    within = _written(item.items, edition, left, rounds)
    if not answers and not within:
        return None
    one: dict[str, Any] = {"linkId": item.link_id}
    if item.words.get(""):
        one["text"] = item.words[""]
    if answers:
        one["answer"] = answers
    if within:
        # FHIR puts what was asked below a question into its answer, not beside it.
        place = answers[0] if answers else one
        place["item"] = within
    return one


def _answer(item: FormItem, value: Value, edition: Edition) -> dict[str, Any]:
    if item.kind in ("choice", "open-choice"):
        option = edition.options.get((item.link_id, str(value)))
        if option is not None:
            return dict(option)
        if item.kind == "open-choice" and isinstance(value, str):
            return {"valueString": value}
        raise DoesNotFit(f"no such choice: {item.link_id}")
    if item.kind == "quantity" and fits(item.kind, value):
        return {"valueQuantity": {"value": value, **edition.units.get(item.link_id, {})}}
    element = _ELEMENTS.get(item.kind)
    if element is None or not fits(item.kind, value):
        raise DoesNotFit(f"no answer of its kind: {item.link_id}")
    return {element: value}
