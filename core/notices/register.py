"""Every notice there is, one file each."""

from __future__ import annotations

from core.notices.declaration_due import DECLARATION_DUE
from core.notices.dose_due import DOSE_DUE
from core.notices.isolation import ISOLATION
from core.notices.notice import Notice
from core.notices.passport_ready import PASSPORT_READY
from core.notices.qr_revoked import QR_REVOKED
from core.notices.result_ready import RESULT_READY
from core.notices.ticket_moved import TICKET_MOVED
from core.notices.validity import TEST_VALIDITY

NOTICES: tuple[Notice, ...] = (
    RESULT_READY,
    TEST_VALIDITY,
    DECLARATION_DUE,
    DOSE_DUE,
    ISOLATION,
    PASSPORT_READY,
    TICKET_MOVED,
    QR_REVOKED,
)
"""Every notice; each has its own kind of event."""
