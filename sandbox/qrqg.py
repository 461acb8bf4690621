"""The national QR platform: issues the personal QR, shows it, and resolves a scanned payload."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from flask import Blueprint, Response, jsonify, request

from sandbox.fhir.routes import login_needed
from sandbox.people.papers import plain_upper, qid_for
from sandbox.people.person import (
    VIETNAM,
    Carer,
    Gender,
    Paper,
    PaperType,
    Person,
    Relation,
)
from sandbox.state import Sandbox
from sandbox.world import World

BHYT_SHAPE = r"[A-Z]{2}\d{13}|\d{10}"

PAPER_SHAPES: dict[str, tuple[PaperType, str]] = {
    "cccd": ("cccd", r"\d{12}"),
    "cmnd": ("cmnd", r"\d{9}"),
    "passport": ("passport", r"[A-Z0-9]{6,9}"),
    "bhyt": ("bhyt", BHYT_SHAPE),
}
"""What somebody can be found by. A QR names one of the first three (Decision 1405/QĐ-BTTTT), so nobody
new is registered with a health insurance card alone."""

GENDERS: tuple[Gender, ...] = get_args(Gender)
PHONE_SHAPE = r"\+[1-9]\d{6,14}"
LONGEST_NAME = 100
A_GENERATION = 15
"""Years."""


@dataclass
class Refusal(Exception):
    """A request QRQG cannot serve: HTTP status, a word for programs, a reason for people.

    The reason is in Vietnamese where a person could do something about it; `field` names what is wrong.
    """

    status: int
    error: str
    reason: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """What is asked of QRQG when somebody is to get their personal QR; checked."""

    paper: Paper
    name: str
    birth_date: date
    gender: Gender
    declarer: str | None
    phone: str | None
    bhyt: str | None


class QrqgRoutes:
    """Answers for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._answers: dict[str, tuple[Any, dict[str, Any], int]] = {}

    def blueprint(self) -> Blueprint:
        """All routes, to be mounted under /qrqg."""
        routes = Blueprint("qrqg", __name__)
        routes.before_request(self._authenticate)
        routes.register_error_handler(Refusal, refused)
        routes.add_url_rule("/v1/personal-qr", view_func=self.issue, methods=["POST"])
        routes.add_url_rule("/v1/personal-qr/<qid>", view_func=self.show, methods=["GET"])
        routes.add_url_rule("/v1/resolve", view_func=self.resolve, methods=["POST"])
        return routes

    def _authenticate(self) -> Response | None:
        held = self._sandbox.tokens.holds(request.headers.get("Authorization"))
        return None if held else login_needed()

    def _today(self) -> date:
        return self._sandbox.clock().astimezone(VIETNAM).date()

    def issue(self) -> tuple[Response, int]:
        """The person's one QID: 201 when it is new, 200 when they had it; a key answers once."""
        body = _body()
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            raise Refusal(400, "key-missing", "Idempotency-Key is required")
        with self._world.lock:
            if key in self._answers:
                asked, answer, status = self._answers[key]
                if asked != body:
                    raise Refusal(422, "key-reused", "this key was used for something else")
                return jsonify(answer), status
            person, new = self._register(read_application(body, self._today()))
            answer = {"qid": person.qid, "payload": self._world.payload(person)}
            status = 201 if new else 200
            self._answers[key] = (body, answer, status)
            self._world.note("registration", key=key, id=person.qid, person=person.id, body=body)
        return jsonify(answer), status

    def show(self, qid: str) -> Response:
        """The personal QR behind a QID."""
        person = self._world.by_qid(qid)
        if person is None:
            raise Refusal(404, "unknown", "no such QID")
        answer = {"qid": qid, "payload": self._world.payload(person), "status": _status(person)}
        return jsonify(answer | {"person": _reference(person)})

    def resolve(self) -> Response:
        """The person whose payload was scanned; what does not agree with the record is refused."""
        payload = _body().get("payload")
        fields = payload.split("|") if isinstance(payload, str) else []
        if len(fields) != 6 or not fields[4] or fields[3] not in ("0", "1"):
            raise Refusal(422, "malformed", "not a personal QR of Decision 1405/QĐ-BTTTT")
        _, name, born, _, qid, _ = fields
        person = self._world.by_qid(qid)
        if person is None:
            raise Refusal(404, "unknown", "no such QID")
        if name != plain_upper(person.name) or born != person.birth_date.isoformat():
            raise Refusal(422, "does-not-agree", "name or date of birth differ from the record")
        return jsonify({"qid": qid, "status": _status(person), "person": _reference(person)})

    def _register(self, asked: Application) -> tuple[Person, bool]:
        known = self._world.by_paper(asked.paper)
        if known:
            same = plain_upper(known.name) == plain_upper(asked.name)
            if not same or known.birth_date != asked.birth_date:
                raise Refusal(
                    422,
                    "does-not-agree",
                    "Số giấy tờ này đã được đăng ký với họ tên hoặc ngày sinh khác.",
                    "paper.number",
                )
            return known, False
        if asked.paper.type == "bhyt":
            raise Refusal(
                422,
                "paper-needed",
                "Cần số CCCD, CMND hoặc hộ chiếu để cấp mã QR cá nhân.",
                "paper.type",
            )
        person = newcomer(asked, self._world)
        self._world.admit(person, later=True)
        return person, True


