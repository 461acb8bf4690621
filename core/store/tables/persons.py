"""Whom we know: people, where they are reached, what they agreed to and refused."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from core.people.wishes import Topic
from core.store.tables.columns import blind, metadata, moment, number, one_of, sealed

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("phone_index", LargeBinary, unique=True, nullable=True, info={"hidden": "blind"}),
    sealed("phone", nullable=True),
    Column("language", Text, nullable=False),
    Column("accents", Boolean, nullable=True),
    Column("discreet", Boolean, nullable=True),
    sealed("citizen", nullable=True),
    blind("citizen_index", nullable=True),
    moment("linked_at", nullable=True),
    moment("created_at"),
    moment("heard_at"),
    Index("person_citizen_index", "citizen_index"),
)

address = Table(
    "address",
    metadata,
    Column("network", Text, primary_key=True),
    blind("value_index", key=True),
    sealed("value"),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    moment("proven_at", nullable=True),
    moment("heard_at"),
    moment("blocked_at", nullable=True),
    moment("doubted_at", nullable=True),
    Index("address_person_id", "person_id"),
    Index("address_blocked", "blocked_at", postgresql_where=text("blocked_at IS NOT NULL")),
)

consent = Table(
    "consent",
    metadata,
    number(),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    moment("given_at"),
    moment("withdrawn_at", nullable=True),
    Index("consent_person_id", "person_id"),
)

refusal = Table(
    "refusal",
    metadata,
    number(),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("source", Text, nullable=False),
    moment("created_at"),
    moment("lifted_at", nullable=True),
    one_of("topic", tuple(Topic)),
    Index(
        *("refusal_standing", "person_id", "topic"),
        unique=True,
        postgresql_where=text("lifted_at IS NULL"),
    ),
)
"""What somebody does not want to be sent, until it is lifted (`wishes.py`)."""

tries = Table(
    "tries",
    metadata,
    blind("subject_index", key=True),
    Column("kind", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    moment("locked_until", nullable=True),
    moment("tried_at"),
)

proof = Table(
    "proof",
    metadata,
    Column("id", Uuid, primary_key=True),
    blind("address_index"),
    blind("phone_index"),
    blind("code_index"),
    moment("sent_at"),
    moment("expires_at"),
    Column("wrong", Integer, nullable=False),
    moment("ended_at", nullable=True),
    Index("proof_address_index", "address_index", "sent_at"),
    Index("proof_phone_index", "phone_index", "sent_at"),
)
