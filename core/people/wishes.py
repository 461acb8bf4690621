"""What people do not want to be sent: everything on our own account, or one topic of it."""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    """What can be refused, and asked for again, by itself."""

    ALL = "all"
    RESULT = "result"
    """Test results, and what becomes of a report that a record is wrong."""
    REMINDER = "reminder"
    CAMPAIGN = "campaign"
