"""Both contracts against the sandbox over real HTTP: what it knows, and each of its moods."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.clock import Deadline, now
from core.errors import Absent, Down, Late, PlatformError, Refused
from core.people.papers import Paper
from core.platform.auth import Credentials
from core.platform.fhir import Fhir, FhirSettings
from core.platform.forms import FormAnswers
from core.platform.ports import Citizen, Declaration
from core.platform.qrqg import Qrqg, QrqgSettings
from tests.core.platform.conftest import anomalies, asked, soon

People = dict[str, dict[str, Any]]
PutMood = Callable[..., None]

HEALTHY: FormAnswers = {
    "travel": (False,),
    "symptoms": (False,),
    "contact-a": (False,),
    "contact-b": (False,),
    "contact-c": (False,),
}
ILL: FormAnswers = {
    **HEALTHY,
    "travel": (True,),
    "travel-where": ("Huế, Đà Nẵng",),
    "symptoms": (True,),
    "symptoms-which": ("fever", "cough"),
}


def citizen(fhir: Fhir, person: dict[str, Any]) -> Citizen:
    """The sandbox's person as the gateway sees them."""
    paper = person["papers"][0]
    found = fhir.by_paper(Paper(paper["type"], paper["number"]), deadline=soon())
    assert len(found) == 1
    return found[0]


def with_papers(people: People) -> list[dict[str, Any]]:
    return [person for person in people.values() if person["papers"]]


def test_everybody_is_found_by_each_of_their_papers(fhir: Fhir, people: People) -> None:
    for person in with_papers(people):
        for paper in person["papers"]:
            held = Paper(paper["type"], paper["number"])
            (found,) = fhir.by_paper(held, deadline=soon())
            assert found.name == person["name"]
            assert found.qid == person["qid"]
            assert held in found.papers
            assert str(found.birth_date) == person["birthDate"]
            assert fhir.by_id(found.id, deadline=soon()) == found


def test_everybody_with_a_phone_is_found_by_it(fhir: Fhir, people: People) -> None:
    for person in people.values():
        if person["phone"]:
            names = [one.name for one in fhir.by_phone(person["phone"], deadline=soon())]
            assert person["name"] in names


def test_a_family_shares_a_phone_and_its_mother_cares(fhir: Fhir, people: People) -> None:
    shared = [
        found
        for person in people.values()
        if person["phone"]
        for found in [fhir.by_phone(person["phone"], deadline=soon())]
        if len(found) > 1 and any(person["phone"] in one.carers for one in found)
    ]
    assert shared


def test_nobody_is_found_by_what_nobody_has(fhir: Fhir) -> None:
    assert fhir.by_phone("+84999999999", deadline=soon()) == ()
    assert fhir.by_paper(Paper("cccd", "999999999999"), deadline=soon()) == ()
    with pytest.raises(Absent):
        fhir.by_id("p-nobody", deadline=soon())


def test_doses_and_tests_are_as_the_sandbox_says(fhir: Fhir, people: People) -> None:
    tested = 0
    for person in with_papers(people):
        found = citizen(fhir, person)
        doses = fhir.doses(found.id, deadline=soon())
        assert len(doses) == person["expects"]["doses"], person["story"]
        assert list(doses) == sorted(doses, key=lambda dose: dose.on)
        results = fhir.results(found.id, deadline=soon())
        last = person["expects"]["lastTest"]
        assert bool(results) == bool(last), person["story"]
        tested += len(results)
    assert tested


def test_a_pending_test_is_pending_and_a_mistaken_one_is_gone(fhir: Fhir, people: People) -> None:
    everything = [
        result
        for person in with_papers(people)
        for result in fhir.results(citizen(fhir, person).id, deadline=soon())
    ]
    assert {result.method for result in everything} >= {"pcr", "antigen"}
    assert {(r.status, r.value) for r in everything if r.status == "preliminary"} == {
        ("preliminary", "pending")
    }
    assert {r.value for r in everything if r.status == "final"} == {"detected", "not-detected"}


