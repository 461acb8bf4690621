"""Which topic each of our purposes belongs to, for those who refused one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.outbox.outgoing import Purpose
from core.people.wishes import Topic

TOPIC_OF: Mapping[Purpose, Topic] = MappingProxyType(
    {
        Purpose.RESULT: Topic.RESULT,
        Purpose.TICKET: Topic.RESULT,
        Purpose.REMINDER: Topic.REMINDER,
        Purpose.CHECKIN: Topic.REMINDER,
        Purpose.CAMPAIGN: Topic.CAMPAIGN,
    }
)
"""The topic of what we send on our own account. The rest was asked for, and cannot be refused."""


def topics_against(purpose: Purpose) -> tuple[Topic, ...]:
    """Whoever refused one of these gets nothing of this purpose; none: it is always sent."""
    topic = TOPIC_OF.get(purpose)
    return () if topic is None else (Topic.ALL, topic)
