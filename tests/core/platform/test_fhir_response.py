"""A declaration becomes the QuestionnaireResponse that its form asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from core.clock import VIETNAM
from core.platform.fhir_form import compiled
from core.platform.fhir_response import DoesNotFit, response
from core.platform.forms import FormAnswers, instance
from core.platform.ports import Declaration
from tests.core.platform.resources import SNOMED, questionnaire


def written(answers: FormAnswers) -> dict[str, Any]:
    edition = compiled(questionnaire(), note=lambda kind: None)
    assert edition is not None
    made = datetime(2026, 11, 23, 8, 0, 0, 123456, VIETNAM)
    declaration = Declaration(edition.form.name, "child", "mother", answers, made)
    return response(declaration, edition, system="urn:keys", key="k-1")


def test_who_says_what_about_whom() -> None:
    made = written({"travel": (False,)})
    assert made == {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": "urn:keys", "value": "k-1"},
        "questionnaire": "urn:motcua:form:general|2.0",
        "status": "completed",
        "subject": {"reference": "Patient/child"},
        "author": {"reference": "Patient/mother"},
        "source": {"reference": "Patient/mother"},
        "authored": "2026-11-23T08:00:00+07:00",
        "item": [
            {"linkId": "travel", "text": "Có đi đâu không?", "answer": [{"valueBoolean": False}]}
        ],
    }


def test_what_was_asked_below_a_question_is_in_its_answer() -> None:
    (travel,) = written({"travel": (True,), "where": ("Huế",)})["item"]
    assert travel["answer"] == [
        {
            "valueBoolean": True,
            "item": [{"linkId": "where", "text": "Đi đâu?", "answer": [{"valueString": "Huế"}]}],
        }
    ]


@pytest.mark.parametrize(
    ("link_id", "given", "answer"),
    [
        ("signs", ("386661006", "49727002"), [
            {"valueCoding": {"system": SNOMED, "code": "386661006", "display": "Sốt"}},
            {"valueCoding": {"system": SNOMED, "code": "49727002"}},
        ]),
        ("doses", ("1",), [{"valueInteger": 1}]),
        ("since", ("2026-11-02",), [{"valueDate": "2026-11-02"}]),
        ("city", ("Hà Nội",), [{"valueString": "Hà Nội"}]),
        ("city", ("Sa Pa",), [{"valueString": "Sa Pa"}]),
        ("day", ("2026-11-23",), [{"valueDate": "2026-11-23"}]),
        ("many", (3,), [{"valueInteger": 3}]),
        ("hot", (37.5,), [{"valueDecimal": 37.5}]),
        ("hot", (37,), [{"valueDecimal": 37}]),
        ("free", ("không",), [{"valueString": "không"}]),
    ],
)  # fmt: skip
def test_answers_of_every_kind(link_id: str, given: Any, answer: Any) -> None:
    (group,) = written({link_id: given})["item"]
    assert group["linkId"] == "more"
    assert "answer" not in group
    (item,) = group["item"]
    assert item["answer"] == answer


@pytest.mark.parametrize(
    "answers",
    [
        {"nothing": (True,)}, {"travel": ("yes",)}, {"travel": (1,)}, {"many": (True,)},
        {"many": (1.5,)}, {"hot": ("37",)}, {"day": ("23/11/2026",)}, {"signs": ("headache",)},
        {"city": (7,)}, {"warning": ("x",)}, {"more": ("x",)}, {"free": (1,)},
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_not_sent(answers: Any) -> None:
    with pytest.raises(DoesNotFit) as raised:
        written(answers)
    assert next(iter(answers)) in str(raised.value)
    assert "headache" not in str(raised.value)


def test_each_round_of_a_group_is_an_item_of_its_own() -> None:
    form = questionnaire(
        item=[
            {"linkId": "trip", "type": "group", "repeats": True, "item": [
                {"linkId": "where", "type": "string"}, {"linkId": "day", "type": "date"}]},
        ]
    )  # fmt: skip
    edition = compiled(form, note=lambda kind: None)
    assert edition is not None
    said = {
        "where": ("Huế",),
        instance("where", (2,)): ("Vinh",),
        instance("day", (2,)): ("2026-11-02",),
    }
    made = datetime(2026, 11, 23, tzinfo=VIETNAM)
    declaration = Declaration(edition.form.name, "child", "mother", said, made)
    written = response(declaration, edition, system="urn:keys", key="k-1")
    where = [{"linkId": "where", "answer": [{"valueString": one}]} for one in ("Huế", "Vinh")]
    day = {"linkId": "day", "answer": [{"valueDate": "2026-11-02"}]}
    assert written["item"] == [
        {"linkId": "trip", "item": [where[0]]},
        {"linkId": "trip", "item": [where[1], day]},
    ]
    with pytest.raises(DoesNotFit, match=r"^no such question: where$"):
        response(replace(declaration, answers={instance("where", (99,)): ("x",)}), edition,
                 system="urn:keys", key="k")  # fmt: skip
