"""Writing to the sandbox: declarations, tickets and subscriptions, each of them once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sandbox.conftest import DECLARED, TICKET, Visitor, declaration, ticket

MOTHER, CHILD = "p-family-mother", "p-family-child"


def test_a_declaration_is_kept_once_per_key(visitor: Visitor) -> None:
    body = declaration(CHILD, "k1", author={"reference": f"Patient/{MOTHER}"})
    condition = f"identifier={DECLARED}|k1"
    first = visitor.write(body, If_None_Exist=condition)
    again = visitor.write(body, If_None_Exist=condition)
    other = visitor.write(declaration(CHILD, "k2"), If_None_Exist=f"identifier={DECLARED}|k2")
    assert [each.status_code for each in (first, again, other)] == [201, 200, 201]
    assert first.json() == again.json() != other.json()
    assert first.headers["Location"].endswith(f"/{first.json()['id']}/_history/1")
    received = visitor.http.get("/received", params={"kind": "declaration"}).json()
    assert [(each["key"], each["body"]["author"]["reference"]) for each in received] == [
        ("k1", f"Patient/{MOTHER}"),
        ("k2", f"Patient/{CHILD}"),
    ]
    assert {each["qid"] for each in received} == {visitor.person("family-child")["qid"]}


def test_a_key_that_is_percent_encoded_is_the_same_key(visitor: Visitor) -> None:
    visitor.write(declaration(CHILD, "k1"), If_None_Exist=f"identifier={DECLARED}|k1")
    coded = "identifier=urn%3Atest%3Adeclaration%7Ck1"
    assert visitor.write(declaration(CHILD, "k1"), If_None_Exist=coded).status_code == 200


def test_the_same_declaration_from_many_threads_is_kept_once(visitor: Visitor) -> None:
    def send(_: int) -> int:
        return visitor.write(
            declaration(MOTHER, "race"), If_None_Exist=f"identifier={DECLARED}|race"
        ).status_code

    with ThreadPoolExecutor(8) as threads:
        codes = sorted(threads.map(send, range(24)))
    assert codes == [200] * 23 + [201]


def test_a_key_the_resource_does_not_carry_is_refused(visitor: Visitor) -> None:
    answer = visitor.write(declaration(CHILD, "k1"), If_None_Exist=f"identifier={DECLARED}|other")
    assert answer.status_code == 400


def test_recent_declarations_newest_first(visitor: Visitor) -> None:
    for day in ("2026-11-20", "2026-11-22", "2026-11-21"):
        body = declaration(MOTHER, day, authored=f"{day}T23:30:00Z")
        assert visitor.write(body).status_code == 201
    found = visitor.resources("QuestionnaireResponse", subject=MOTHER, _sort="-authored")
    assert [each["authored"][:10] for each in found] == ["2026-11-22", "2026-11-21", "2026-11-20"]
    assert visitor.resources("QuestionnaireResponse", subject=CHILD) == []
    read = visitor.fhir(f"QuestionnaireResponse/{found[0]['id']}")
    assert read == found[0]


def within(*items: Any) -> list[dict[str, Any]]:
    """The answers inside the form's one group."""
    return [{"linkId": "last-14-days", "item": list(items)}]


NO_COUGH: list[dict[str, Any]] = [
    {"linkId": "travel", "answer": [{"valueBoolean": False}]},
    {"linkId": "symptoms", "answer": [{"valueBoolean": False}]},
    {
        "linkId": "contact",
        "item": [
            {"linkId": f"contact-{letter}", "answer": [{"valueBoolean": False}]} for letter in "abc"
        ],
    },
]


