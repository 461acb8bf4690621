"""What every FHIR server must answer the gateway: one suite of tests for the sandbox and for others'.

Whoever inherits it brings a `fhir` client, and `people`: by story, as the sandbox tells of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.clock import now
from core.errors import Absent
from core.people.papers import Paper
from core.platform.fhir import Fhir
from core.platform.forms import FormAnswers
from core.platform.ports import Citizen, Correction, CorrectionKind, Declaration
from tests.core.platform.conftest import anomalies, soon

People = dict[str, dict[str, Any]]

HEALTHY: FormAnswers = {
    "travel": (False,),
    "symptoms": (False,),
    "contact-a": (False,),
    "contact-b": (False,),
    "contact-c": (False,),
}

KINDS: tuple[CorrectionKind, ...] = ("dose-missing", "all-doses-missing", "details-wrong")

SAID = {"naat": "pcr", "antigen": "antigen"}


def citizen(fhir: Fhir, person: dict[str, Any]) -> Citizen:
    """The sandbox's person as the gateway sees them."""
    paper = person["papers"][0]
    found = fhir.by_paper(Paper(paper["type"], paper["number"]), deadline=soon())
    assert len(found) == 1
    return found[0]


def with_papers(people: People) -> list[dict[str, Any]]:
    return [person for person in people.values() if person["papers"]]


def with_phone(people: People) -> list[dict[str, Any]]:
    """Those with a telephone of their own and a paper."""
    return [person for person in with_papers(people) if person["phone"]]


def correction(kind: CorrectionKind, about: str) -> Correction:
    return Correction(kind, about, about, "Thiếu mũi 2, tiêm ngày 14/3/2026 tại phường 1", now())


