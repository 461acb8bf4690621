"""The national QR platform: one person, one QID."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import BASE, Visitor

STRANGER: dict[str, Any] = {
    "paper": {"type": "cccd", "number": "001099123456"},
    "name": "Ông  Văn Đỗ",
    "birthDate": "1999-12-31",
    "gender": "male",
    "phone": "+84981231234",
    "bhyt": "GD4010123456789",
}


def application(person: dict[str, Any]) -> dict[str, Any]:
    """What somebody known sends to get their QR."""
    paper = next(paper for paper in person["papers"] if paper["type"] != "bhyt")
    return {"paper": paper} | {key: person[key] for key in ("name", "birthDate", "gender")}


def test_nobody_asks_without_a_token(visitor: Visitor) -> None:
    for path in ("personal-qr", "resolve"):
        answer = visitor.http.post(f"/qrqg/v1/{path}", json={})
        assert answer.status_code == 401
        assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("story", ["family-mother", "cmnd-only", "foreigner", "family-child"])
def test_somebody_known_gets_the_qid_they_have(visitor: Visitor, story: str) -> None:
    person = visitor.person(story)
    answer = visitor.qrqg("personal-qr", application(person), "k1")
    assert answer.status_code == 200
    assert answer.json() == {"qid": person["qid"], "payload": person["payload"]}


def test_any_of_their_papers_leads_to_the_same_qid(visitor: Visitor) -> None:
    person = visitor.person("no-diacritics")
    body = application(person)
    papers = [paper for paper in person["papers"] if paper["type"] != "bhyt"]
    qids = {
        visitor.qrqg("personal-qr", body | {"paper": paper}, paper["number"]).json()["qid"]
        for paper in papers
    }
    assert len(papers) == 2
    assert qids == {person["qid"]}


def test_a_stranger_is_registered_and_known_from_then_on(visitor: Visitor) -> None:
    first = visitor.qrqg("personal-qr", STRANGER, "k1")
    same_key = visitor.qrqg("personal-qr", STRANGER, "k1")
    other_key = visitor.qrqg("personal-qr", STRANGER, "k2")
    assert [each.status_code for each in (first, same_key, other_key)] == [201, 201, 200]
    assert first.json() == same_key.json() == other_key.json()
    qid = first.json()["qid"]
    assert first.json()["payload"] == (
        f"001099123456|ONG VAN DO|1999-12-31|0|{qid}|<1<GD4010123456789<0981231234"
    )
    (patient,) = visitor.resources("Patient", telecom=STRANGER["phone"])
    assert patient["name"][0]["text"] == "Ông Văn Đỗ"
    assert visitor.resources("Patient", identifier=f"{BASE}qid|{qid}") == [patient]
    assert visitor.resources("Patient", identifier=f"{BASE}cccd|001099123456") == [patient]
    received = visitor.http.get("/received", params={"kind": "registration"}).json()
    assert [(each["key"], each["qid"]) for each in received] == [("k1", qid), ("k2", qid)]


def test_a_daughter_registers_her_mother(visitor: Visitor) -> None:
    daughter = visitor.person("leap-day")
    mother = STRANGER | {
        "birthDate": "1948-01-01", "gender": "female", "phone": daughter["phone"],
        "declarer": daughter["qid"],
    }  # fmt: skip
    made = visitor.qrqg("personal-qr", mother, "k1").json()
    _, _, _, declared, _, ext = made["payload"].split("|")
    assert declared == "1"
    assert ext.split("<")[0] == daughter["qid"]
    both = visitor.resources("Patient", telecom=daughter["phone"])
    assert [each["id"] for each in both] == ["p-leap-day", f"p-{made['qid']}"]
    assert both[1]["contact"][0]["relationship"][0]["text"] == "daughter"


@pytest.mark.parametrize(
    ("born", "gender", "relation"),
    [("2024-06-01", "male", "mother"), ("1946-02-03", "female", "daughter"),
     ("1995-02-03", "male", "relative")],
)  # fmt: skip
def test_a_relative_is_found_with_the_household_of_whoever_declared(
    visitor: Visitor, born: str, gender: str, relation: str
) -> None:
    mother = visitor.person("family-mother")
    asked = STRANGER | {"birthDate": born, "gender": gender, "declarer": mother["qid"]}
    for phone, number in ((None, "001000000001"), ("+84981231234", "001000000002")):
        paper = {"type": "cccd", "number": number}
        made = visitor.qrqg("personal-qr", asked | {"paper": paper, "phone": phone}, number)
        _, _, _, declared, qid, ext = made.json()["payload"].split("|")
        assert (declared, ext.split("<")[0]) == ("1", mother["qid"])
        found = visitor.resources("Patient", telecom=mother["phone"])
        (patient,) = [each for each in found if each["id"] == f"p-{qid}"]
        (contact,) = patient["contact"]
        assert contact["telecom"][0]["value"] == mother["phone"]
        assert contact["relationship"][0]["text"] == relation
        assert patient["telecom"][0]["value"] == (phone or mother["phone"])
        others = next(
            each for each in visitor.http.get("/people?limit=1000").json() if each["qid"] == qid
        )["household"]
        assert mother["qid"] in [each["qid"] for each in others]


def test_a_health_insurance_card_finds_somebody_known_but_registers_nobody(
    visitor: Visitor,
) -> None:
    mother = visitor.person("family-mother")
    known = application(mother) | {"paper": {"type": "bhyt", "number": "DN4560720104701"}}
    assert visitor.qrqg("personal-qr", known, "k1").json()["qid"] == mother["qid"]
    new = STRANGER | {"paper": {"type": "bhyt", "number": STRANGER["bhyt"]}}
    answer = visitor.qrqg("personal-qr", new, "k2")
    assert (answer.status_code, answer.json()["error"]) == (422, "paper-needed")


def test_a_key_is_for_one_application_only(visitor: Visitor) -> None:
    visitor.qrqg("personal-qr", STRANGER, "k1")
    answer = visitor.qrqg("personal-qr", STRANGER | {"gender": "other"}, "k1")
    assert (answer.status_code, answer.json()["error"]) == (422, "key-reused")
    assert visitor.qrqg("personal-qr", STRANGER).status_code == 400


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"paper": {"type": "cccd", "number": "123"}}, "paper.number"),
        ({"paper": {"type": "cccd", "number": "٠٠١٠٩٩١٢٣٤٥٦"}}, "paper.number"),
        ({"paper": {"type": "bhyt", "number": "GD4010123456789"}}, "paper.type"),
        ({"paper": {"type": "library-card", "number": "1"}}, "paper.type"),
        ({"paper": "001099123456"}, "paper.type"),
        ({"name": ""}, "name"),
        ({"name": "A|B"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"birthDate": "31-12-1999"}, "birthDate"),
        ({"birthDate": "2999-01-01"}, "birthDate"),
        ({"birthDate": 1999}, "birthDate"),
        ({"gender": "M"}, "gender"),
        ({"phone": "0981231234"}, "phone"),
        ({"bhyt": "00"}, "bhyt"),
        ({"declarer": "1"}, "declarer"),
    ],
)
def test_a_bad_application_is_refused_with_its_reason(
    visitor: Visitor, changed: dict[str, Any], said: str
) -> None:
    answer = visitor.qrqg("personal-qr", STRANGER | changed, "k1")
    assert answer.status_code == 422
    assert answer.json()["field"] == said
    assert not answer.json()["reason"].isascii()
    assert visitor.http.get("/received").json() == []


def test_a_paper_of_somebody_else_gives_nothing_away(visitor: Visitor) -> None:
    body = application(visitor.person("family-mother")) | {"name": "Somebody Else"}
    answer = visitor.qrqg("personal-qr", body, "k1")
    assert (answer.status_code, answer.json()["error"]) == (422, "does-not-agree")


def test_the_qr_behind_a_qid(visitor: Visitor) -> None:
    person = visitor.person("family-mother")
    answer = visitor.http.get(f"/qrqg/v1/personal-qr/{person['qid']}", headers=visitor.auth)
    assert answer.json() == {
        "qid": person["qid"],
        "payload": person["payload"],
        "status": "active",
        "person": {"name": "Nguyễn Thị Hường", "birthDate": "1990-05-14", "gender": "female"},
    }
    unknown = visitor.http.get("/qrqg/v1/personal-qr/1", headers=visitor.auth)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown")


def test_everybodys_payload_resolves_to_them(visitor: Visitor) -> None:
    for person in visitor.http.get("/people", params={"limit": "60"}).json():
        answer = visitor.qrqg("resolve", {"payload": person["payload"]})
        found = answer.json()
        assert found["qid"] == person["qid"]
        assert found["person"]["name"] == person["name"]
        assert found["status"] == ("revoked" if person["story"] == "qr-revoked" else "active")


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ("056190004701|NGUYEN THI HUONG|1990-05-14|0|1|<2", 404),
        ("not a payload", 422),
        ("a|b|c|d|e|f|g", 422),
        ("056190004701|NGUYEN THI HUONG|1990-05-14|7|{qid}|<2", 422),
        ("056190004701|NGUYEN THI HOA|1990-05-14|0|{qid}|<2", 422),
        ("056190004701|NGUYEN THI HUONG|1990-05-15|0|{qid}|<2", 422),
        ("056190004701|NGUYEN THI HUONG|1990-05-14|0|{qid}|", 200),
        (7, 422),
        (None, 422),
    ],
)
def test_what_does_not_resolve(visitor: Visitor, payload: Any, status: int) -> None:
    if isinstance(payload, str):
        payload = payload.replace("{qid}", visitor.person("family-mother")["qid"])
    assert visitor.qrqg("resolve", {"payload": payload}).status_code == status