def test_the_general_form_in_both_languages(fhir: Fhir) -> None:
    form = fhir.form(deadline=soon())
    assert form.title["vi"] == "Tờ khai y tế toàn dân"
    assert form.title["en"] == "General health declaration"
    assert {name for item in form.items for name in (item.link_id,)} >= {"travel", "contact"}


@pytest.mark.parametrize("answers", [HEALTHY, ILL])
def test_a_declaration_arrives_once(
    fhir: Fhir, sandbox: str, people: People, answers: FormAnswers
) -> None:
    person, key = citizen(fhir, with_papers(people)[0]), uuid4().hex
    made = now()
    said = Declaration(fhir.form(deadline=soon()).name, person.id, person.id, answers, made)
    first = fhir.declare(said, key=key, deadline=soon())
    assert fhir.declare(said, key=key, deadline=soon()) == first
    arrived = [one for one in received(sandbox) if one["key"] == key]
    assert len(arrived) == 1
    last = fhir.last_declared(person.id, deadline=soon())
    assert last is not None
    assert abs(last - made) < timedelta(seconds=2)


def test_an_edition_retired_meanwhile_is_still_taken(fhir: Fhir, people: People) -> None:
    person = citizen(fhir, with_papers(people)[0])
    answers = {name: said for name, said in HEALTHY.items() if name != "travel"}
    said = Declaration("urn:motcua:form:general|1.0", person.id, person.id, answers, now())
    assert fhir.declare(said, key=uuid4().hex, deadline=soon())


def test_a_refused_declaration_says_why(fhir: Fhir, people: People) -> None:
    person = citizen(fhir, with_papers(people)[0])
    form = fhir.form(deadline=soon()).name
    said = Declaration(form, person.id, person.id, {"travel": (False,)}, now())
    with pytest.raises(Refused) as raised:
        fhir.declare(said, key=uuid4().hex, deadline=soon())
    assert raised.value.reason is not None
    assert raised.value.reason.startswith("Thiếu câu trả lời")


def test_a_personal_qr_is_shown_and_resolved(qrqg: Qrqg, people: People) -> None:
    for person in people.values():
        record = qrqg.record(person["qid"], deadline=soon())
        assert (record.payload, record.name) == (person["payload"], person["name"])
        assert record.birth_date == person["birthDate"]
        assert qrqg.resolve(record.payload, deadline=soon()) == record


def test_what_is_no_personal_qr(qrqg: Qrqg) -> None:
    with pytest.raises(Absent):
        qrqg.record("000000000000000000", deadline=soon())
    with pytest.raises(Absent):
        qrqg.resolve("001093029317|NGUYEN VAN A|1987-01-18|0|000|", deadline=soon())
    with pytest.raises(Refused):
        qrqg.resolve("https://example.org/", deadline=soon())


def test_a_newcomer_is_registered_once(qrqg: Qrqg) -> None:
    number = str(uuid4().int)[:12]
    issued = [
        qrqg.issue(
            paper=Paper("cccd", number),
            name="Đặng Thị Ý",
            birth_date=date(1950, 1, 1),
            gender="female",
            key=number,
            deadline=soon(),
        )
        for _ in range(2)
    ]
    assert issued[0] == issued[1]
    assert qrqg.record(issued[0].qid, deadline=soon()).payload == issued[0].payload


def received(sandbox: str) -> list[dict[str, Any]]:
    told = asked(f"{sandbox}/received")
    return list(told["received"] if isinstance(told, dict) else told)


Ask = Callable[[Fhir, Qrqg, Deadline], object]

READS: dict[str, Ask] = {
    "by_phone": lambda fhir, _, by: fhir.by_phone("+84912345678", deadline=by),
    "by_id": lambda fhir, _, by: fhir.by_id("p-mother", deadline=by),
    "doses": lambda fhir, _, by: fhir.doses("p-mother", deadline=by),
    "results": lambda fhir, _, by: fhir.results("p-mother", deadline=by),
    "form": lambda fhir, _, by: fhir.form(deadline=by),
    "last_declared": lambda fhir, _, by: fhir.last_declared("p-mother", deadline=by),
    "record": lambda _, qrqg, by: qrqg.record("1", deadline=by),
    "resolve": lambda _, qrqg, by: qrqg.resolve("1|A|1990-01-01|0|1|", deadline=by),
}

