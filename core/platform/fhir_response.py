"""A declaration written as the FHIR R4 QuestionnaireResponse that answers its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.platform.fhir_form import Edition
from core.platform.forms import FormItem, Kind, Value
from core.platform.ports import Condition, Declaration
from core.platform.reading import whole_date

_ELEMENTS: Mapping[Kind, str] = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "date": "valueDate",
    "string": "valueString",
    "text": "valueString",
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
        raise DoesNotFit(f"no such question: {sorted(left)[0]}")
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


def _written(
    items: Iterable[FormItem], edition: Edition, left: dict[str, tuple[Value, ...]]
) -> list[dict[str, Any]]:
    """The items that were answered; what is written is taken out of `left`."""
    found = []
    for item in items:
        answers = [_answer(item, value, edition) for value in left.pop(item.link_id, ())]
        within = _written(item.items, edition, left)
        if not answers and not within:
            continue
        one: dict[str, Any] = {"linkId": item.link_id}
        if item.words.get(""):
            one["text"] = item.words[""]
        if answers:
            one["answer"] = answers
        if within:
            # FHIR puts what was asked below a question into its answer, not beside it.
            place = answers[0] if answers else one
            place["item"] = within
        found.append(one)
    return found


def _answer(item: FormItem, value: Value, edition: Edition) -> dict[str, Any]:
    if item.kind in ("choice", "open-choice"):
        option = edition.options.get((item.link_id, str(value)))
        if option is not None:
            return dict(option)
        if item.kind == "open-choice" and isinstance(value, str):
            return {"valueString": value}
        raise DoesNotFit(f"no such choice: {item.link_id}")
    element = _ELEMENTS.get(item.kind)
    if element is None or not _fits(item.kind, value):
        raise DoesNotFit(f"no answer of its kind: {item.link_id}")
    return {element: value}


def _fits(kind: Kind, value: Value) -> bool:
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "decimal":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "date":
            return whole_date(value) is not None
        case _:
            return isinstance(value, str)
