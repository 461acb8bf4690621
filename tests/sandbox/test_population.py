"""Who lives in the sandbox, and whether their papers and payloads are what Viet Nam's are."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import phonenumbers
import pytest

from sandbox.people.papers import payload, plain_upper
from sandbox.people.person import VACCINES, Person
from sandbox.people.population import population
from sandbox.people.verdict import colour, expects, last_test

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

STORIES = """
family-mother family-child family-baby family-grandmother couple-husband couple-wife elder-son
elder-no-phone child-no-phone foreigner one-syllable long-name no-diacritics leap-day minority-name
cmnd-only passport-only odd-cccd qr-revoked result-pending result-positive pooled-a pooled-b
result-corrected result-mistaken antigen-negative pcr-expired one-dose-vaccine day-14 day-13
first-dose-new three-dose-series many-doses wrong-dose-missing wrong-all-missing wrong-details
dose-struck-out big-family
""".split()


@pytest.fixture(scope="module")
def people() -> list[Person]:
    """Three thousand people of the first seed."""
    return population(people=3000, seed=1, start=START)


def story(people: list[Person], name: str) -> Person:
    """The one person with this story."""
    (found,) = [person for person in people if person.story == name]
    return found


@pytest.mark.parametrize("name", STORIES)
def test_every_story_is_told_once(people: list[Person], name: str) -> None:
    assert story(people, name).about


def test_same_seed_same_people_and_more_people_begin_with_the_fewer(people: list[Person]) -> None:
    assert population(people=3000, seed=1, start=START) == people
    assert population(people=700, seed=1, start=START) == people[:700]


def test_names_and_papers_do_not_depend_on_the_day(people: list[Person]) -> None:
    later = population(people=3000, seed=1, start=START + timedelta(days=300, hours=7))

    def fixed(person: Person) -> tuple[object, ...]:
        return (person.id, person.name, person.birth_date, person.papers, person.qid, person.phone)

    assert [fixed(person) for person in later] == [fixed(person) for person in people]
    assert later != people


def test_another_seed_brings_other_people_but_the_same_stories(people: list[Person]) -> None:
    others = population(people=3000, seed=2, start=START)
    told = len(STORIES) + 7
    assert [each.name for each in others[:told]] == [each.name for each in people[:told]]
    assert [each.name for each in others[told:]] != [each.name for each in people[told:]]


def test_nobody_shares_an_id_a_paper_or_a_qid(people: list[Person]) -> None:
    numbers = [paper for person in people for paper in person.papers]
    for things in ([p.id for p in people], [p.qid for p in people], numbers):
        assert [thing for thing, times in Counter(things).items() if times > 1] == []


def test_a_telephone_belongs_to_one_household(people: list[Person]) -> None:
    homes: dict[str, set[str]] = {}
    for person in people:
        if person.reached_at:
            homes.setdefault(person.reached_at, set()).add(person.household)
    assert {len(households) for households in homes.values()} == {1}
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in homes)


def test_papers_have_the_shapes_of_viet_nam(people: list[Person]) -> None:
    shapes = {
        "cccd": r"\d{12}",
        "cmnd": r"\d{9}",
        "passport": r"[A-Z0-9]{8,9}",
        "bhyt": r"[A-Z]{2}\d{13}",
    }
    for person in people:
        for paper in person.papers:
            assert re.fullmatch(shapes[paper.type], paper.number), paper


def test_nearly_every_cccd_agrees_with_birth_and_gender(people: list[Person]) -> None:
    def agrees(person: Person, number: str) -> bool:
        century = (person.birth_date.year - 1900) // 100 * 2 + (person.gender == "female")
        return number[3:6] == f"{century}{person.birth_date.year % 100:02d}"

    checked = [(agrees(p, number), p) for p in people if (number := p.paper("cccd"))]
    wrong = [person for good, person in checked if not good]
    assert 0 < len(wrong) < len(checked) * 0.02
    assert "odd-cccd" in {person.story for person in wrong}


def test_carers_are_grown_up_relatives_who_have_a_telephone(people: list[Person]) -> None:
    known = {person.id: person for person in people}
    cared = [person for person in people if person.carer]
    assert len(cared) > 500
    for person in cared:
        assert person.carer is not None
        carer = known[person.carer.id]
        assert carer.phone == person.family_phone
        assert carer.household == person.household
        mother_like = person.carer.relation in ("mother", "daughter")
        assert mother_like == (carer.gender == "female")
        assert carer.birth_date < date(2009, 1, 1)


def test_unusual_names_are_here(people: list[Person]) -> None:
    assert " " not in story(people, "one-syllable").name
    assert sum(char.isalpha() for char in story(people, "long-name").name) >= 40
    assert "-" in story(people, "foreigner").name
    assert story(people, "no-diacritics").name.isascii()
    born = story(people, "leap-day").birth_date
    assert (born.month, born.day) == (2, 29)


def test_every_vaccine_and_every_number_of_doses_is_here(people: list[Person]) -> None:
    assert {dose.vaccine for person in people for dose in person.doses} == set(VACCINES)
    assert {len(person.counted_doses) for person in people} == {0, 1, 2, 3, 4, 5}


def test_every_kind_of_result_is_here(people: list[Person]) -> None:
    kinds = {(test.status, test.value, test.method) for person in people for test in person.tests}
    assert kinds >= {
        ("preliminary", None, "naat"),
        ("final", "detected", "naat"),
        ("final", "not-detected", "naat"),
        ("final", "not-detected", "antigen"),
        ("corrected", "not-detected", "naat"),
        ("entered-in-error", "detected", "naat"),
    }
    tubes = Counter(test.tube for person in people for test in person.tests if test.tube)
    assert max(tubes.values()) >= 2
    assert any(person.isolation for person in people)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("family-mother", "green"),
        ("family-child", "yellow"),
        ("family-baby", "red"),
        ("couple-wife", "yellow"),
        ("foreigner", "yellow"),
        ("one-dose-vaccine", "green"),
        ("day-14", "green"),
        ("day-13", "yellow"),
        ("first-dose-new", "red"),
        ("antigen-negative", "red"),
        ("pcr-expired", "red"),
        ("result-positive", "red"),
        ("result-corrected", "yellow"),
        ("result-pending", "red"),
        ("wrong-dose-missing", "yellow"),
        ("wrong-all-missing", "red"),
        ("leap-day", "neutral"),
    ],
)
def test_the_status_to_expect(people: list[Person], name: str, wanted: str) -> None:
    assert colour(story(people, name), START) == wanted


def test_a_pcr_holds_for_exactly_72_hours(people: list[Person]) -> None:
    person = story(people, "foreigner")
    test = last_test(person)
    assert test is not None
    assert colour(person, test.sampled + timedelta(hours=72)) == "yellow"
    assert colour(person, test.sampled + timedelta(hours=72, seconds=1)) == "red"


def test_what_was_entered_in_error_does_not_count(people: list[Person]) -> None:
    wanted = expects(story(people, "result-mistaken"), START)
    assert wanted["lastTest"]["value"] == "not-detected"
    assert expects(story(people, "dose-struck-out"), START)["doses"] == 1


def test_the_payload_is_that_of_decision_1405(people: list[Person]) -> None:
    mother, child = story(people, "family-mother"), story(people, "family-child")
    assert payload(mother, declarer_qid=None) == (
        f"056190004701|NGUYEN THI HUONG|1990-05-14|0|{mother.qid}|<2<DN4560720104701<0912004701"
    )
    assert payload(child, declarer_qid=mother.qid) == (
        f"056217004702|TRAN NGUYEN MINH KHOI|2017-09-02|1|{child.qid}"
        f"|{mother.qid}<1<TE1560720104702<0912004701"
    )


def test_every_payload_has_six_clean_fields(people: list[Person]) -> None:
    for person in people:
        number, name, born, declared, qid, ext = payload(person, declarer_qid=None).split("|")
        assert number in [paper.number for paper in person.papers if paper.type != "bhyt"]
        assert name.isascii()
        assert name == name.upper() == " ".join(name.split())
        assert date.fromisoformat(born) == person.birth_date
        assert declared == "0"
        assert re.fullmatch(r"[1-9]\d{17}", qid)
        assert ext.split("<")[1] in ("1", "2")
        assert not ext.endswith("<")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Đặng Thị Út Nhuận", "DANG THI UT NHUAN"),
        ("  Lê   Thị  Hường ", "LE THI HUONG"),
        ("H'Hen Niê Kđăm", "H'HEN NIE KDAM"),
        ("Marie-Claire Lefèvre-Dubois", "MARIE-CLAIRE LEFEVRE-DUBOIS"),
        ("A|B<C", "A B C"),
    ],
)
def test_names_lose_their_accents(written: str, plain: str) -> None:
    assert plain_upper(written) == plain
