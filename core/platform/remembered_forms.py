"""The written forms of what is remembered: each kind of answer as JSON, and back, checked."""

from __future__ import annotations

from pydantic import TypeAdapter

from core.platform.ports import (
    Citizen,
    Dose,
    Due,
    Isolation,
    PersonalRecord,
    Risk,
    TestResult,
    Ticket,
)

CITIZENS = TypeAdapter(tuple[Citizen, ...])
DOSES = TypeAdapter(tuple[Dose, ...])
NEXT_DOSE: TypeAdapter[Due | None] = TypeAdapter(Due | None)
RESULTS = TypeAdapter(tuple[TestResult, ...])
ISOLATION: TypeAdapter[Isolation | None] = TypeAdapter(Isolation | None)
TICKETS = TypeAdapter(tuple[Ticket, ...])
RISK: TypeAdapter[Risk | None] = TypeAdapter(Risk | None)
RECORD = TypeAdapter(PersonalRecord)