def newcomer(asked: Application, world: World) -> Person:
    """Somebody nobody had on file, about to be.

    A declarer becomes their carer, and the declarer's telephone one they are reached at.
    """
    declarer = world.by_qid(asked.declarer) if asked.declarer else None
    if asked.declarer and declarer is None:
        raise Refusal(422, "declarer-unknown", "Không tìm thấy người khai hộ.", "declarer")
    qid = qid_for(asked.paper, seed=world.seed)
    papers = (asked.paper, *([Paper("bhyt", asked.bhyt)] if asked.bhyt else []))
    family = declarer.reached_at if declarer else None
    return Person(
        id=f"p-{qid}",
        household=declarer.household if declarer else f"h-{qid}",
        name=" ".join(asked.name.split()),
        gender=asked.gender,
        birth_date=asked.birth_date,
        papers=papers,
        qid=qid,
        story="registered",
        about="Registered while the sandbox was running.",
        province=declarer.province if declarer else None,
        phone=asked.phone if asked.phone != family else None,
        family_phone=family,
        carer=Carer(declarer.id, _relation(declarer, asked.birth_date)) if declarer else None,
        updated=world.clock(),
    )


def _relation(declarer: Person, born: date) -> Relation:
    """What the declarer most likely is to somebody born that day; the platform is not told."""
    years = born.year - declarer.birth_date.year
    if years >= A_GENERATION:
        return "mother" if declarer.gender == "female" else "father"
    if years <= -A_GENERATION:
        return "daughter" if declarer.gender == "female" else "son"
    return "relative"


def read_application(body: Mapping[str, Any], today: date) -> Application:
    """Checks every field. Raises Refusal (422)."""
    paper = body.get("paper")
    if not isinstance(paper, dict) or str(paper.get("type")) not in PAPER_SHAPES:
        raise _wrong("paper.type")
    kind, shape = PAPER_SHAPES[paper["type"]]
    number = _matching(paper.get("number"), shape, "paper.number")
    name = body.get("name")
    good = isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME
    if not isinstance(name, str) or not good or "|" in name or "<" in name:
        raise _wrong("name")
    gender = next((each for each in GENDERS if each == body.get("gender")), None)
    if gender is None:
        raise _wrong("gender")
    return Application(
        paper=Paper(kind, number),
        name=name,
        birth_date=_day(body.get("birthDate"), today),
        gender=gender,
        declarer=_optional(body, "declarer", r"\S{1,64}"),
        phone=_optional(body, "phone", PHONE_SHAPE),
        bhyt=_optional(body, "bhyt", BHYT_SHAPE),
    )


def refused(problem: Refusal) -> tuple[Response, int]:
    """A refusal as an answer."""
    answer = {"error": problem.error, "reason": problem.reason}
    return jsonify(answer | ({"field": problem.field} if problem.field else {})), problem.status


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refusal(400, "not-json", "the body must be a JSON object")
    return body


def _day(value: Any, today: date) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong("birthDate") from None
    if not date(1890, 1, 1) <= day <= today:
        raise _wrong("birthDate")
    return day


def _optional(body: Mapping[str, Any], field: str, shape: str) -> str | None:
    value = body.get(field)
    return None if value is None else _matching(value, shape, field)


def _matching(value: Any, shape: str, field: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(shape, value, re.ASCII):
        raise _wrong(field)
    return value


WRONG = {
    "paper.type": "Loại giấy tờ không hợp lệ.",
    "paper.number": "Số giấy tờ không đúng dạng.",
    "name": "Họ tên không hợp lệ.",
    "gender": "Giới tính không hợp lệ.",
    "birthDate": "Ngày sinh không hợp lệ.",
    "declarer": "Mã QID của người khai hộ không hợp lệ.",
    "phone": "Số điện thoại không hợp lệ.",
    "bhyt": "Số thẻ BHYT không hợp lệ.",
}
"""Field → what a person is told about it."""


def _wrong(field: str) -> Refusal:
    return Refusal(422, "invalid", WRONG[field], field)


def _status(person: Person) -> str:
    return "active" if person.qr_active else "revoked"


def _reference(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "birthDate": person.birth_date.isoformat(),
        "gender": person.gender,
    }
