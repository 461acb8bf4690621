"""The settings of what we write on our own account, and when."""

from pydantic import Field

from core.notices.notice import Span
from gateway.settings_groups import Group, Seconds


class NoticeSettings(Group):
    """What we send on our own account"""

    declaration_remind_hours: float = Field(
        3.0,
        ge=0,
        description="Hours before a declaration runs out (`MOTCUA_DECLARATION_HOURS` after it was "
        "made) at which its author is reminded, once; where people sleep then, the evening "
        "before. 0: never.",
    )
    test_hours: Seconds = Field(
        72.0,
        description="Hours a negative test counts, from the sampling, where the province has no "
        "rule of its own.",
    )
    test_remind_hours: float = Field(
        12.0, ge=0, description="Hours before that at which people are told, once. 0: never."
    )

    @property
    def tested(self) -> Span:
        """How long a test counts, and when people are told."""
        return Span(self.test_hours, self.test_remind_hours)
