"""The settings of talks with a person: when somebody answers in a chat, and for how long we wait."""

from pydantic import Field, field_validator

from core.people.hours import Hours
from gateway.settings_groups import Group, Positive


class TalkSettings(Group):
    """Talking to a person"""

    talk_hours: str = Field(
        "always",
        description="Hours (Viet Nam) at which somebody of yours answers in chats, such as "
        "`mon-fri 07:30-11:30 13:30-17:00; sat 07:30-11:30`. At other times people are told from "
        "when on. `always`, or `none`: nobody ever does.",
    )
    talk_minutes: Positive = Field(
        30,
        description="Minutes without a word from your side after which the gateway answers again "
        "by itself, and says so. Holds as well after somebody wrote in Zalo's own console.",
    )

    @field_validator("talk_hours")
    @classmethod
    def _readable_talk_hours(cls, value: str) -> str:
        _hours(value)
        return value

    @property
    def talk_hours_read(self) -> Hours:
        """``MOTCUA_TALK_HOURS``."""
        return _hours(self.talk_hours)


def _hours(written: str) -> Hours:
    """Raises ValueError."""
    return Hours.read("" if written.strip().lower() == "none" else written)
