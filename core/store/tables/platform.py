"""What the platforms said, what waits for them, and the news of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from core.store.tables.columns import blind, metadata, moment, one_of, sealed

deferred = Table(
    "deferred",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("key", Text, unique=True, nullable=False),
    Column("platform", Text, nullable=False),
    blind("person_key", nullable=True),
    sealed("body", nullable=True),
    Column("state", Text, nullable=False),
    moment("lease_until", nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    moment("created_at"),
    moment("done_at", nullable=True),
    one_of("state", ("new", "done", "failed")),
    Index("deferred_new", "platform", "lease_until", postgresql_where=text("state = 'new'")),
    Index("deferred_person", "person_key", "seq", postgresql_where=text("state = 'new'")),
)

remembered = Table(
    "remembered",
    metadata,
    blind("subject_index", key=True),
    sealed("value"),
    blind("value_index"),
    moment("as_of"),
    Index("remembered_as_of", "as_of"),
)

event = Table(
    "event",
    metadata,
    Column("kind", Text, primary_key=True),
    blind("thing_index", key=True),
    sealed("thing", nullable=True),
    Column("version", Text, nullable=True),
    moment("at", nullable=True),
    Column("turn", Integer, nullable=False),
    Column("handled", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    moment("lease_until", nullable=True),
    moment("try_at"),
    blind("said_index", nullable=True),
    Column("times", Integer, nullable=False),
    moment("seen_at"),
    Index("event_waiting", "try_at", postgresql_where=text("handled < turn")),
)

event_told = Table(
    "event_told",
    metadata,
    Column("kind", Text, primary_key=True),
    blind("thing_index", key=True),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("network", Text, nullable=False),
    moment("at"),
    Index("event_told_person_id", "person_id"),
)

check_in = Table(
    "check_in",
    metadata,
    blind("episode_index", key=True),
    blind("citizen_index"),
    sealed("about"),
    sealed("feeling", nullable=True),
    moment("asked_at"),
    moment("waiting_since", nullable=True),
    moment("ended_at", nullable=True),
    Index("check_in_citizen_index", "citizen_index"),
    Index("check_in_asked_at", "asked_at"),
)

check_in_reader = Table(
    "check_in_reader",
    metadata,
    Column(
        "episode_index",
        LargeBinary,
        ForeignKey("check_in.episode_index", ondelete="CASCADE"),
        primary_key=True,
        info={"hidden": "blind"},
    ),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Index("check_in_reader_person_id", "person_id"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("kind", Text, primary_key=True),
    moment("began_at"),
    moment("since"),
    moment("asked_at"),
)