MOODS: dict[str, tuple[type[PlatformError], float]] = {
    "slow": (Late, 0.7),
    "drip": (Late, 0.7),
    "429": (Down, 1.9),
    "500": (Down, 4.0),
    "503": (Down, 1.9),
    "garbage": (Down, 4.0),
    "huge": (Down, 4.0),
    "down": (Down, 4.0),
    "unauthorised": (Down, 4.0),
}
"""Mood → the error it means, and the seconds a caller has who is told to come back after two."""


@pytest.mark.parametrize("name", MOODS)
@pytest.mark.parametrize("call", ["by_phone", "resolve"])
def test_each_mood_is_the_right_error_within_the_deadline(
    fhir: Fhir, qrqg: Qrqg, mood: PutMood, name: str, call: str
) -> None:
    mood("fhir", name)
    mood("qrqg", name)
    error, patience = MOODS[name]
    started = time.monotonic()
    with pytest.raises(error) as raised:
        READS[call](fhir, qrqg, soon(patience))
    assert time.monotonic() - started < patience + 0.5
    if name in ("429", "503"):
        assert isinstance(raised.value, Down)
        assert raised.value.after == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("call", READS)
def test_a_platform_that_sends_the_wrong_thing_tells_nothing(
    fhir: Fhir, qrqg: Qrqg, mood: PutMood, call: str
) -> None:
    mood("fhir", "wrong")
    mood("qrqg", "wrong")
    before = anomalies()
    with pytest.raises(Down):  # not "nobody", nor "nothing on record": that would not be true
        READS[call](fhir, qrqg, soon())
    assert anomalies() > before


@pytest.mark.parametrize("name", ["slow", "garbage", "wrong", "huge", "down"])
def test_a_declaration_on_a_bad_day_is_tried_again_and_arrives_once(
    fhir: Fhir, sandbox: str, people: People, mood: PutMood, credentials: Credentials, name: str
) -> None:
    person, key = citizen(fhir, with_papers(people)[0]), uuid4().hex
    form = fhir.form(deadline=soon()).name
    said = Declaration(form, person.id, person.id, HEALTHY, now())
    mood("fhir", name)
    with pytest.raises((Late, Down)):
        fhir.declare(said, key=key, deadline=soon(0.6))
    mood("fhir", "well")
    worker = Fhir(FhirSettings(url=f"{sandbox}/fhir", credentials=credentials))
    assert worker.declare(said, key=key, deadline=soon())
    worker.close()
    assert [one["key"] for one in received(sandbox)].count(key) == 1


def test_whoever_watches_can_see_that_a_platform_is_left_alone(
    fhir: Fhir, qrqg: Qrqg, mood: PutMood
) -> None:
    mood("fhir", "down")
    for _ in range(2):
        with pytest.raises(Down):
            fhir.doses("p-nobody", deadline=soon())
    assert (fhir.state, qrqg.state) == ("open", "closed")


def test_a_wrong_secret_is_down(sandbox: str, credentials: Credentials) -> None:
    wrong = replace(credentials, client_secret="guessed")
    client = Qrqg(QrqgSettings(url=f"{sandbox}/qrqg", credentials=wrong))
    with pytest.raises(Down):
        client.record("1", deadline=Deadline.after(2))
    client.close()


def test_a_long_list_is_read_page_by_page(sandbox: str, credentials: Credentials) -> None:
    where = FhirSettings(url=f"{sandbox}/fhir", credentials=credentials, page_size=1)
    small, usual = Fhir(where), Fhir(replace(where, page_size=50))
    told = asked(f"{sandbox}/people?limit=300")
    for person in (told["people"] if isinstance(told, dict) else told)[:10]:
        if person["phone"]:
            expected = usual.by_phone(person["phone"], deadline=soon())
            assert small.by_phone(person["phone"], deadline=soon()) == expected
    small.close()
    usual.close()
