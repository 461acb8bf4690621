"""The national QR platform (QRQG): issues the personal QR, shows it, resolves a scanned payload."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pybreaker

from core.clock import Clock, Deadline, now
from core.errors import Absent, Down, Refused
from core.platform.auth import Credentials
from core.platform.http import Call, PlatformHttp
from core.platform.limits import Limits
from core.platform.ports import NewPerson, PersonalRecord
from core.platform.reading import Json, Object, mapping, text, whole_date
from core.platform.watch import anomaly

PLATFORM = "qrqg"

STATES = {"active": True, "revoked": False}
LONGEST_PAYLOAD = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class QrqgSettings:
    """Where the national QR platform is, and as whom the gateway comes (None: no token)."""

    url: str
    credentials: Credentials | None = None
    limits: Limits = field(default_factory=Limits)


class Qrqg:
    """Implements NationalQr; safe between threads."""

    def __init__(
        self,
        settings: QrqgSettings,
        *,
        http: PlatformHttp | None = None,
        breaker_storage: pybreaker.CircuitBreakerStorage | None = None,
        clock: Clock = now,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """`http` only to replace the usual client; `breaker_storage` shares the breaker's state."""
        self._http = http or PlatformHttp(
            PLATFORM,
            settings.url,
            credentials=settings.credentials,
            reason=lambda body: (text(mapping(body).get("reason"), longest=300), {}),
            breaker_storage=breaker_storage,
            limits=settings.limits,
            clock=clock,
            tick=tick,
        )

    def record(self, qid: str, *, deadline: Deadline) -> PersonalRecord:
        """The personal QR behind a QID; raises Absent."""
        operation = "qr-record"
        call = Call(operation=operation, path="v1/personal-qr/{qid}", parts={"qid": qid})
        answer = mapping(self._http.ask(call, deadline=deadline).body)
        if answer.get("qid") != qid:
            raise self._senseless(operation, "another QID")
        return self._record(answer, _payload(answer.get("payload")), operation)

    def resolve(self, payload: str, *, deadline: Deadline) -> PersonalRecord:
        """An authorised look-up of a scanned payload; raises Absent (unknown) or Refused (malformed).

        QRQG compares the payload with its record, so that of the answer is the one that was asked.
        """
        operation = "qr-resolve"
        asked = _payload(payload)
        if asked is None:
            raise Refused(PLATFORM, "no payload")
        call = Call(
            operation=operation, method="POST", path="v1/resolve", body={"payload": payload}
        )
        answer = mapping(self._http.ask(call, deadline=deadline).body)
        fields = payload.split("|")
        if len(fields) > 4 and answer.get("qid") != fields[4]:
            raise self._senseless(operation, "another QID")
        return self._record(answer, asked, operation)

    def issue(self, person: NewPerson, *, key: str, deadline: Deadline) -> PersonalRecord:
        """Gives a personal QR, or the one this paper has already; the same key registers once.

        Raises Refused when the platform does not accept the details.
        """
        operation = "qr-issue"
        call = Call(
            operation=operation,
            method="POST",
            path="v1/personal-qr",
            headers={"Idempotency-Key": key},
            body=_application(person),
        )
        try:
            answer = mapping(self._http.ask(call, deadline=deadline).body)
        except Absent:
            raise self._senseless(operation, "no such place to write to") from None
        qid, payload = text(answer.get("qid"), longest=64), _payload(answer.get("payload"))
        if qid is None or payload is None:
            raise self._senseless(operation, "no QID or no payload")
        born, fields = person.birth_date.isoformat(), payload.split("|")
        if len(fields) > 4 and (fields[2], fields[4]) != (born, qid):
            raise self._senseless(operation, "somebody else")
        return PersonalRecord(qid, payload, True, person.name, born)

    @property
    def state(self) -> str:
        """Whether calls go through: the state of the circuit breaker, "closed" when they do."""
        return self._http.state

    def close(self) -> None:
        """Gives the connections back."""
        self._http.close()

    def _record(self, answer: Object, payload: str | None, operation: str) -> PersonalRecord:
        """The record; raises Down when it lacks what a personal QR cannot be without."""
        person = mapping(answer.get("person"))
        status = answer.get("status")
        active = STATES.get(status) if isinstance(status, str) else None
        qid, name = text(answer.get("qid"), longest=64), text(person.get("name"), longest=120)
        if qid is None or payload is None or name is None or active is None:
            raise self._senseless(operation, "a record with something missing")
        born = whole_date(person.get("birthDate"))
        if born is None:
            anomaly(PLATFORM, operation, "no birth date")
        return PersonalRecord(qid, payload, active, name, born or "")

    def _senseless(self, operation: str, kind: str) -> Down:
        anomaly(PLATFORM, operation, kind)
        return Down(PLATFORM, kind)


def _application(person: NewPerson) -> dict[str, Any]:
    """What is asked of QRQG; what is not known is not said."""
    about = {"declarer": person.declarer_qid, "phone": person.phone, "bhyt": person.bhyt}
    return {
        "paper": {"type": person.paper.type, "number": person.paper.number},
        "name": person.name,
        "birthDate": person.birth_date.isoformat(),
        "gender": person.gender,
        **{field: value for field, value in about.items() if value is not None},
    }


def _payload(value: Json) -> str | None:
    """A payload as it stands: it is drawn as a QR, so not a letter of it may change."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_PAYLOAD:
        return None
    return value if value.isprintable() else None
