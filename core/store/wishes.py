"""Who refused what: the one place where it is written down, lifted, and asked."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from core.outbox.outgoing import Purpose
from core.outbox.topics import topics_against
from core.people.wishes import Topic
from core.store.tables import refusal

REFUSED: Final = """EXISTS (SELECT FROM refusal WHERE refusal.person_id = owner.id
    AND refusal.lifted_at IS NULL AND refusal.topic IN ('all', asked.topic))"""
"""The rule in SQL, for a person `owner` and a topic `asked.topic` (NULL: nothing was asked for).

For many messages at once; `refused` is the same rule for one.
"""


def refuse(
    connection: Connection, person_id: uuid.UUID, topic: Topic, source: str, now: datetime
) -> None:
    """From now on nothing about this topic; said twice, it is one refusal.

    `source` is the channel it came by, or `provider` for one made there.
    """
    connection.execute(
        insert(refusal)
        .values(person_id=person_id, topic=topic, source=source, created_at=now)
        .on_conflict_do_nothing()
    )


def welcome(
    connection: Connection, person_id: uuid.UUID, topic: Topic, source: str, now: datetime
) -> None:
    """This topic again. Whoever had refused everything goes on refusing the other topics."""
    standing = set(_standing(connection, (person_id,))[person_id])
    if topic is Topic.ALL:
        lifted = standing
    else:
        lifted = standing & {Topic.ALL, topic}
        if Topic.ALL in standing:
            for other in (Topic.RESULT, Topic.REMINDER, Topic.CAMPAIGN):
                if other is not topic:
                    refuse(connection, person_id, other, source, now)
    connection.execute(
        update(refusal)
        .where(_stands(person_id), refusal.c.topic.in_([str(one) for one in lifted]))
        .values(lifted_at=now)
    )


def refused(connection: Connection, person_id: uuid.UUID, purpose: Purpose) -> bool:
    """Does this person want nothing of this purpose? What they asked for is never refused."""
    against = topics_against(purpose)
    found = select(refusal.c.id).where(_stands(person_id), refusal.c.topic.in_(against)).limit(1)
    return bool(against) and connection.execute(found).first() is not None


def refusals(
    connection: Connection, people: Collection[uuid.UUID]
) -> dict[uuid.UUID, frozenset[Topic]]:
    """What each of these people refuses; whoever refuses nothing is not among them."""
    return {person: frozenset(topics) for person, topics in _standing(connection, people).items()}


def pass_on(connection: Connection, person_id: uuid.UUID, heir: uuid.UUID) -> None:
    """What somebody refused is refused by the person they turned out to be."""
    standing = refusal.c.topic.in_(
        select(refusal.c.topic).where(_stands(heir)).scalar_subquery()
    ) & refusal.c.lifted_at.is_(None)
    connection.execute(delete(refusal).where(refusal.c.person_id == person_id, standing))
    connection.execute(
        update(refusal).where(refusal.c.person_id == person_id).values(person_id=heir)
    )


def _standing(connection: Connection, people: Collection[uuid.UUID]) -> dict[uuid.UUID, set[Topic]]:
    found: dict[uuid.UUID, set[Topic]] = defaultdict(set)
    rows = select(refusal.c.person_id, refusal.c.topic).where(
        refusal.c.person_id.in_(people), refusal.c.lifted_at.is_(None)
    )
    for row in connection.execute(rows):
        found[row.person_id].add(Topic(row.topic))
    return found


def _stands(person_id: uuid.UUID) -> ColumnElement[bool]:
    return (refusal.c.person_id == person_id) & refusal.c.lifted_at.is_(None)
