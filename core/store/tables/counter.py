"""What officers, operators and programs use: codes, look-ups, keys, talks."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
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

from core.store.tables.columns import blind, metadata, moment, number, one_of, sealed

short_code = Table(
    "short_code",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code_index", LargeBinary, unique=True, nullable=False, info={"hidden": "blind"}),
    sealed("code"),
    blind("qid_index"),
    sealed("qid"),
    sealed("payload"),
    sealed("citizen"),
    moment("issued_at"),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    Index("short_code_qid_index", "qid_index", "expires_at"),
)

look_up = Table(
    "look_up",
    metadata,
    number(),
    moment("at"),
    Column("key_id", Text, nullable=False),
    Column("place", Text, nullable=True),
    Column("kind", Text, nullable=False),
    blind("subject_index", nullable=True),
    Column("outcome", Text, nullable=False),
    Index("look_up_at", "at"),
    Index("look_up_subject_index", "subject_index"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("test", Boolean, nullable=False),
    moment("created_at"),
    moment("revoked_at", nullable=True),
)

token_pair = Table(
    "token_pair",
    metadata,
    Column("name", Text, primary_key=True),
    sealed("access"),
    sealed("refresh"),
    Column("version", Integer, nullable=False),
    moment("made_at"),
    moment("access_until"),
    moment("refresh_until"),
    moment("renewing_until", nullable=True),
    moment("refused_at", nullable=True),
)

talk = Table(
    "talk",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("network", Text, nullable=False),
    blind("address_index"),
    sealed("address"),
    Column("language", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    moment("opened_at"),
    moment("spoke_at"),
    moment("waiting_since", nullable=True),
    moment("closed_at", nullable=True),
    Column("ending", Text, nullable=True),
    one_of("ending", ("operator", "person", "time")),
    Index(
        *("talk_open", "network", "address_index"),
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("talk_closed", "closed_at"),
)

talk_line = Table(
    "talk_line",
    metadata,
    number(),
    Column("talk_id", Uuid, ForeignKey("talk.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, unique=True, nullable=False),
    Column("said_by", Text, nullable=False),
    sealed("said"),
    Column("key_id", Text, nullable=True),
    moment("said_at"),
    one_of("said_by", ("person", "operator")),
    Index("talk_line_talk_id", "talk_id", "id"),
)
