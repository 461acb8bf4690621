"""Everybody who lives here: the hand-written people first, then as many invented ones as asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from sandbox.people.families import told_as_a_crowd, told_together
from sandbox.people.name_tables import foreign, vietnamese
from sandbox.people.papers import PHONE_PREFIXES, cccd, phone_number, qid_for, shown_paper, spread
from sandbox.people.person import (
    VACCINES,
    Carer,
    Dose,
    Gender,
    LabTest,
    Paper,
    Person,
    Relation,
    Truth,
)
from sandbox.people.provinces import PROVINCES
from sandbox.people.records import Records, next_due
from sandbox.people.stories import Story, told_alone

HOUSEHOLDS = (
    ("alone", 26), ("couple-one-phone", 12), ("parents-and-child", 22), ("parent-and-child", 12),
    ("three-generations", 14), ("elder-and-carer", 8), ("foreigner", 6),
)  # fmt: skip
"""Kinds of household, and how many of a hundred."""

BORN = {"adult": (1962, 2004), "child": (2009, 2025), "elder": (1934, 1958)}
"""Years of birth; fixed, because papers carry them."""

SEVERAL_DOSES = tuple(name for name in VACCINES if name not in ("jcovden", "abdala"))


def population(*, people: int, seed: int, start: datetime) -> list[Person]:
    """The first so many people of this seed. A larger population begins with the smaller one.

    Names, papers, phones and ids depend on the seed only; doses and tests are counted back from
    `start`, so that they stay fresh.
    """
    records = Records(start)
    write = Story(records, seed)
    everybody = [*told_together(write), *told_alone(write), *told_as_a_crowd(write)]
    taken = {person.phone for person in everybody}
    household = 0
    while len(everybody) < people:
        everybody += _Household(household, seed=seed, records=records, taken=taken).people()
        household += 1
    return [_as_filed(records, person) for person in everybody[:people]]


def _as_filed(records: Records, person: Person) -> Person:
    """With the next dose due, and last touched a month before the start."""
    # Recommended before we began: a start is no news about thousands of people.
    due = next_due(person, today=records.today, at=records.start - timedelta(days=1))
    return replace(person, due=due, updated=records.start - timedelta(days=30))


class _Household:
    """One generated household: its kind, its telephone and its members, drawn from its own dice."""

    def __init__(self, number: int, *, seed: int, records: Records, taken: set[str | None]) -> None:
        self._number, self._seed, self._records = number, seed, records
        self._dice = Random(f"{seed}:{number}")
        self._members: list[Person] = []
        kinds, weights = zip(*HOUSEHOLDS, strict=True)
        self._kind = self._dice.choices(kinds, weights)[0]
        self._province = PROVINCES[self._dice.choice(tuple(PROVINCES))]
        prefix = self._dice.choice(PHONE_PREFIXES)
        phones = (phone_number(number * 8 + n, prefix=prefix, seed=seed) for n in range(8))
        self._phones = [phone for phone in phones if phone not in taken]

    def people(self) -> list[Person]:
        """The members, carers first."""
        phone, dice = self._phones[0], self._dice
        match self._kind:
            case "alone":
                self._add("adult", self._either(), phone=phone)
            case "couple-one-phone":
                self._couple(phone, phone)
            case "parents-and-child":
                self._couple(phone, self._phones[1])
                self._children(dice.choice((1, 1, 2)))
            case "parent-and-child":
                self._add("adult", "female" if dice.random() < 0.8 else "male", phone=phone)
                self._children(dice.choice((1, 2, 3)))
            case "three-generations":
                self._couple(phone, phone)
                self._children(1)
                self._elder()
            case "elder-and-carer":
                self._add("adult", self._either(), phone=phone)
                self._elder()
            case _:
                self._add("adult", self._either(), phone=phone, abroad=True)
        return self._members

    def _either(self) -> Gender:
        return "female" if self._dice.random() < 0.5 else "male"

    def _couple(self, hers: str, his: str) -> None:
        self._add("adult", "female", phone=hers)
        self._add("adult", "male", phone=his)

    def _children(self, count: int) -> None:
        parent = self._members[0]
        relation: Relation = "mother" if parent.gender == "female" else "father"
        surname = self._members[-1].name.split()[0]
        for _ in range(count):
            self._add("child", self._either(), carer=Carer(parent.id, relation), surname=surname)

    def _elder(self) -> None:
        carer = self._members[0]
        relation: Relation = "daughter" if carer.gender == "female" else "son"
        self._add("elder", self._either(), carer=Carer(carer.id, relation))

    def _add(
        self,
        age: str,
        gender: Gender,
        *,
        phone: str | None = None,
        carer: Carer | None = None,
        surname: str | None = None,
        abroad: bool = False,
    ) -> None:
        dice, index = self._dice, self._number * 8 + len(self._members)
        first, last = BORN[age]
        born = date(dice.randint(first, last), 1, 1) + timedelta(days=dice.randrange(365))
        name = foreign(dice, gender) if abroad else vietnamese(dice, gender, surname=surname)
        papers = self._papers(index, age=age, gender=gender, born=born, abroad=abroad)
        person = Person(
            id=f"p-{self._number:05d}-{len(self._members) + 1}",
            household=f"h-{self._number:05d}",
            name=name,
            gender=gender,
            birth_date=born,
            papers=papers,
            qid=qid_for(shown_paper(papers), seed=self._seed),
            story="foreigner-generated" if abroad else age,
            about=_about(self._kind, age),
            province=self._province.slug,
            phone=phone,
            family_phone=None if phone else self._phones[0],
            carer=carer,
        )
        self._members.append(self._with_records(person, age=age))

    def _papers(
        self, index: int, *, age: str, gender: Gender, born: date, abroad: bool
    ) -> tuple[Paper, ...]:
        """CCCD for most, an old CMND for some elders, a passport for a few; BHYT for three in four."""
        dice, tail = self._dice, spread(index, digits=6, seed=self._seed)
        if abroad:
            letter = dice.choice("ABEGKLMNPRX")
            return (Paper("passport", f"{letter}{spread(index, digits=8, seed=self._seed)}"),)
        draw = dice.random()
        if draw < 0.25 and age == "elder":
            papers = [Paper("cmnd", f"{self._province.cccd}{tail}")]
        elif draw > 0.99 and age == "adult":
            papers = [Paper("passport", f"C{spread(index, digits=7, seed=self._seed)}")]
        else:
            said = born.replace(year=born.year - 6, day=1) if 0.98 < draw <= 0.985 else born
            number = cccd(province=self._province.cccd, gender=gender, born=said, tail=tail)
            papers = [Paper("cccd", number)]
        if dice.random() < 0.75:
            group = {"child": "TE", "elder": "HT"}.get(age, dice.choice(("DN", "HC", "GD")))
            number = spread(index, digits=10, seed=self._seed)
            papers.append(Paper("bhyt", f"{group}4{self._province.cccd[1:]}{number}"))
        return tuple(papers)

    def _with_records(self, person: Person, *, age: str) -> Person:
        """Doses, tests, isolation and a few wrong records, so that no case has only one example."""
        dice = self._dice
        young = age == "child" and person.birth_date.year > 2018
        doses = () if young else self._doses()
        tests = self._tests()
        positive = any(test.value == "detected" for test in tests)
        wrong = len(doses) >= 2 and dice.random() < 0.04
        if positive:
            doses, wrong = (), False
        return replace(
            person,
            doses=doses[:-1] if wrong else doses,
            tests=tests,
            isolation=self._records.isolation(2) if positive else None,
            truth=Truth(doses=doses) if wrong else None,
        )

    def _doses(self) -> tuple[Dose, ...]:
        """None to five doses; every interval stays clear of the rule's fourteen days."""
        dice = self._dice
        draw = dice.random()
        if draw < 0.08:
            return ()
        if draw < 0.13:
            return self._records.doses(("jcovden", dice.randint(30, 300)))
        if draw < 0.17:
            return self._records.doses(("abdala", 150), ("abdala", 136), ("abdala", 122))
        count = dice.choices((1, 2, 3, 4, 5), (12, 40, 33, 12, 3))[0]
        ago = dice.randint(30, 90)
        vaccine = dice.choice(SEVERAL_DOSES)
        given = [(vaccine, ago + 60 * (count - n)) for n in range(1, count + 1)]
        if count > 2 and dice.random() < 0.5:
            given[2:] = [(dice.choice(("comirnaty", "spikevax")), days) for _, days in given[2:]]
        return self._records.doses(*given)

    def _tests(self) -> tuple[LabTest, ...]:
        dice, records = self._dice, self._records
        draw = dice.random()
        if draw < 0.5:
            return ()
        if draw < 0.8:
            return (records.test("not-detected", dice.randint(200, 4000)),)
        if draw < 0.88:
            return (records.test("not-detected", dice.randint(9, 40)),)
        if draw < 0.93:
            return (records.test("not-detected", dice.randint(5, 60), method="antigen"),)
        if draw < 0.96:
            return (records.pending(dice.randint(2, 10)),)
        if draw < 0.98:
            return (records.test("detected", dice.randint(40, 60)),)
        return (records.corrected("not-detected", dice.randint(200, 400)),)


def _about(kind: str, age: str) -> str:
    if age == "child":
        return "A child, reached at the family's telephone."
    if age == "elder":
        return "An elder without a telephone, looked after by a son or daughter."
    return {
        "alone": "Lives alone and has a telephone.",
        "couple-one-phone": "A couple with one telephone.",
        "foreigner": "From abroad, with a passport.",
    }.get(kind, "A parent with a telephone.")
