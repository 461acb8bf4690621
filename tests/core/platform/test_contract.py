"""Both contracts against the sandbox over real HTTP: what it knows, and each of its moods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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
from core.platform.ports import Condition, Declaration, NewPerson
from core.platform.qrqg import Qrqg, QrqgSettings
from tests.conftest import a_sandbox
from tests.core.platform.conftest import anomalies, asked, soon
from tests.core.platform.fhir_contract import (
    HEALTHY,
    FhirContract,
    People,
    citizen,
    with_papers,
    with_phone,
)

PutMood = Callable[..., None]

ILL: FormAnswers = {
    **HEALTHY,
    "travel": (True,),
    "travel-where": ("Huế, Đà Nẵng",),
    "symptoms": (True,),
    "symptoms-which": ("fever", "cough"),
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One of our own: elsewhere results are corrected and records put right."""
    with a_sandbox(tmp_path_factory.mktemp("contract")) as base:
        yield base


class TestTheSandbox(FhirContract):
    """The sandbox answers every row."""


def test_a_pending_test_is_pending_and_a_mistaken_one_is_gone(fhir: Fhir, people: People) -> None:
    everything = [
        result
        for person in with_papers(people)
        for result in fhir.results(citizen(fhir, person).id, deadline=soon()).value
    ]
    assert {result.method for result in everything} >= {"pcr", "antigen"}
    assert {(r.status, r.value) for r in everything if r.status == "preliminary"} == {
        ("preliminary", "pending")
    }
    assert {r.value for r in everything if r.status == "final"} == {"detected", "not-detected"}


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


@pytest.mark.parametrize("known", [True, False])
def test_how_somebody_in_isolation_feels_arrives_once_and_is_no_declaration(
    fhir: Fhir, sandbox: str, people: People, known: bool
) -> None:
    person, key = citizen(fhir, with_papers(people)[1]), uuid4().hex
    before = fhir.last_declared(person.id, deadline=soon())
    said = Condition(person.id, person.id if known else None, "mild", now())
    first = fhir.report(said, key=key, deadline=soon())
    assert fhir.report(said, key=key, deadline=soon()) == first
    (arrived,) = [one for one in received(sandbox) if one["key"] == key]
    (item,) = arrived["body"]["item"]
    assert item["answer"][0]["valueCoding"]["code"] == "mild"
    assert ("author" in arrived["body"]) is known
    assert fhir.last_declared(person.id, deadline=soon()) == before


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
    assert raised.value.translations["en"].startswith("Answer missing: ")


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


def test_a_newcomer_is_registered_once(qrqg: Qrqg, fhir: Fhir, people: People) -> None:
    """A grandmother without a phone, declared by her daughter (khai hộ)."""
    number, daughter = str(uuid4().int)[:12], with_phone(people)[0]
    paper, born = Paper("cccd", number), date(1936, 1, 1)
    grandmother = NewPerson(paper, "Đặng Thị Ý", born, "female", declarer_qid=daughter["qid"])
    issued = [qrqg.issue(grandmother, key=number, deadline=soon()) for _ in range(2)]
    again = qrqg.issue(grandmother, key=uuid4().hex, deadline=soon())
    assert issued == [again, again]
    assert issued[0].payload.split("|")[3] == "1"
    assert qrqg.record(issued[0].qid, deadline=soon()) == issued[0]
    (found,) = fhir.by_paper(paper, deadline=soon())
    assert (found.qid, found.birth_date) == (issued[0].qid, born)
    assert daughter["phone"] in found.carers
    with pytest.raises(Refused):
        qrqg.issue(replace(grandmother, birth_date=date(1937, 1, 1)), key="x", deadline=soon())


def received(sandbox: str) -> list[dict[str, Any]]:
    told = asked(f"{sandbox}/received")
    return list(told["received"] if isinstance(told, dict) else told)


Ask = Callable[[Fhir, Qrqg, Deadline], object]

READS: dict[str, Ask] = {
    "by_phone": lambda fhir, _, by: fhir.by_phone("+84912345678", deadline=by),
    "by_id": lambda fhir, _, by: fhir.by_id("p-mother", deadline=by),
    "doses": lambda fhir, _, by: fhir.doses("p-mother", deadline=by).value,
    "results": lambda fhir, _, by: fhir.results("p-mother", deadline=by).value,
    "form": lambda fhir, _, by: fhir.form(deadline=by),
    "next_dose": lambda fhir, _, by: fhir.next_dose("p-mother", deadline=by).value,
    "passport": lambda fhir, _, by: fhir.passport("p-mother", deadline=by),
    "isolation": lambda fhir, _, by: fhir.isolation("p-mother", deadline=by).value,
    "tickets": lambda fhir, _, by: fhir.corrections.tickets("p-mother", deadline=by).value,
    "ticket": lambda fhir, _, by: fhir.corrections.ticket("task-1", deadline=by),
    "areas": lambda fhir, _, by: fhir.areas.areas(deadline=by),
    "risk": lambda fhir, _, by: fhir.areas.risk("hue", deadline=by).value,
    "changed": lambda fhir, _, by: fhir.changed("Task", now(), deadline=by)[0],
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
