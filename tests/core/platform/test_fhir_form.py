"""A Questionnaire becomes a Form; what cannot be asked is shown or left out, and noted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from core.platform.fhir_form import Edition, compiled
from core.platform.forms import Condition, FormChoice, FormItem
from tests.core.platform.mutation import spoilt
from tests.core.platform.resources import SNOMED, in_english, questionnaire


def compile_(resource: Any) -> tuple[Edition | None, list[str]]:
    noted: list[str] = []
    return compiled(resource, note=noted.append), noted


def items_of(*items: dict[str, Any], **more: Any) -> tuple[dict[str, FormItem], list[str]]:
    """The compiled items by link id, with those in groups, and what was noted."""
    edition, noted = compile_(questionnaire(item=list(items), **more))
    assert edition is not None
    return flat(edition.form.items), noted


def flat(items: tuple[FormItem, ...]) -> dict[str, FormItem]:
    return {found.link_id: found for item in items for found in (item, *flat(item.items).values())}


def test_a_whole_form() -> None:
    edition, noted = compile_(questionnaire())
    assert edition is not None
    form = edition.form
    assert form.name == "urn:motcua:form:general|2.0"
    assert form.title == {"": "Tờ khai y tế", "vi": "Tờ khai y tế", "en": "Health declaration"}
    assert noted == ["Questionnaire item of a kind that cannot be asked"]
    items = flat(form.items)
    assert {name: item.kind for name, item in items.items()} == {
        "warning": "display", "travel": "boolean", "where": "string", "more": "group",
        "signs": "choice", "doses": "choice", "since": "choice", "city": "open-choice",
        "vehicle": "choice", "day": "date", "many": "integer", "hot": "decimal", "free": "text",
        "photo": "display",
    }  # fmt: skip
    assert items["travel"].required
    assert items["travel"].items == (items["where"],)
    assert items["where"].max_length == 200
    assert items["signs"].repeats
    assert items["many"].initial == 1
    assert items["city"].initial == "Huế"
    assert not items["photo"].required


def test_choices_of_every_type() -> None:
    edition, _ = compile_(questionnaire())
    assert edition is not None
    items = flat(edition.form.items)
    fever, cough = items["signs"].choices
    assert fever == FormChoice("386661006", {"": "Sốt", "vi": "Sốt", "en": "Fever"}, SNOMED)
    assert cough.words[""] == "49727002"
    assert [choice.code for choice in items["doses"].choices] == ["0", "1"]
    assert [choice.code for choice in items["since"].choices] == ["2026-11-01", "2026-11-02"]
    assert items["city"].choices[1].words == {"": "Hà Nội", "vi": "Hà Nội", "en": "Ha Noi"}
    assert [choice.code for choice in items["vehicle"].choices] == ["air"]
    assert edition.options["doses", "0"] == {"valueInteger": 0}
    assert edition.options["since", "2026-11-01"] == {"valueDate": "2026-11-01"}
    assert edition.options["vehicle", "air"] == {
        "valueCoding": {"system": "urn:v", "code": "air", "display": "Tàu bay"}
    }


def test_rules() -> None:
    edition, _ = compile_(questionnaire())
    assert edition is not None
    items = flat(edition.form.items)
    assert items["where"].conditions == (Condition("travel", "=", True),)
    assert not items["where"].any_condition
    assert items["vehicle"].any_condition
    assert items["vehicle"].conditions == (
        Condition("signs", "exists", True),
        Condition("doses", ">=", 1),
        Condition("signs", "!=", "386661006"),
    )


def test_the_short_wording_for_small_screens() -> None:
    short = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"
    extension = {"url": short, "valueString": "Đi đâu?", "_valueString": in_english("Where to?")}
    items, _ = items_of({"linkId": "a", "type": "string", "text": "…", "extension": [extension]})
    assert items["a"].brief == {"": "Đi đâu?", "vi": "Đi đâu?", "en": "Where to?"}


@pytest.mark.parametrize(
    ("item", "kind", "noted"),
    [
        ({"type": "attachment", "text": "Ảnh?"}, "display", "of a kind that cannot be asked"),
        ({"type": "choice", "text": "?"}, "display", "choice without choices"),
        ({"type": "choice", "text": "?", "answerValueSet": "http://x"}, "display", "kept elsewhere"),
        ({"type": "reference"}, None, "of a kind that cannot be asked"),
        ({"type": ["string"], "text": "x"}, "display", "of a kind that cannot be asked"),
        ({"type": "string", "linkId": "first"}, None, "without its own linkId"),
        ({"type": "string", "linkId": None}, None, "without its own linkId"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(item: dict[str, Any], kind: str | None, noted: str) -> None:
    first = {"linkId": "first", "type": "boolean", "text": "?"}
    items, notes = items_of(first, {"linkId": "odd", **item})
    assert items["first"].kind == "boolean"
    assert (items["odd"].kind if "odd" in items else None) == kind
    assert noted in notes[0]


@pytest.mark.parametrize(
    "rule",
    [
        {}, {"question": "a", "operator": "="}, {"question": "a", "operator": "~", "answerString": "x"},
        {"question": "a", "operator": "=", "answerQuantity": {}},
        {"operator": "=", "answerBoolean": True},
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_applied_hides_nothing(rule: dict[str, Any]) -> None:
    items, noted = items_of({"linkId": "a", "type": "string", "enableWhen": [rule]})
    assert items["a"].conditions == ()
    assert noted == ["Questionnaire rule that cannot be applied"]


@pytest.mark.parametrize(
    "option",
    [
        {}, {"valueCoding": {}}, {"valueCoding": {"display": "x"}}, {"valueReference": {}},
        {"valueString": ""}, {"valueDate": "2026"}, {"valueInteger": True}, {"valueInteger": 2**40},
        {"valueCoding": {"code": "good"}},
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_chosen_is_left_out(option: dict[str, Any]) -> None:
    good = {"valueCoding": {"code": "good"}}
    items, noted = items_of({"linkId": "a", "type": "choice", "answerOption": [good, option]})
    assert [choice.code for choice in items["a"].choices] == ["good"]
    assert noted == ["Questionnaire option that cannot be chosen"]


@pytest.mark.parametrize(
    "changed",
    [{"url": None}, {"url": "a|b"}, {"version": 2}, {"item": []}, {"item": {"linkId": "a"}}],
)
def test_what_is_no_form(changed: dict[str, Any]) -> None:
    edition, noted = compile_(questionnaire() | changed)
    assert edition is None
    assert len(noted) == 1


def test_groups_end_somewhere() -> None:
    item: dict[str, Any] = {"linkId": "0", "type": "string", "text": "?"}
    for level in range(1, 50):
        item = {"linkId": str(level), "type": "group", "item": [item]}
    items, noted = items_of(item)
    assert len(items) == 8
    assert noted == ["Questionnaire nested too deeply"]


@given(spoilt(questionnaire()))
def test_a_spoilt_form_never_raises(resource: Any) -> None:
    edition, _ = compile_(resource)
    if edition is not None:
        for item in flat(edition.form.items).values():
            assert item.words[""] is not None
            for choice in item.choices:
                assert next(iter(edition.options[item.link_id, choice.code])).startswith("value")


EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def test_what_is_hidden_or_only_to_be_read_is_answered_by_the_form() -> None:
    hide = {"url": f"{EXTENSION}questionnaire-hidden", "valueBoolean": True}
    items, _ = items_of(
        {"linkId": "a", "type": "integer", "initial": [{"valueInteger": 7}], "extension": [hide]},
        {"linkId": "b", "type": "string", "readOnly": True, "initial": [{"valueString": "Huế"}]},
        {"linkId": "c", "type": "group", "extension": [hide], "item": [
            {"linkId": "d", "type": "date", "initial": [{"valueString": "no date"}]},
            {"linkId": "e", "type": "display", "text": "?"},
        ]},
    )  # fmt: skip
    assert [(one, items[one].manner, items[one].given) for one in ("a", "b", "d")] == [
        ("a", "hidden", (7,)),
        ("b", "shown", ("Huế",)),
        ("d", "hidden", ()),
    ]
    assert "e" not in items


def test_bounds_units_and_numbers_on_paper() -> None:
    least = {"url": f"{EXTENSION}minValue", "valueInteger": 1}
    most = {"url": f"{EXTENSION}maxValue", "valueInteger": 9}
    kg = {"system": "http://unitsofmeasure.org", "code": "kg"}
    unit = {"url": f"{EXTENSION}questionnaire-unit", "valueCoding": kg}
    edition, noted = compile_(
        questionnaire(
            item=[
                {"linkId": "a", "type": "integer", "prefix": "1.", "extension": [least, most]},
                {"linkId": "b", "type": "quantity", "text": "Cân nặng?", "extension": [unit]},
            ]
        )
    )
    assert edition is not None
    first, second = edition.form.items
    assert (first.least, first.most, first.prefix) == (1, 9, "1.")
    assert (second.kind, second.unit) == ("quantity", "kg")
    assert edition.units == {"b": {"unit": "kg", **kg}}
    assert noted == []


def test_choices_that_are_references_numbers_or_an_expansion() -> None:
    place = {"reference": "Location/1", "display": "Trạm y tế phường 1"}
    contained = [
        {"resourceType": "ValueSet", "id": "v", "expansion": {"contains": [
            {"code": "all", "display": "Tất cả", "abstract": True, "contains": [
                {"system": "urn:s", "code": "one", "display": "Một"}]},
        ]}},
    ]  # fmt: skip
    edition, noted = compile_(
        questionnaire(
            contained=contained,
            item=[
                {"linkId": "a", "type": "choice", "answerOption": [{"valueReference": place}]},
                {"linkId": "b", "type": "choice", "answerOption": [{"valueInteger": 2}]},
                {"linkId": "c", "type": "choice", "answerValueSet": "#v"},
            ],
        )
    )
    assert edition is not None
    a, b, c = (item.choices[0] for item in edition.form.items)
    assert (a.code, a.words["vi"]) == ("Location/1", "Trạm y tế phường 1")
    assert edition.options["a", "Location/1"] == {"valueReference": place}
    assert (b.code, b.value) == ("2", 2)
    assert [one.code for one in edition.form.items[2].choices] == ["one"]
    assert edition.options["c", "one"]["valueCoding"]["system"] == "urn:s"
    assert c.words["vi"] == "Một"
    assert noted == []