class FhirContract:
    """One test for each row of the contract."""

    def test_a_person_is_found_by_phone_by_paper_and_by_id(
        self, fhir: Fhir, people: People
    ) -> None:
        for person in with_papers(people):
            for paper in person["papers"]:
                held = Paper(paper["type"], paper["number"])
                (found,) = fhir.by_paper(held, deadline=soon())
                assert found.name == person["name"]
                assert found.qid == person["qid"]
                assert held in found.papers
                assert str(found.birth_date) == person["birthDate"]
            assert fhir.by_id(found.id, deadline=soon()) == found
            assert fhir.by_qid(person["qid"], deadline=soon()) == (found,)
            if person["phone"]:
                assert found in fhir.by_phone(person["phone"], deadline=soon())

    def test_a_family_shares_a_phone_and_its_mother_cares(self, fhir: Fhir, people: People) -> None:
        mother = people["family-mother"]
        household = fhir.by_phone(mother["phone"], deadline=soon())
        cared_for = [one.name for one in household if mother["phone"] in one.carers]
        assert people["family-child"]["name"] in cared_for

    def test_nobody_is_found_by_what_nobody_has(self, fhir: Fhir) -> None:
        assert fhir.by_phone("+84999999999", deadline=soon()) == ()
        assert fhir.by_paper(Paper("cccd", "999999999999"), deadline=soon()) == ()
        assert fhir.by_qid("999999999999999999", deadline=soon()) == ()
        with pytest.raises(Absent):
            fhir.by_id("p-nobody", deadline=soon())

    def test_doses_are_those_that_count(self, fhir: Fhir, people: People) -> None:
        for person in with_papers(people):
            doses = fhir.doses(citizen(fhir, person).id, deadline=soon()).value
            assert len(doses) == person["expects"]["doses"], person["story"]
            assert list(doses) == sorted(doses, key=lambda dose: dose.on)

    def test_the_next_dose_comes_after_those_on_record(self, fhir: Fhir, people: People) -> None:
        due = 0
        for person in with_papers(people):
            about = citizen(fhir, person).id
            doses = fhir.doses(about, deadline=soon()).value
            if called := fhir.next_dose(about, deadline=soon()).value:
                due += 1
                assert called.number == len(doses) + 1, person["story"]
                assert not doses or called.on > doses[-1].on
        assert due

    def test_tests_are_as_they_stand(self, fhir: Fhir, people: People) -> None:
        statuses = set()
        for person in with_papers(people):
            results = fhir.results(citizen(fhir, person).id, deadline=soon()).value
            last = person["expects"]["lastTest"]
            assert bool(results) == bool(last), person["story"]
            if results:
                newest = results[0]
                statuses.add(newest.status)
                seen = (newest.method, newest.status, newest.value)
                assert seen == (SAID[last["method"]], last["status"], last["value"])
        assert statuses == {"preliminary", "final", "corrected"}

    def test_who_is_infected_is_isolated(self, fhir: Fhir, people: People) -> None:
        ill = citizen(fhir, people["result-positive"]).id
        isolation = fhir.isolation(ill, deadline=soon()).value
        assert isolation is not None
        assert isolation.kind == "isolation"
        assert isolation.until is not None
        assert isolation.since <= now().date() <= isolation.until
        well = citizen(fhir, people["family-mother"]).id
        assert fhir.isolation(well, deadline=soon()).value is None

    def test_a_passport_for_a_whole_series_alone(self, fhir: Fhir, people: People) -> None:
        whole = citizen(fhir, people["many-doses"]).id
        passport = fhir.passport(whole, deadline=soon())
        assert passport is not None
        assert passport.startswith("HC1:")
        unvaccinated = citizen(fhir, people["couple-wife"]).id
        assert fhir.passport(unvaccinated, deadline=soon()) is None

    def test_the_form_in_force_in_both_languages(self, fhir: Fhir) -> None:
        form = fhir.form(deadline=soon())
        assert form.title["vi"] == "Tờ khai y tế toàn dân"
        assert form.title["en"] == "General health declaration"
        (group,) = (item for item in form.items if item.kind == "group")
        assert {item.link_id for item in group.items} >= {"travel", "contact"}
        assert fhir.form_named(form.name, deadline=soon()) == form
        with pytest.raises(Absent):
            fhir.form_named(f"{form.url}|0.1", deadline=soon())

    def test_a_declaration_arrives_once(self, fhir: Fhir, people: People) -> None:
        person, key, made = citizen(fhir, people["family-mother"]), uuid4().hex, now()
        form = fhir.form(deadline=soon()).name
        said = Declaration(form, person.id, person.id, HEALTHY, made)
        first = fhir.declare(said, key=key, deadline=soon())
        assert fhir.declare(said, key=key, deadline=soon()) == first
        last = fhir.last_declared(person.id, deadline=soon())
        assert last is not None
        assert abs(last - made) < timedelta(seconds=2)

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_correction_is_one_ticket(
        self, fhir: Fhir, people: People, kind: CorrectionKind
    ) -> None:
        about, key = citizen(fhir, people["wrong-dose-missing"]).id, uuid4().hex
        asked = fhir.corrections.ask(correction(kind, about), key=key, deadline=soon())
        assert (asked.kind, asked.citizen_id, asked.state) == (kind, about, "received")
        assert fhir.corrections.ask(correction(kind, about), key=key, deadline=soon()) == asked
        assert fhir.corrections.tickets(about, deadline=soon()).value.count(asked) == 1
        assert fhir.corrections.ticket(asked.id, deadline=soon()) == asked

    def test_tickets_are_of_nobody_else(self, fhir: Fhir, people: People) -> None:
        mine, other = (citizen(fhir, people[one]).id for one in ("wrong-details", "family-mother"))
        asked = fhir.corrections.ask(
            correction("details-wrong", mine), key=uuid4().hex, deadline=soon()
        )
        assert asked in fhir.corrections.tickets(mine, deadline=soon()).value
        assert asked not in fhir.corrections.tickets(other, deadline=soon()).value
        with pytest.raises(Absent):
            fhir.corrections.ticket("task-nobody", deadline=soon())

    def test_areas_and_their_risk(self, fhir: Fhir) -> None:
        before = anomalies()
        areas = {area.id: area for area in fhir.areas.areas(deadline=soon())}
        assert {area.kind for area in areas.values()} == {"province", "ward"}
        wards = [area for area in areas.values() if area.kind == "ward"]
        assert all(areas[ward.part_of or ""].kind == "province" for ward in wards)
        assert any(area.former for area in areas.values())
        risks = [fhir.areas.risk(area, deadline=soon()).value for area in list(areas)[:40]]
        levels = {risk.level for risk in risks if risk}
        assert levels
        assert levels <= {1, 2, 3, 4}
        assert fhir.areas.risk("atlantis", deadline=soon()).value is None
        assert anomalies() == before

    def test_one_subscription_for_one_key(self, fhir: Fhir) -> None:
        made = [
            fhir.subscribe(
                "Task", "http://127.0.0.1:9/hooks/fhir", secret="s", key=key, deadline=soon()
            )
            for key in ("one", "one", "two")
        ]
        assert made[0] == made[1] != made[2]
        assert all(made)

    def test_what_has_changed_since(self, fhir: Fhir, people: People) -> None:
        about, began = citizen(fhir, people["wrong-all-missing"]).id, now()
        ticket = fhir.corrections.ask(
            correction("all-doses-missing", about), key=uuid4().hex, deadline=soon()
        )
        events, newest = fhir.changed("Task", began - timedelta(seconds=1), deadline=soon())
        (mine,) = (event for event in events if event.id == ticket.id)
        assert (mine.kind, mine.citizen_id) == ("Task", about)
        assert newest >= mine.at >= began - timedelta(seconds=1)
        later, same = fhir.changed("Task", newest + timedelta(minutes=5), deadline=soon())
        assert (later, same) == ((), newest + timedelta(minutes=5))
        for kind in ("Observation", "ImmunizationRecommendation"):
            fhir.changed(kind, began, deadline=soon())
