"""A vaccine passport was issued. It holds for months: nobody is woken for it."""

from __future__ import annotations

from datetime import timedelta

from core.notices.notice import STALE, Desk, Finding, Notice, Say
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.text import _

READY = _("The vaccine passport of {name} has been issued. Reply TIEM to see the doses.")
USEFUL = timedelta(days=30)


def look(event: Event, desk: Desk) -> Finding:
    """The passport that holds now; the same one again is no news."""
    if event.citizen_id is None or (event.at is not None and event.at < desk.now - STALE):
        return None
    passport = desk.platforms.vaccinations.passport(event.citizen_id, deadline=desk.deadline)
    if passport is None:
        return None
    return Say(
        citizen_id=event.citizen_id,
        said=passport,
        first=READY,
        again=READY,
        purpose=Purpose.TICKET,
        useless_after=desk.now + USEFUL,
    )


PASSPORT_READY = Notice("passport", look, worst=(READY,))
