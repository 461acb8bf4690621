"""Reading health data from the sandbox, row by row of the contract."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import BASE, Visitor

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
HUONG = "+84912004701"


def test_nobody_reads_without_a_token(visitor: Visitor) -> None:
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        answer = visitor.http.get("/fhir/Patient", headers=header)
        assert answer.status_code == 401
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_runs_out(visitor: Visitor) -> None:
    auth = visitor.auth
    assert visitor.http.get("/fhir/Location", headers=auth).status_code == 200
    visitor.watch.ahead += timedelta(seconds=301)
    assert visitor.http.get("/fhir/Location", headers=auth).status_code == 401
    assert visitor.http.get("/fhir/Location", headers=visitor.auth).status_code == 200


def test_tokens_are_for_the_client_only(visitor: Visitor) -> None:
    grant = {"grant_type": "client_credentials"}
    wrong = visitor.http.post("/oauth/token", data=grant | {"client_id": "mot-cua"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    basic = visitor.http.post("/oauth/token", data=grant, auth=("mot-cua", "sandbox-secret"))
    assert basic.status_code == 200
    assert basic.json()["expires_in"] == 300
    other = visitor.http.post("/oauth/token", data={"grant_type": "password"})
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")


def test_everybody_behind_a_telephone(visitor: Visitor) -> None:
    found = visitor.resources("Patient", telecom=HUONG)
    assert [each["id"] for each in found] == [
        "p-family-mother", "p-family-child", "p-family-baby", "p-family-grandmother",
    ]  # fmt: skip
    mother, child, _, grandmother = found
    assert mother["name"][0]["text"] == "Nguyễn Thị Hường"
    assert mother["telecom"][0] == {
        "system": "phone", "value": HUONG, "use": "mobile", "rank": 1,
    }  # fmt: skip
    assert child["telecom"][0]["rank"] == 2
    (contact,) = grandmother["contact"]
    assert contact["relationship"][0]["text"] == "daughter"
    assert contact["relationship"][0]["coding"][0]["code"] == "DAUC"
    assert contact["telecom"][0]["value"] == HUONG
    assert contact["name"]["text"] == mother["name"][0]["text"]
    assert visitor.resources("Patient", telecom="+84911111111") == []
    assert visitor.resources("Patient", telecom=f"phone|{HUONG}") == found


def test_a_plus_that_was_not_encoded_is_a_space(visitor: Visitor) -> None:
    answer = visitor.http.get(f"/fhir/Patient?telecom={HUONG}", headers=visitor.auth)
    assert answer.json()["total"] == 0


def test_the_search_may_be_posted(visitor: Visitor) -> None:
    answer = visitor.http.post(
        "/fhir/Patient/_search", data={"telecom": HUONG}, headers=visitor.auth
    )
    assert answer.json()["total"] == 4


def test_pages_lead_through_a_big_family(visitor: Visitor) -> None:
    phone = visitor.person("big-family")["phone"]
    page = visitor.fhir("Patient", telecom=phone, _count="3")
    seen, pages = [], 1
    while True:
        assert page["total"] == 8
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        onward = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not onward:
            break
        page = visitor.http.get(onward[0], headers=visitor.auth).json()
        pages += 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize(
    ("story", "kind"),
    [
        ("family-mother", "cccd"),
        ("family-mother", "bhyt"),
        ("cmnd-only", "cmnd"),
        ("foreigner", "passport"),
    ],
)
def test_whoever_holds_a_paper(visitor: Visitor, story: str, kind: str) -> None:
    person = visitor.person(story)
    number = next(paper["number"] for paper in person["papers"] if paper["type"] == kind)
    (found,) = visitor.resources("Patient", identifier=f"{BASE}{kind}|{number}")
    assert found["id"] == person["patient"]
    assert {"system": f"{BASE}qid", "value": person["qid"], "use": "official"} in found[
        "identifier"
    ]
    assert visitor.resources("Patient", identifier=number) == [found]
    assert visitor.resources("Patient", identifier=f"{BASE}other|{number}") == []
    assert visitor.resources("Patient", identifier=f"{BASE}qid|{person['qid']}") == [found]


def test_completed_doses(visitor: Visitor) -> None:
    found = visitor.resources("Immunization", patient="p-many-doses", status="completed")
    assert [each["protocolApplied"][0]["doseNumberPositiveInt"] for each in found] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert found[0]["vaccineCode"]["coding"][0]["code"] == "EU/1/21/1529"
    assert found[2]["vaccineCode"]["coding"][0]["code"] == "EU/1/20/1528"
    assert all(each["lotNumber"] and each["location"]["display"] for each in found)
    assert {len(each["occurrenceDateTime"]) > 10 for each in found} == {True, False}
    struck = visitor.resources("Immunization", patient="Patient/p-dose-struck-out")
    assert [each["status"] for each in struck] == ["completed", "entered-in-error"]


def test_the_next_dose(visitor: Visitor) -> None:
    (found,) = visitor.resources("ImmunizationRecommendation", patient="p-family-child")
    (next_one,) = found["recommendation"]
    assert next_one["doseNumberPositiveInt"] == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", next_one["dateCriterion"][0]["value"])
    assert visitor.resources("ImmunizationRecommendation", patient="p-many-doses") == []


@pytest.mark.parametrize(
    ("story", "code", "value", "status"),
    [
        ("foreigner", "94500-6", "260415000", "final"),
        ("result-positive", "94500-6", "260373001", "final"),
        ("antigen-negative", "94558-4", "260415000", "final"),
        ("result-corrected", "94500-6", "260415000", "corrected"),
        ("result-pending", "94500-6", None, "preliminary"),
    ],
)
def test_tests(visitor: Visitor, story: str, code: str, value: str | None, status: str) -> None:
    (found,) = visitor.resources("Observation", patient=f"p-{story}", category="laboratory")
    assert found["code"]["coding"][0] == {"system": "http://loinc.org", "code": code}
    assert found["status"] == status
    sampled = datetime.fromisoformat(found["effectiveDateTime"])
    assert sampled.utcoffset() is not None
    if value is None:
        assert "valueCodeableConcept" not in found
        assert "issued" not in found
    else:
        assert found["valueCodeableConcept"]["coding"][0]["code"] == value
        assert datetime.fromisoformat(found["issued"]) > sampled


def test_a_pooled_sample_names_its_tube(visitor: Visitor) -> None:
    tubes = [
        visitor.resources("Observation", patient=f"p-{story}")[0]["specimen"]["identifier"]["value"]
        for story in ("pooled-a", "pooled-b")
    ]
    assert tubes[0] == tubes[1]


def test_new_results_since_a_moment(visitor: Visitor) -> None:
    moment = visitor.watch().isoformat()
    visitor.watch.ahead += timedelta(seconds=5)
    assert visitor.resources("Observation", _lastUpdated=f"gt{moment}") == []
    done = visitor.happen("result-final", visitor.person("result-pending")["qid"])
    (fresh,) = visitor.resources("Observation", _lastUpdated=f"gt{moment}")
    assert [fresh] == done["changed"]


def test_isolation_under_way(visitor: Visitor) -> None:
    (found,) = visitor.resources("Flag", patient="p-result-positive", status="active")
    assert found["period"]["start"] < found["period"]["end"]
    assert visitor.resources("Flag", patient="p-family-mother", status="active") == []


def _texts(item: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    below = [each for child in item.get("item", []) for each in _texts(child)]
    codings = [option["valueCoding"] for option in item.get("answerOption", [])]
    return [
        (item["text"], item["_text"]),
        *((coding["display"], coding["_display"]) for coding in codings),
        *below,
    ]


@pytest.mark.parametrize("name", ["general", "domestic", "entry"])
def test_the_form_now_in_both_languages(visitor: Visitor, name: str) -> None:
    url = f"urn:motcua:form:{name}"
    (form,) = visitor.resources("Questionnaire", url=url, status="active")
    assert form["language"] == "vi"
    assert form["item"][0]["type"] == form["item"][-1]["type"] == "display"
    texts = [pair for item in form["item"] for pair in _texts(item)]
    for vietnamese, beside in texts:
        (extension,) = beside["extension"]
        assert extension["url"] == TRANSLATION
        parts = {part["url"]: part for part in extension["extension"]}
        assert parts["lang"]["valueCode"] == "en"
        assert parts["content"]["valueString"] not in ("", vietnamese)


def test_every_condition_names_a_question_asked_before(visitor: Visitor) -> None:
    def walk(items: list[dict[str, Any]], asked: list[str]) -> None:
        for item in items:
            for rule in item.get("enableWhen", []):
                assert rule["question"] in asked
                rules.append(item["linkId"])
            asked.append(item["linkId"])
            walk(item.get("item", []), asked)

    rules: list[str] = []
    forms = visitor.resources("Questionnaire")
    for form in forms:
        asked: list[str] = []
        walk(form["item"], asked)
        assert len(asked) == len(set(asked))
    assert "travel-where" in rules
    assert len(forms) == 5


def test_the_old_edition_is_retired(visitor: Visitor) -> None:
    editions = visitor.resources("Questionnaire", url="urn:motcua:form:general", _sort="-version")
    assert [(each["version"], each["status"]) for each in editions] == [
        ("2.0", "active"),
        ("1.0", "retired"),
    ]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("Patient/nobody", 404, "not-found"),
        ("Wizard", 404, "not-supported"),
        ("Wizard/1", 404, "not-supported"),
        ("Patient?shoe-size=43", 400, "not-supported"),
        ("Patient?_count=-1", 400, "invalid"),
        ("Observation?_lastUpdated=gtyesterday", 400, "invalid"),
        ("a/b/c/d", 404, "not-found"),
    ],
)
def test_every_error_is_an_operation_outcome(
    visitor: Visitor, path: str, status: int, code: str
) -> None:
    answer = visitor.http.get(f"/fhir/{path}", headers=visitor.auth)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    assert answer.json()["issue"][0]["code"] == code


def test_the_capability_statement_needs_no_token_and_lists_what_is_served(visitor: Visitor) -> None:
    said = visitor.http.get("/fhir/metadata").json()
    assert (said["resourceType"], said["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    for resource in said["rest"][0]["resource"]:
        answer = visitor.http.get(
            f"/fhir/{resource['type']}", params={"_count": "1"}, headers=visitor.auth
        )
        assert answer.json()["type"] == "searchset"


def test_the_request_id_comes_back(visitor: Visitor) -> None:
    for path in (
        "/fhir/metadata",
        "/fhir/Patient",
        "/qrqg/v1/personal-qr/1",
        "/people",
        "/nowhere",
    ):
        answer = visitor.http.get(path, headers={"X-Request-Id": "abc-123"})
        assert answer.headers["X-Request-Id"] == "abc-123"


def test_every_resource_has_id_version_and_a_reference_that_leads_somewhere(
    visitor: Visitor,
) -> None:
    auth = visitor.auth
    for kind in ("Immunization", "ImmunizationRecommendation", "Observation", "Flag"):
        for each in visitor.resources(kind, _count="200"):
            assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", each["id"])
            assert each["meta"]["versionId"]
            read = visitor.http.get(f"/fhir/{kind}/{each['id']}", headers=auth)
            assert read.json() == each
            assert read.headers["ETag"] == f'W/"{each["meta"]["versionId"]}"'
            about = (each.get("patient") or each["subject"])["reference"]
            assert visitor.http.get(f"/fhir/{about}", headers=auth).status_code == 200