def test_follow_ups_are_asked_only_after_yes(visitor: Visitor) -> None:
    assert visitor.write(declaration(MOTHER, "k", item=within(*NO_COUGH))).status_code == 201
    unasked = [*NO_COUGH, {"linkId": "travel-where", "answer": [{"valueString": "Huế"}]}]
    assert visitor.write(declaration(MOTHER, "k", item=within(*unasked))).status_code == 422


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"status": "in-progress"}, 422, "status"),
        ({"subject": {"reference": "Patient/nobody"}}, 422, "subject"),
        ({"subject": {"reference": "Group/1"}}, 422, "subject"),
        ({"subject": "p-family-mother"}, 422, "subject"),
        ({"author": {"reference": "Patient/nobody"}}, 422, "author"),
        ({"questionnaire": "urn:motcua:form:general|9.9"}, 422, "questionnaire"),
        ({"authored": None}, 422, "authored"),
        ({"item": within(*NO_COUGH[1:])}, 422, "travel"),
        ({"item": within(*NO_COUGH[:2])}, 422, "contact-a"),
        ({"item": within(*NO_COUGH, {"linkId": "shoe", "answer": [{}]})}, 422, "shoe"),
        ({"item": within({"linkId": "travel", "answer": [{"valueString": "no"}]})}, 422, "travel"),
        ({"item": {"linkId": "travel"}}, 422, "list"),
        ({"item": [7]}, 422, "object"),
        ({"item": within({"linkId": "travel", "answer": {"valueBoolean": True}})}, 422, "lists"),
    ],
)
def test_a_bad_declaration_is_refused_with_its_reason(
    visitor: Visitor, changed: dict[str, Any], status: int, said: str
) -> None:
    answer = visitor.write(declaration(MOTHER, "k", **changed))
    assert answer.status_code == status
    assert said in answer.json()["issue"][0]["diagnostics"]
    assert visitor.http.get("/received").json() == []


def test_a_missing_answer_is_explained_in_words_for_people(visitor: Visitor) -> None:
    answer = visitor.write(declaration(MOTHER, "k", item=NO_COUGH[1:]))
    assert answer.json()["issue"][0]["details"]["text"].startswith("Thiếu câu trả lời: Trong vòng")


def test_a_form_retired_meanwhile_is_still_accepted(visitor: Visitor) -> None:
    old = declaration(MOTHER, "k", questionnaire="urn:motcua:form:general|1.0", item=NO_COUGH[1:])
    assert visitor.write(old).status_code == 201


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/fhir+json", 400),
        (b"[]", "application/fhir+json", 400),
        (b'{"resourceType": "Task"}', "application/fhir+json", 400),
        (b"\xff\xfe", "application/fhir+json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b'{"a": "' + b"x" * 3_000_000 + b'"}', "application/fhir+json", 413),
    ],
)
def test_a_broken_body_is_refused(visitor: Visitor, body: bytes, kind: str, status: int) -> None:
    answer = visitor.http.post(
        "/fhir/QuestionnaireResponse", content=body, headers=visitor.auth | {"Content-Type": kind}
    )
    assert answer.status_code == status


def test_patients_cannot_be_written(visitor: Visitor) -> None:
    answer = visitor.write({"resourceType": "Patient"})
    assert answer.status_code == 405
    assert answer.json()["issue"][0]["code"] == "not-supported"


def test_a_ticket_moves_until_the_record_is_right(visitor: Visitor) -> None:
    person = visitor.person("wrong-dose-missing")
    patient, qid = person["patient"], person["qid"]
    assert (person["expects"]["doses"], person["truth"]["doses"]) == (1, 2)
    condition = f"identifier={TICKET}|t1"
    opened = visitor.write(ticket(patient, "t1"), If_None_Exist=condition)
    assert opened.status_code == 201
    assert visitor.write(ticket(patient, "t1"), If_None_Exist=condition).status_code == 200
    states = [visitor.happen("ticket-moved", qid)["changed"][0]["status"] for _ in range(3)]
    assert states == ["accepted", "in-progress", "completed"]
    read = visitor.fhir(f"Task/{opened.json()['id']}")
    assert (read["status"], read["meta"]["versionId"]) == ("completed", "4")
    assert len(visitor.resources("Immunization", patient=patient)) == 2
    after = visitor.person("wrong-dose-missing")
    assert (after["expects"]["doses"], after["truth"]) == (2, None)
    done = visitor.http.post("/happen", json={"what": "ticket-moved", "qid": qid})
    assert done.status_code == 409
    assert [each["key"] for each in visitor.http.get("/received").json()] == ["t1"]


