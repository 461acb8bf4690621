"""Questionnaires at random: every kind of item FHIR R4 has, groups, rules, bounds, suggestions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Item = dict[str, Any]

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"

HIDE: Item = {"url": f"{EXTENSION}questionnaire-hidden", "valueBoolean": True}

ASKED = (
    "boolean", "choice", "open-choice", "integer", "decimal", "quantity", "date", "dateTime",
    "time", "string", "text", "url",
)  # fmt: skip
BEYOND = ("attachment", "reference")

SAMPLES: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "integer": (-1, 0, 3, 40),
    "decimal": (0.5, 37.5),
    "date": ("2026-11-01", "2026-12-24"),
    "dateTime": ("2026-11-01T14:30:00+07:00", "2026-11-20T00:00:00Z"),
    "time": ("07:00:00", "14:30:00"),
    "string": ("abc", "Huế"),
    "text": ("abc",),
    "url": ("https://example.org/a",),
}
"""Values that questions are compared with and answered with."""

ELEMENTS = {
    "boolean": "Boolean", "integer": "Integer", "decimal": "Decimal", "date": "Date",
    "dateTime": "DateTime", "time": "Time", "string": "String", "text": "String", "url": "Uri",
}  # fmt: skip

OPTIONS: tuple[tuple[Item, ...], ...] = (
    tuple(
        {"valueCoding": {"system": "urn:c", "code": one, "display": f"Ý {one}"}} for one in "abc"
    ),
    ({"valueInteger": 2}, {"valueInteger": 1}, {"valueInteger": 3}),
    ({"valueString": "Tàu bay"}, {"valueString": "Ô tô"}),
    ({"valueDate": "2026-11-01"}, {"valueDate": "2026-11-02"}),
    ({"valueTime": "08:00:00"}, {"valueTime": "14:00:00"}),
    tuple(
        {"valueReference": {"reference": f"Location/{one}", "display": f"Nơi {one}"}}
        for one in "xy"
    ),
    tuple({"valueCoding": {"code": one, "display": one}} for one in ("2", "1", "back", "menu")),
)
"""What a choice may be made of; the last ones are called like the numbers beside them."""


@st.composite
def questionnaires(draw: st.DrawFn) -> Item:
    """A Questionnaire with two to a dozen items."""
    items: list[Item] = [draw(_items(depth=0)) for _ in range(draw(st.integers(1, 5)))]
    for number, item in enumerate(flat(items)):
        item["linkId"] = f"i{number}"
    for item in flat(items):
        if HIDE in item.get("extension", []):
            for one in flat(item.get("item", [])):
                one.setdefault("extension", []).append(HIDE)
    for item, groups in list(_with_groups(items, ())):
        if draw(st.integers(0, 2)) == 0:
            _give_rules(draw, items, item, groups)
    return {
        "resourceType": "Questionnaire",
        "id": "random",
        "url": "urn:random",
        "version": "1",
        "status": "active",
        "language": "vi",
        "title": "Tờ khai",
        "item": items,
    }


@st.composite
def _items(draw: st.DrawFn, depth: int) -> Item:
    kinds = [*ASKED, "display", *BEYOND, *(["group"] * 4 if depth < 3 else [])]
    item: Item = {"type": draw(st.sampled_from(kinds))}
    item["text"] = f"Câu hỏi về {item['type']}?"
    kind = item["type"]
    if kind == "display":
        return item
    if kind in ("choice", "open-choice"):
        item["answerOption"] = [dict(one) for one in draw(st.sampled_from(OPTIONS))]
    if draw(st.booleans()):
        item["required"] = True
    if kind != "boolean" and draw(st.integers(0, 3)) == 0:
        item["repeats"] = True
    _limit(draw, item)
    if kind == "group" or draw(st.integers(0, 4)) == 0:
        most = 3 if kind == "group" else 2
        below = [draw(_items(depth=depth + 1)) for _ in range(draw(st.integers(1, most)))]
        if depth < 3:
            item["item"] = below
    return item


def _limit(draw: st.DrawFn, item: Item) -> None:
    kind, extensions = item["type"], []
    if kind in SAMPLES and draw(st.integers(0, 2)) == 0:
        value = {f"value{ELEMENTS[kind]}": draw(st.sampled_from(SAMPLES[kind]))}
        item["initial"] = [value]
    if kind == "choice" and draw(st.integers(0, 2)) == 0:
        draw(st.sampled_from(item["answerOption"]))["initialSelected"] = True
    if kind in ("integer", "date") and "initial" not in item and draw(st.booleans()):
        low, high = sorted(draw(st.tuples(*[st.sampled_from(SAMPLES[kind])] * 2)))
        for name, bound in (("minValue", low), ("maxValue", high)):
            extensions.append({"url": EXTENSION + name, f"value{ELEMENTS[kind]}": bound})
    if kind == "quantity":
        unit = {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kg"}
        extensions.append({"url": f"{EXTENSION}questionnaire-unit", "valueCoding": unit})
    if kind in ("string", "text") and "initial" not in item and draw(st.booleans()):
        item["maxLength"] = draw(st.integers(3, 30))
    manner = draw(st.integers(0, 9))
    if manner == 0:
        extensions.append(HIDE)
    elif manner == 1 and kind != "group":
        item["readOnly"] = True
    if extensions:
        item["extension"] = extensions


def _give_rules(draw: st.DrawFn, items: list[Item], item: Item, groups: tuple[Item, ...]) -> None:
    """Rules about questions that stand before, where an item of the same round may be meant."""
    order = list(flat(items))
    here = next(number for number, one in enumerate(order) if one is item)
    targets = [
        one
        for one, theirs in _with_groups(items, ())
        if one["type"] in ("choice", *SAMPLES)
        and all(any(group is mine for mine in groups) for group in theirs)
        and next(number for number, each in enumerate(order) if each is one) < here
    ]
    if not targets:
        return
    rules = [_rule(draw, draw(st.sampled_from(targets))) for _ in range(draw(st.integers(1, 2)))]
    item["enableWhen"] = rules
    if len(rules) > 1:
        item["enableBehavior"] = draw(st.sampled_from(["any", "all"]))


def _rule(draw: st.DrawFn, about: Item) -> Item:
    sign = draw(st.sampled_from(["exists", "=", "!=", ">", "<", ">=", "<="]))
    rule = {"question": about["linkId"], "operator": sign}
    if sign == "exists":
        return {**rule, "answerBoolean": draw(st.booleans())}
    if about["type"] == "choice":
        option = draw(st.sampled_from(about["answerOption"]))
        name = next(one for one in option if one.startswith("value"))
        rule["operator"] = draw(st.sampled_from(["=", "!="])) if name in CODED else sign
        return {**rule, f"answer{name[5:]}": option[name]}
    if about["type"] == "boolean":
        rule["operator"] = draw(st.sampled_from(["=", "!="]))
    value = draw(st.sampled_from(SAMPLES[about["type"]]))
    return {**rule, f"answer{ELEMENTS[about['type']]}": value}


CODED = ("valueCoding", "valueReference")


def flat(items: list[Item]) -> list[Item]:
    """All items, each before those within it."""
    return [found for item in items for found in (item, *flat(item.get("item", [])))]


def _with_groups(
    items: list[Item], groups: tuple[Item, ...]
) -> list[tuple[Item, tuple[Item, ...]]]:
    """Every item with the repeating groups around it."""
    found: list[tuple[Item, tuple[Item, ...]]] = []
    for item in items:
        found.append((item, groups))
        repeats = item["type"] == "group" and item.get("repeats")
        inner = (*groups, item) if repeats else groups
        found.extend(_with_groups(item.get("item", []), inner))
    return found
