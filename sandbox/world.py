"""Everything the sandbox remembers: its people, found by phone, paper or QID, and what it was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any, Literal

from sandbox.areas.risk_map import RiskMap
from sandbox.clock import Clock
from sandbox.passport.office import PassportOffice
from sandbox.people.papers import payload
from sandbox.people.person import Paper, Person, Truth

Resource = dict[str, Any]
Kind = Literal["declaration", "ticket", "registration", "subscription"]


@dataclass(frozen=True, slots=True)
class Received:
    """One thing that was written to the sandbox, with the key that keeps it from happening twice."""

    kind: Kind
    key: str | None
    at: datetime
    id: str
    person: str | None
    body: Resource


@dataclass
class World:
    """The state of the sandbox. Safe to use from many threads; gone when the process ends."""

    clock: Clock
    seed: int
    risks: RiskMap
    lock: RLock = field(default_factory=RLock)
    received: list[Received] = field(default_factory=list)
    written: dict[str, dict[str, Resource]] = field(default_factory=lambda: defaultdict(dict))
    """Resource type → id → the resource as it stands, for what others wrote."""
    _people: dict[str, Person] = field(default_factory=dict)
    _by_phone: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _by_paper: dict[Paper, str] = field(default_factory=dict)
    _by_qid: dict[str, str] = field(default_factory=dict)
    _households: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _tubes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _touched: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office = PassportOffice(self.seed)

    def admit(self, person: Person, *, later: bool = False) -> None:
        """Adds somebody new to the population; `later`: the sandbox was already running."""
        with self.lock:
            if later:
                self._touched[person.id] = None
            self._people[person.id] = person
            self._households[person.household].append(person.id)
            self._by_qid[person.qid] = person.id
            for paper in person.papers:
                self._by_paper[paper] = person.id
            for phone in {person.phone, person.family_phone} - {None}:
                self._by_phone[str(phone)].append(person.id)
            for test in person.tests:
                if test.tube:
                    self._tubes[test.tube].append(person.id)

    def change(self, person_id: str, how: Callable[[Person], Person]) -> Person:
        """Puts the changed person in the place of the old; phones and papers stay as they are."""
        with self.lock:
            changed = how(self._people[person_id])
            self._people[person_id] = changed
            self._touched[person_id] = None
            return changed

    def touched(self) -> list[Person]:
        """Only those who came, or about whom something changed, since the sandbox started."""
        with self.lock:
            return [self._people[each] for each in self._touched]

    def everybody(self) -> list[Person]:
        """All people, those with a written story first."""
        with self.lock:
            return list(self._people.values())

    def person(self, person_id: str) -> Person | None:
        """The person behind a FHIR id."""
        return self._people.get(person_id)

    def by_phone(self, phone: str) -> list[Person]:
        """Everybody reached at this number; those whose own it is first."""
        with self.lock:
            found = [self._people[each] for each in self._by_phone.get(phone, ())]
        return sorted(found, key=lambda person: person.phone != phone)

    def by_paper(self, paper: Paper) -> Person | None:
        """Whoever holds this paper."""
        return self._found(self._by_paper.get(paper))

    def by_qid(self, qid: str) -> Person | None:
        """The person behind a QID."""
        return self._found(self._by_qid.get(qid))

    def household(self, person: Person) -> list[Person]:
        """The others who live with this person."""
        with self.lock:
            ids = [each for each in self._households[person.household] if each != person.id]
            return [self._people[each] for each in ids]

    def same_tube(self, tube: str) -> list[Person]:
        """Everybody whose sample is in this pooled tube."""
        with self.lock:
            return [self._people[each] for each in self._tubes.get(tube, ())]

    def carer(self, person: Person) -> Person | None:
        """Who acts for this person, if somebody does."""
        return self._people.get(person.carer.id) if person.carer else None

    def payload(self, person: Person) -> str:
        """The text of this person's QR, naming their carer as the one who declared for them."""
        carer = self.carer(person)
        return payload(person, declarer_qid=carer.qid if carer else None)

    def note(
        self, kind: Kind, *, key: str | None, id: str, person: str | None, body: Resource
    ) -> None:
        """Remembers that something was written."""
        with self.lock:
            self.received.append(Received(kind, key, self.clock(), id, person, body))

    def correct(self, person_id: str, *, doses: bool, details: bool) -> Person:
        """Puts right the doses or the personal details of a wrong record: the truth replaces them."""

        def put_right(person: Person) -> Person:
            truth = person.truth or Truth()
            name = truth.name if details else None
            birth_date = truth.birth_date if details else None
            given = truth.doses if doses else None
            if name is None and birth_date is None and given is None:
                return person
            left = (
                replace(truth, doses=None) if doses else replace(truth, name=None, birth_date=None)
            )
            return replace(
                person,
                name=name or person.name,
                birth_date=birth_date or person.birth_date,
                doses=person.doses if given is None else given,
                truth=None if left == Truth() else left,
                version=person.version + 1,
                updated=self.clock(),
            )

        return self.change(person_id, put_right)

    def _found(self, person_id: str | None) -> Person | None:
        return None if person_id is None else self._people.get(person_id)
