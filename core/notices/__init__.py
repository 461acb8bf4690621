"""What we say on our own account, one file each; `NOTICES` lists them all."""

from __future__ import annotations

from core.notices.dose_due import DOSE_DUE
from core.notices.notice import Notice
from core.notices.qr_revoked import QR_REVOKED
from core.notices.result_ready import RESULT_READY
from core.notices.ticket_moved import TICKET_MOVED

NOTICES: tuple[Notice, ...] = (RESULT_READY, TICKET_MOVED, DOSE_DUE, QR_REVOKED)
"""Every notice; each has its own kind of event."""