def test_wrong_details_are_put_right_everywhere(visitor: Visitor) -> None:
    person = visitor.person("wrong-details")
    visitor.write(ticket(person["patient"], "t1", "details-wrong"))
    visitor.happen("ticket-moved", person["qid"], state="completed")
    found = visitor.fhir(f"Patient/{person['patient']}")
    assert (found["name"][0]["text"], found["birthDate"]) == ("Lê Thị Hạnh", "1969-09-21")
    assert found["meta"]["versionId"] == "2"
    assert "|LE THI HANH|1969-09-21|" in visitor.person("wrong-details")["payload"]


def test_a_ticket_may_be_rejected_with_a_reason(visitor: Visitor) -> None:
    person = visitor.person("wrong-all-missing")
    visitor.write(ticket(person["patient"], "t1"))
    done = visitor.happen("ticket-moved", person["qid"], state="rejected", reason="Thiếu giấy tờ")
    (moved,) = done["changed"]
    assert moved["statusReason"]["text"] == "Thiếu giấy tờ"
    assert visitor.person("wrong-all-missing")["expects"]["doses"] == 0


def test_a_ticket_gets_a_number_to_tell_people(visitor: Visitor) -> None:
    for key in ("t1", "t2"):
        visitor.write(ticket("p-wrong-dose-missing", key))
    numbers = [each["identifier"] for each in visitor.resources("Task")]
    assert [(own["value"], given["value"]) for own, given in numbers] == [
        ("t1", "YC000001"),
        ("t2", "YC000002"),
    ]
    assert numbers[0][1]["system"] == "urn:motcua:id:ticket"


def test_all_doses_missing_are_put_on_file(visitor: Visitor) -> None:
    person = visitor.person("wrong-all-missing")
    visitor.write(ticket(person["patient"], "t1", "all-doses-missing"))
    done = visitor.happen("ticket-moved", person["qid"], state="completed")
    kinds = [each["resourceType"] for each in done["changed"]]
    assert kinds == [
        "Task",
        "Patient",
        "Immunization",
        "Immunization",
        "ImmunizationRecommendation",
    ]
    assert done["expects"]["doses"] == 2


def test_a_ticket_about_doses_leaves_wrong_details_alone(visitor: Visitor) -> None:
    person = visitor.person("wrong-details")
    visitor.write(ticket(person["patient"], "t1"))
    done = visitor.happen("ticket-moved", person["qid"], state="completed")
    assert [each["resourceType"] for each in done["changed"]] == ["Task"]
    assert visitor.person("wrong-details")["truth"]["name"] == "Lê Thị Hạnh"


def test_a_reason_belongs_to_one_state_and_the_open_ticket_moves(visitor: Visitor) -> None:
    person = visitor.person("wrong-dose-missing")
    for key in ("t1", "t2"):
        visitor.write(ticket(person["patient"], key))
    first = visitor.happen(
        "ticket-moved", person["qid"], ticket="task-2", state="rejected", reason="Thiếu giấy tờ"
    )
    assert first["changed"][0]["statusReason"]["text"] == "Thiếu giấy tờ"
    (second,) = visitor.happen("ticket-moved", person["qid"], reason="Đang xem")["changed"]
    (third,) = visitor.happen("ticket-moved", person["qid"])["changed"]
    assert [(each["id"], each["status"]) for each in (second, third)] == [
        ("task-1", "accepted"),
        ("task-1", "in-progress"),
    ]
    assert "statusReason" not in third


def test_only_the_three_known_cases_are_taken(visitor: Visitor) -> None:
    answer = visitor.write(ticket("p-leap-day", "t1", "shoe-missing"))
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize("missing", ["for", "status", "intent", "code"])
def test_a_ticket_needs_its_parts(visitor: Visitor, missing: str) -> None:
    body = ticket("p-leap-day", "t1")
    del body[missing]
    assert visitor.write(body).status_code == 422
