"""A personal QR was revoked: short codes that stood for it end at once. Nobody is written to."""

from __future__ import annotations

from core.errors import Absent
from core.notices.notice import Desk, Finding, Notice
from core.notices.ports import Event


def look(event: Event, desk: Desk) -> Finding:
    """Asks the national QR platform whether the QID still holds."""
    try:
        active = desk.platforms.qr.record(event.id, deadline=desk.deadline).active
    except Absent:
        active = False
    if not active:
        desk.revoke(event.id)
    return None


QR_REVOKED = Notice("qr", look)
