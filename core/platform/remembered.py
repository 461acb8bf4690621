"""The platforms with a memory: while one is down or late, its last answer is told, with its age.

Only look-ups are remembered: never a write, and never who holds a paper, which is a proof of
identity. An answer is kept under what was asked about whom, so that nobody is told another's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.clock import Clock, Deadline
from core.errors import Down
from core.people.papers import Paper
from core.platform import remembered_forms as forms
from core.platform.ports import (
    Area,
    Citizen,
    Citizens,
    Correction,
    Corrections,
    Dose,
    Due,
    Isolation,
    Known,
    NationalQr,
    NewPerson,
    PersonalRecord,
    Platforms,
    Risk,
    RiskMap,
    TestResult,
    TestResults,
    Ticket,
    Vaccinations,
)
from core.platform.recollection import Memory, Recollection

MOST_REVOKED = 10_000


def remember(platforms: Platforms, memory: Memory, clock: Clock) -> Platforms:
    """The same platforms; their look-ups are remembered, all else goes straight to them."""
    before = Recollection(memory, clock)
    return replace(
        platforms,
        citizens=RememberedCitizens(platforms.citizens, before),
        vaccinations=RememberedVaccinations(platforms.vaccinations, before),
        tests=RememberedTestResults(platforms.tests, before),
        corrections=RememberedCorrections(platforms.corrections, before, clock),
        risks=RememberedRiskMap(platforms.risks, before),
        qr=RememberedQr(platforms.qr, before, clock),
    )


@dataclass(frozen=True, slots=True)
class RememberedCitizens:
    """Citizens, found again by phone and by QID."""

    platform: Citizens
    before: Recollection

    def by_phone(self, phone: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        found = self.before.plain(
            "by-phone",
            phone,
            forms.CITIZENS,
            lambda: self.platform.by_phone(phone, deadline=deadline),
        )
        return tuple(one for one in found if phone in one.phones)

    def by_paper(self, paper: Paper, *, deadline: Deadline) -> tuple[Citizen, ...]:
        return self.platform.by_paper(paper, deadline=deadline)

    def by_qid(self, qid: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        found = self.before.plain(
            "by-qid", qid, forms.CITIZENS, lambda: self.platform.by_qid(qid, deadline=deadline)
        )
        return tuple(one for one in found if one.qid == qid)

    def by_id(self, citizen_id: str, *, deadline: Deadline) -> Citizen:
        return self.platform.by_id(citizen_id, deadline=deadline)


@dataclass(frozen=True, slots=True)
class RememberedVaccinations:
    """Doses and the next one; a passport is a signed paper, and only the platform gives it."""

    platform: Vaccinations
    before: Recollection

    def doses(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Dose, ...]]:
        return self.before.known(
            "doses",
            citizen_id,
            forms.DOSES,
            lambda: self.platform.doses(citizen_id, deadline=deadline),
        )

    def next_dose(self, citizen_id: str, *, deadline: Deadline) -> Known[Due | None]:
        return self.before.known(
            "next-dose",
            citizen_id,
            forms.NEXT_DOSE,
            lambda: self.platform.next_dose(citizen_id, deadline=deadline),
        )

    def passport(self, citizen_id: str, *, deadline: Deadline) -> str | None:
        return self.platform.passport(citizen_id, deadline=deadline)


@dataclass(frozen=True, slots=True)
class RememberedTestResults:
    """Laboratory results and isolation."""

    platform: TestResults
    before: Recollection

    def results(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[TestResult, ...]]:
        return self.before.known(
            "results",
            citizen_id,
            forms.RESULTS,
            lambda: self.platform.results(citizen_id, deadline=deadline),
        )

    def isolation(self, citizen_id: str, *, deadline: Deadline) -> Known[Isolation | None]:
        return self.before.known(
            "isolation",
            citizen_id,
            forms.ISOLATION,
            lambda: self.platform.isolation(citizen_id, deadline=deadline),
        )


@dataclass(frozen=True, slots=True)
class RememberedCorrections:
    """Tickets about a person; one that was just opened is among them, whatever comes next."""

    platform: Corrections
    before: Recollection
    clock: Clock

    def ask(self, correction: Correction, *, key: str, deadline: Deadline) -> Ticket:
        ticket = self.platform.ask(correction, key=key, deadline=deadline)
        about = correction.citizen_id
        known = self.before.recall("tickets", about, forms.TICKETS) or Known((), self.clock())
        others = tuple(one for one in known.value if one.id != ticket.id)
        # The others are no younger for it.
        self.before.keep("tickets", about, forms.TICKETS, replace(known, value=(ticket, *others)))
        return ticket

    def tickets(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Ticket, ...]]:
        return self.before.known(
            "tickets",
            citizen_id,
            forms.TICKETS,
            lambda: self.platform.tickets(citizen_id, deadline=deadline),
        )

    def ticket(self, ticket_id: str, *, deadline: Deadline) -> Ticket:
        return self.platform.ticket(ticket_id, deadline=deadline)


@dataclass(frozen=True, slots=True)
class RememberedRiskMap:
    """The risk of an area; the list of areas is public, large, and kept by whoever uses it."""

    platform: RiskMap
    before: Recollection

    def areas(self, *, deadline: Deadline) -> tuple[Area, ...]:
        return self.platform.areas(deadline=deadline)

    def risk(self, area_id: str, *, deadline: Deadline) -> Known[Risk | None]:
        return self.before.known(
            "risk", area_id, forms.RISK, lambda: self.platform.risk(area_id, deadline=deadline)
        )


@dataclass(frozen=True, slots=True)
class RememberedQr:
    """Personal QRs. One that we have learned is revoked is never again told as if it held."""

    platform: NationalQr
    before: Recollection
    clock: Clock
    _revoked: dict[str, None] = field(default_factory=dict)
    """QIDs, in case the storage could not be told."""

    def issue(self, person: NewPerson, *, key: str, deadline: Deadline) -> PersonalRecord:
        return self._learned(self.platform.issue(person, key=key, deadline=deadline))

    def record(self, qid: str, *, deadline: Deadline) -> PersonalRecord:
        told = self.before.plain("record", qid, forms.RECORD, self._asking(qid, deadline))
        if told.qid != qid or (told.active and qid in self._revoked):
            raise Down("qrqg", "what is remembered does not hold")
        return told

    def resolve(self, payload: str, *, deadline: Deadline) -> PersonalRecord:
        return self._learned(self.platform.resolve(payload, deadline=deadline))

    def _asking(self, qid: str, deadline: Deadline) -> Callable[[], PersonalRecord]:
        def ask() -> PersonalRecord:
            told = self.platform.record(qid, deadline=deadline)
            self._note(told)
            return told

        return ask

    def _learned(self, told: PersonalRecord) -> PersonalRecord:
        self._note(told)
        self.before.keep("record", told.qid, forms.RECORD, Known(told, self.clock()))
        return told

    def _note(self, told: PersonalRecord) -> None:
        if told.active:
            self._revoked.pop(told.qid, None)
            return
        self._revoked[told.qid] = None
        while len(self._revoked) > MOST_REVOKED:
            self._revoked.pop(next(iter(self._revoked.copy())), None)
