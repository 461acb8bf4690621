"""A health declaration counts for so many hours only: told once, some hours before that is over.

How long it counts is not written anywhere official (facts: declaration), so it is a setting. Only
who has declared is reminded; whoever declares anew hears of the new one's end alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from core.clock import Deadline
from core.notices.hours import before
from core.notices.notice import Desk, Finding, Notice, Say, Wait
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.platform.forms import Form
from core.platform.ports import Condition, Declaration, Declarations
from core.text import _

RUNS_OUT = _("{name}: your health declaration counts until {until}. To declare again, reply KB.")

_log = structlog.get_logger("news")


class Taking(Protocol):
    def __call__(self, event: Event) -> bool: ...


@dataclass(frozen=True, slots=True)
class NotedDeclarations:
    """The declarations' port; whatever is declared through it is an event of our own.

    The platform tells of no declaration: a whole country's would be too many to ask for.
    """

    platform: Declarations
    take: Taking

    def form(self, *, deadline: Deadline) -> Form:
        return self.platform.form(deadline=deadline)

    def form_named(self, name: str, *, deadline: Deadline) -> Form:
        return self.platform.form_named(name, deadline=deadline)

    def last_declared(self, citizen_id: str, *, deadline: Deadline) -> datetime | None:
        return self.platform.last_declared(citizen_id, deadline=deadline)

    def report(self, condition: Condition, *, key: str, deadline: Deadline) -> str:
        return self.platform.report(condition, key=key, deadline=deadline)

    def declare(self, declaration: Declaration, *, key: str, deadline: Deadline) -> str:
        made = self.platform.declare(declaration, key=key, deadline=deadline)
        about = declaration.citizen_id
        try:
            self.take(Event("declaration", about, None, about, declaration.authored))
        except Exception as error:  # noqa: BLE001  (it is declared, whether we can remind or not)
            _log.warning("declaration_not_noted", error=type(error).__name__)
        return made


def look(event: Event, desk: Desk) -> Finding:
    """The newest declaration, wherever it was made."""
    span = desk.policy.declared
    if event.citizen_id is None or not span.ahead:
        return None
    made = desk.platforms.declarations.last_declared(event.citizen_id, deadline=desk.deadline)
    if made is None:
        return None
    until = made + timedelta(hours=span.hours)
    tell_at = before(until, span.ahead)
    if desk.now >= until:
        return None
    if desk.now < tell_at:
        return Wait(tell_at)
    words = RUNS_OUT.with_(until=until)
    return Say(
        citizen_id=event.citizen_id,
        said=until.isoformat(),
        first=words,
        again=words,
        purpose=Purpose.REMINDER,
        useless_after=until,
    )


DECLARATION_DUE = Notice(
    "declaration",
    look,
    worst=(RUNS_OUT.with_(until=datetime.fromisoformat("2026-12-30T23:59:00+07:00")),),
)
