"""In-memory twins of the platforms' ports, with a family and a form to try dialogues on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from core.clock import Deadline
from core.errors import Absent, Down, Late, Refused
from core.people.papers import Paper
from core.platform.forms import Condition as FormCondition
from core.platform.forms import Form, FormChoice, FormItem
from core.platform.ports import (
    Area,
    Citizen,
    Condition,
    Correction,
    Declaration,
    Dose,
    Due,
    Isolation,
    Known,
    NewPerson,
    PersonalRecord,
    Platforms,
    Risk,
    TestResult,
    Ticket,
)

Mood = Literal["well", "late", "down", "refused"]

PHONE = "+84912345678"
"""The family's one telephone, the mother's."""

MOTHER = Citizen(
    id="pat-mother",
    name="Nguyễn Thị Hồng Phượng Khánh Nguyệt Quỳnh",
    birth_date=date(1990, 2, 28),
    gender="female",
    papers=(Paper("cccd", "079190012345"), Paper("bhyt", "DN4797912345678")),
    qid="162979388586171101",
    phones=(PHONE,),
    carers=(),
    province="Thành phố Hồ Chí Minh",
)

CHILD = Citizen(
    id="pat-child",
    name="Tôn Nữ Công Tằng Nguyễn Khánh Nguyệt Bảo Trâm",
    birth_date=date(2018, 5, 17),
    gender="female",
    papers=(Paper("bhyt", "TE1797987654321"),),
    qid="162979388586171102",
    phones=(PHONE,),
    carers=(PHONE,),
    province="Thành phố Hồ Chí Minh",
)
"""Eight years old in 2026; the longest realistic name: nine syllables, 45 characters."""

FATHER = Citizen(
    id="pat-father",
    name="Vũ Ý",
    birth_date=date(1988, 2, 29),
    gender="male",
    papers=(Paper("cmnd", "024123456"),),
    qid=None,
    phones=("+84987654321",),
    carers=(),
    province="Tỉnh Bà Rịa - Vũng Tàu",
)
"""The shortest realistic name, born on 29 February, on a telephone of his own, without a QID."""

FAMILY = (MOTHER, CHILD, FATHER)

DOSES: dict[str, tuple[Dose, ...]] = {
    MOTHER.id: (
        Dose(date(2026, 1, 10), "Vaxzevria", 1, "ABW1234", "Trạm y tế phường Bến Nghé"),
        Dose(date(2026, 3, 14), "Vaxzevria", 2, "ABX5678", "Trạm y tế phường Bến Nghé"),
    ),
    CHILD.id: (Dose(date(2026, 4, 2), "Comirnaty", 1, None, None),),
}

RESULTS: dict[str, tuple[TestResult, ...]] = {
    MOTHER.id: (
        TestResult(
            "obs-1",
            "pcr",
            "not-detected",
            "final",
            datetime(2026, 11, 20, 1, 30, tzinfo=UTC),
            datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        ),
    ),
}


def _words(vi: str, en: str) -> dict[str, str]:
    return {"": vi, "vi": vi, "en": en}


FORM = Form(
    url="urn:motcua:form:general",
    version="2026.1",
    title=_words("Tờ khai y tế toàn dân", "General health declaration"),
    items=(
        FormItem(
            "warning",
            "display",
            _words(
                "Khai báo thông tin sai là vi phạm pháp luật Việt Nam.",
                "False statements are against the law of Viet Nam.",
            ),
        ),
        FormItem(
            "travel",
            "boolean",
            _words(
                "Trong vòng 14 ngày qua, Anh/Chị có đến tỉnh/thành phố, quốc gia nào không?",
                "In the last 14 days, have you been to another province or country?",
            ),
            required=True,
        ),
        FormItem(
            "travel-where",
            "string",
            _words("Anh/Chị đã đến những đâu?", "Where have you been?"),
            required=True,
            conditions=(FormCondition("travel", "=", True),),
            max_length=200,
        ),
        FormItem(
            "symptoms",
            "choice",
            _words(
                "Anh/Chị có dấu hiệu nào sau đây không?",
                "Which of these signs have you had in the last 14 days?",
            ),
            repeats=True,
            choices=(
                FormChoice("386661006", _words("Sốt", "Fever"), "http://snomed.info/sct"),
                FormChoice("49727002", _words("Ho", "Cough"), "http://snomed.info/sct"),
                FormChoice(
                    "267036007", _words("Khó thở", "Short of breath"), "http://snomed.info/sct"
                ),
            ),
        ),
        FormItem(
            "contact",
            "group",
            _words(
                "Trong vòng 14 ngày qua, Anh/Chị có tiếp xúc với",
                "In the last 14 days, have you been close to",
            ),
            items=(
                FormItem(
                    "contact-case",
                    "boolean",
                    _words(
                        "Người bệnh hoặc nghi ngờ mắc bệnh COVID-19?",
                        "somebody with COVID-19, or thought to have it?",
                    ),
                    required=True,
                ),
                FormItem(
                    "contact-signs",
                    "boolean",
                    _words(
                        "Người có biểu hiện sốt, ho, khó thở, viêm phổi?",
                        "somebody with fever, cough, short breath or pneumonia?",
                    ),
                    required=True,
                ),
            ),
        ),
    ),
)
"""A small form with every shape a dialogue must cope with: rule, several answers, group."""


AREAS = (
    Area("kh", "Khánh Hòa", "province", None, ("Ninh Thuận",)),
    Area("hcm", "Thành phố Hồ Chí Minh", "province", None, ("Bình Dương", "Bà Rịa - Vũng Tàu")),
    Area("kh-nt", "Phường Nha Trang", "ward", "kh", ("Phường Lộc Thọ", "Phường Tân Tiến")),
    Area("hcm-bn", "Phường Bến Nghé", "ward", "hcm", ("Quận 1",)),
    Area("hcm-sg", "Phường Sài Gòn", "ward", "hcm", ("Quận 1",)),
)

RISKS = {"kh-nt": Risk(1, date(2026, 11, 1)), "hcm-bn": Risk(3, date(2026, 11, 15))}


def payload_of(citizen: Citizen, declarer: str = "") -> str:
    """A stand-in for the Decision 1405 payload: only good for being handed back to `resolve`."""
    number = citizen.papers[0].number if citizen.papers else ""
    kind = "1" if declarer else "0"
    return f"{number}|{citizen.id.upper()}|{citizen.birth_date}|{kind}|{citizen.qid}|{declarer}"


@dataclass
class FakePlatforms:
    """All five ports in memory; set what it holds, and its `mood`, as the test needs.

    `mood` "late", "down" or "refused" makes every call raise that error; `"well"` answers.
    `declared` keeps (key, declaration) in the order they came, the same key once.
    `calls` names the methods that were called, for tests that count them.
    """

    people: list[Citizen] = field(default_factory=lambda: list(FAMILY))
    doses_of: dict[str, tuple[Dose, ...]] = field(default_factory=lambda: dict(DOSES))
    results_of: dict[str, tuple[TestResult, ...]] = field(default_factory=lambda: dict(RESULTS))
    current_form: Form = FORM
    declared: list[tuple[str, Declaration]] = field(default_factory=list)
    reported: dict[str, Condition] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    mood: Mood = "well"
    reason: str = "Mẫu tờ khai đã thay đổi"
    reason_in: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    as_of: datetime = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
    due_of: dict[str, Due] = field(default_factory=dict)
    passports: dict[str, str] = field(default_factory=dict)
    isolated: dict[str, Isolation] = field(default_factory=dict)
    declarers: dict[str, str] = field(default_factory=dict)
    """QID → the QID of whoever declared for them."""
    asked: dict[str, Ticket] = field(default_factory=dict)
    known_areas: tuple[Area, ...] = AREAS
    risk_of: dict[str, Risk] = field(default_factory=lambda: dict(RISKS))

    @property
    def platforms(self) -> Platforms:
        """The ports together, as the composition root would hand them out."""
        return Platforms(
            citizens=self,
            vaccinations=self,
            tests=self,
            declarations=self,
            corrections=self,
            risks=self,
            qr=self,
        )

    def by_phone(self, phone: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        self._answer("by_phone", "fhir", deadline)
        return tuple(person for person in self.people if phone in person.phones)

    def by_paper(self, paper: Paper, *, deadline: Deadline) -> tuple[Citizen, ...]:
        self._answer("by_paper", "fhir", deadline)
        return tuple(person for person in self.people if paper in person.papers)

    def by_qid(self, qid: str, *, deadline: Deadline) -> tuple[Citizen, ...]:
        self._answer("by_qid", "fhir", deadline)
        return tuple(person for person in self.people if person.qid == qid)

    def by_id(self, citizen_id: str, *, deadline: Deadline) -> Citizen:
        self._answer("by_id", "fhir", deadline)
        return _only("fhir", (person for person in self.people if person.id == citizen_id))

    def doses(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Dose, ...]]:
        self._answer("doses", "fhir", deadline)
        found = sorted(self.doses_of.get(citizen_id, ()), key=lambda dose: dose.on)
        return Known(tuple(found), self.as_of)

    def next_dose(self, citizen_id: str, *, deadline: Deadline) -> Known[Due | None]:
        self._answer("next_dose", "fhir", deadline)
        return Known(self.due_of.get(citizen_id), self.as_of)

    def passport(self, citizen_id: str, *, deadline: Deadline) -> str | None:
        self._answer("passport", "fhir", deadline)
        return self.passports.get(citizen_id)

    def results(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[TestResult, ...]]:
        self._answer("results", "fhir", deadline)
        found = self.results_of.get(citizen_id, ())
        newest_first = sorted(found, key=lambda result: result.sampled, reverse=True)
        return Known(tuple(newest_first), self.as_of)

    def isolation(self, citizen_id: str, *, deadline: Deadline) -> Known[Isolation | None]:
        self._answer("isolation", "fhir", deadline)
        return Known(self.isolated.get(citizen_id), self.as_of)

    def ask(self, correction: Correction, *, key: str, deadline: Deadline) -> Ticket:
        self._answer("ask", "fhir", deadline)
        if key not in self.asked:
            number = f"T{len(self.asked) + 1:04d}"
            about = correction.citizen_id
            self.asked[key] = Ticket(
                f"task-{number}", number, correction.kind, about, "received", correction.authored
            )
        return self.asked[key]

    def tickets(self, citizen_id: str, *, deadline: Deadline) -> Known[tuple[Ticket, ...]]:
        self._answer("tickets", "fhir", deadline)
        mine = (one for one in self.asked.values() if one.citizen_id == citizen_id)
        return Known(tuple(reversed(list(mine))), self.as_of)

    def ticket(self, ticket_id: str, *, deadline: Deadline) -> Ticket:
        self._answer("ticket", "fhir", deadline)
        for one in self.asked.values():
            if one.id == ticket_id:
                return one
        raise Absent("fhir")

    def areas(self, *, deadline: Deadline) -> tuple[Area, ...]:
        self._answer("areas", "fhir", deadline)
        return self.known_areas

    def risk(self, area_id: str, *, deadline: Deadline) -> Known[Risk | None]:
        self._answer("risk", "fhir", deadline)
        return Known(self.risk_of.get(area_id), self.as_of)

    def issue(self, person: NewPerson, *, key: str, deadline: Deadline) -> PersonalRecord:
        self._answer("issue", "qrqg", deadline)
        for one in self.people:
            if person.paper in one.papers and one.qid:
                return self._record(one)
        number = len(self.people)
        citizen = Citizen(
            id=f"pat-new-{number}",
            name=person.name,
            birth_date=person.birth_date,
            gender=person.gender,
            papers=(person.paper,),
            qid=f"1629793885861720{number:02d}",
            phones=(person.phone,) if person.phone else (),
            carers=(person.phone,) if person.phone and person.declarer_qid else (),
            province=None,
        )
        self.people.append(citizen)
        if person.declarer_qid:
            self.declarers[citizen.qid or ""] = person.declarer_qid
        return self._record(citizen)

    def form(self, *, deadline: Deadline) -> Form:
        self._answer("form", "fhir", deadline)
        return self.current_form

    def form_named(self, name: str, *, deadline: Deadline) -> Form:
        self._answer("form_named", "fhir", deadline)
        if name != self.current_form.name:
            raise Absent("fhir")
        return self.current_form

    def declare(self, declaration: Declaration, *, key: str, deadline: Deadline) -> str:
        self._answer("declare", "fhir", deadline)
        keys = [known for known, _ in self.declared]
        if key not in keys:
            self.declared.append((key, declaration))
            keys.append(key)
        return f"qr-{keys.index(key) + 1}"

    def report(self, condition: Condition, *, key: str, deadline: Deadline) -> str:
        self._answer("report", "fhir", deadline)
        self.reported.setdefault(key, condition)
        return key

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        self._answer("last_declared", "fhir", deadline)
        return max(
            (said.authored for _, said in self.declared if said.citizen_id == citizen_id),
            default=None,
        )

    def record(self, qid: str, *, deadline: Deadline) -> PersonalRecord:
        self._answer("record", "qrqg", deadline)
        return self._record(_only("qrqg", (one for one in self.people if one.qid == qid)))

    def resolve(self, payload: str, *, deadline: Deadline) -> PersonalRecord:
        self._answer("resolve", "qrqg", deadline)
        if payload.count("|") != 5:
            raise Refused("qrqg", "malformed payload")
        return self._record(
            _only("qrqg", (one for one in self.people if one.qid and self.payload(one) == payload))
        )

    def payload(self, citizen: Citizen) -> str:
        declarer = self.declarers.get(citizen.qid or "", "")
        return payload_of(citizen, declarer)

    def _record(self, citizen: Citizen) -> PersonalRecord:
        qid = citizen.qid or ""
        born = citizen.birth_date.isoformat() if citizen.birth_date else ""
        return PersonalRecord(
            qid, self.payload(citizen), qid not in self.revoked, citizen.name, born
        )

    def _answer(self, call: str, platform: str, deadline: Deadline) -> None:
        """Counts the call, then answers as the mood has it; nothing answers after the deadline."""
        self.calls.append(call)
        if self.mood == "late" or deadline.passed:
            raise Late(platform)
        if self.mood == "down":
            raise Down(platform)
        if self.mood == "refused":
            raise Refused(platform, reason=self.reason, translations=self.reason_in)


def _only(platform: str, found: Iterable[Citizen]) -> Citizen:
    for citizen in found:
        return citizen
    raise Absent(platform)
