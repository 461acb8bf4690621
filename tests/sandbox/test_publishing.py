"""A new edition of the declaration is published while people are in the middle of the old one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Visitor, declaration

GENERAL = "urn:motcua:form:general"


def in_force(visitor: Visitor) -> dict[str, Any]:
    """The general form as anybody would ask for it."""
    (form,) = visitor.resources("Questionnaire", url=GENERAL, status="active")
    return form


def publish(visitor: Visitor, edition: str) -> dict[str, Any]:
    """Publishes a prepared edition."""
    answer = visitor.http.post("/forms", json={"edition": edition})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def texts(form: dict[str, Any]) -> str:
    """Everything a form says, groups and what is in them."""

    def said(items: list[dict[str, Any]]) -> list[str]:
        return [text for one in items for text in (one["text"], *said(one.get("item", [])))]

    return " ".join(said(form["item"]))


def test_a_new_edition_is_in_force_at_once(visitor: Visitor) -> None:
    assert "nào có dịch" not in texts(in_force(visitor))
    visitor.watch.ahead += timedelta(minutes=1)
    made = publish(visitor, "epidemic-area")
    assert in_force(visitor) == made
    assert made["version"] == "3.0"
    assert "nào có dịch" in texts(made)
    (old,) = visitor.resources("Questionnaire", url=GENERAL, version="2.0")
    assert (old["status"], old["meta"]["versionId"]) == ("retired", "2")
    assert old["date"] < made["date"]
    (domestic,) = visitor.resources("Questionnaire", url="urn:motcua:form:domestic")
    assert domestic["status"] == "active"


def questions(form: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands in the one group of a general declaration."""
    (group,) = (item for item in form["item"] if item["type"] == "group")
    inside: list[dict[str, Any]] = group["item"]
    return inside


def test_the_editions_differ_as_they_say(visitor: Visitor) -> None:
    listed = visitor.http.get("/forms").json()
    assert set(listed["editions"]) == {"epidemic-area", "taste", "short", "usual"}
    taste = publish(visitor, "taste")
    codes = [
        option["valueCoding"]["code"]
        for item in questions(taste)
        for option in item.get("answerOption", [])
    ]
    assert codes[-1] == "taste"
    assert "thay đổi vị giác" in texts(taste)
    assert len(questions(publish(visitor, "short"))) == 2
    versions = [each["version"] for each in visitor.http.get("/forms").json()["inForce"]]
    assert sorted(versions) == ["1.0", "1.0", "1.0", "4.0"]


def test_the_tenth_edition_is_newer_than_the_ninth(visitor: Visitor) -> None:
    for _ in range(8):
        newest = publish(visitor, "usual")
    assert newest["version"] == "10.0"
    found = visitor.resources("Questionnaire", url=GENERAL, _sort="-version")
    assert [each["version"] for each in found[:2]] == ["10.0", "9.0"]
    assert [each["status"] for each in found] == ["active"] + ["retired"] * 9


def test_a_declaration_on_the_old_edition_is_still_taken(visitor: Visitor) -> None:
    publish(visitor, "short")
    assert visitor.write(declaration("p-leap-day", "old")).status_code == 201
    short = declaration(
        "p-leap-day",
        "new",
        questionnaire=f"{GENERAL}|3.0",
        item=[
            {"linkId": link, "answer": [{"valueBoolean": False}]}
            for link in ("symptoms", "contact-patient")
        ],
    )
    assert visitor.write(short).status_code == 201
    assert visitor.write(declaration("p-leap-day", "mixed", item=short["item"])).status_code == 422


@pytest.mark.parametrize(("body", "status"), [({"edition": "tenth"}, 422), ({}, 422), ([], 400)])
def test_what_is_not_ready_cannot_be_published(visitor: Visitor, body: Any, status: int) -> None:
    before = in_force(visitor)
    answer = visitor.http.post("/forms", json=body)
    assert (answer.status_code, in_force(visitor)) == (status, before)
    assert answer.json()["error"]
