"""A ticket about a wrong record has moved. The reason is read by asking: it may be long."""

from __future__ import annotations

from datetime import timedelta

from core.dialogues.correct import STATES
from core.notices.notice import STALE, Desk, Finding, Notice, Say
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.text import _, plain

MOVED = _("Your report {number} about the record of {name}: {state}. Reply SAI to read more.")
USEFUL = timedelta(days=7)


def look(event: Event, desk: Desk) -> Finding:
    """The ticket as it stands now; that it was received, its owner knows."""
    ticket = desk.platforms.corrections.ticket(event.id, deadline=desk.deadline)
    if ticket.state == "received" or ticket.moved < desk.now - STALE:
        return None
    moved = MOVED.with_(number=plain(ticket.number), state=STATES[ticket.state])
    return Say(
        citizen_id=ticket.citizen_id,
        said=f"{ticket.state} {ticket.reason or ''}",
        first=moved,
        again=moved,
        purpose=Purpose.TICKET,
        useless_after=desk.now + USEFUL,
    )


TICKET_MOVED = Notice(
    "ticket",
    look,
    worst=tuple(
        MOVED.with_(number=plain("T2026-123456"), state=state) for state in STATES.values()
    ),
)
