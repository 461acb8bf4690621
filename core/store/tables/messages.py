"""What comes in and what goes out, with everything that happened to it."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from core.outbox.outgoing import Lane, Outcome, Status
from core.store.tables.columns import blind, metadata, moment, number, one_of, sealed

inbox = Table(
    "inbox",
    metadata,
    number(),
    Column("provider", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    sealed("body", nullable=True),
    blind("person_key"),
    moment("received_at"),
    Column("state", Text, nullable=False),
    moment("lease_until", nullable=True),
    Column("attempts", Integer, nullable=False),
    sealed("reply", nullable=True),
    moment("handled_at", nullable=True),
    UniqueConstraint("provider", "provider_id"),
    one_of("state", ("new", "done", "failed")),
    Index("inbox_new", "id", postgresql_where=text("state = 'new'")),
    Index("inbox_person", "person_key", "id", postgresql_where=text("state = 'new'")),
    Index("inbox_handled", "handled_at", postgresql_where=text("body IS NOT NULL")),
)

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("key", Text, unique=True, nullable=False),
    Column("person_id", Uuid, nullable=True),
    Column("network", Text, nullable=False),
    Column("channel", Text, nullable=False),
    sealed("address", nullable=True),
    blind("address_index"),
    sealed("body", nullable=True),
    Column("purpose", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("provider", Text, nullable=True),
    Column("provider_ref", Text, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    moment("lease_until", nullable=True),
    moment("not_before"),
    moment("due_at"),
    moment("useless_after", nullable=True),
    moment("created_at"),
    moment("settled_at", nullable=True),
    Column("words", Text, nullable=False),
    Column("cost", Numeric(12, 4), nullable=True),
    Column("segments", Integer, nullable=True),
    blind("about_index", nullable=True),
    Column("owner", Text, nullable=True),
    Column("test", Boolean, nullable=False, server_default=text("false")),
    Column("told", Text, nullable=True),
    one_of("lane", tuple(Lane)),
    one_of("status", tuple(Status)),
    # The network stands first: while one of them is out of order, the others need not be searched
    # for behind everything that waits for it.
    Index(
        *("outgoing_queued", "network", "lane", "not_before", "seq"),
        postgresql_where=text("status = 'queued'"),
    ),
    Index(
        "outgoing_leased",
        "lease_until",
        postgresql_where=text("status IN ('sending', 'unsettled')"),
    ),
    Index(
        *("outgoing_about", "about_index", "seq"), postgresql_where=text("about_index IS NOT NULL")
    ),
    Index(*("outgoing_owner", "owner", "seq"), postgresql_where=text("owner IS NOT NULL")),
    Index(
        *("outgoing_to_tell", "owner", "seq"),
        postgresql_where=text(
            "owner IS NOT NULL AND told IS DISTINCT FROM status "
            "AND status IN ('sent', 'delivered', 'failed', 'expired', 'stopped')"
        ),
    ),
    Index(*("outgoing_failed", "seq"), postgresql_where=text("status = 'failed'")),
    Index(
        "outgoing_in_order",
        "address_index",
        "seq",
        postgresql_where=text("lane = 'urgent' AND status IN ('queued', 'sending')"),
    ),
    # Not of what still waits: putting messages in would pay for it.
    Index(
        *("outgoing_address", "address_index", "seq"),
        postgresql_where=text("status IN ('sent', 'delivered', 'failed', 'expired', 'stopped')"),
    ),
    Index(
        *("outgoing_provider_ref", "provider_ref", "provider"),
        postgresql_where=text("provider_ref IS NOT NULL"),
    ),
    Index(
        "outgoing_useless",
        "useless_after",
        postgresql_where=text("status = 'queued' AND useless_after IS NOT NULL"),
    ),
    Index(
        "outgoing_unsettled",
        "not_before",
        postgresql_where=text("status = 'sent' AND body IS NOT NULL"),
    ),
    Index(
        "outgoing_settled",
        "settled_at",
        postgresql_where=text("settled_at IS NOT NULL AND body IS NOT NULL"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    Column("outgoing_id", Uuid, primary_key=True),
    Column("claim", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    moment("began_at"),
    moment("ended_at", nullable=True),
    Column("words", Text, nullable=False),
    Column("segments", Integer, nullable=True),
    Column("cost", Numeric(12, 4), nullable=True),
    blind("reader_index", nullable=True),
    one_of("outcome", tuple(Outcome)),
    Index(
        *("attempt_daily", "reader_index", "began_at"),
        postgresql_where=text("reader_index IS NOT NULL"),
    ),
)
"""A message given to a provider, once: written before it is given, and again when it answered.

`reader_index` is set where only so many messages a day go to one person: it finds them.
"""

receipt = Table(
    "receipt",
    metadata,
    number(),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, nullable=False),
    Column("outgoing_id", Uuid, nullable=True),
    Column("status", Text, nullable=False),
    Column("words", Text, nullable=False),
    moment("at", nullable=True),
    moment("received_at"),
    UniqueConstraint("provider", "provider_ref", "status"),
    one_of("status", tuple(Status)),
    Index("receipt_outgoing_id", "outgoing_id"),
    Index("receipt_nobody_knows", "received_at", postgresql_where=text("outgoing_id IS NULL")),
)

request = Table(
    "request",
    metadata,
    Column("owner", Text, primary_key=True),
    blind("key_index", key=True),
    blind("said_index"),
    Column("ids", ARRAY(Uuid), nullable=False),
    Column("fresh", ARRAY(Boolean), nullable=False),
    moment("at"),
    Index("request_at", "at"),
)
"""What a program asked us to send, so that the same request again gets the same answer."""

subscriber = Table(
    "subscriber",
    metadata,
    Column("owner", Text, primary_key=True),
    sealed("url"),
    sealed("secret"),
    moment("since"),
    Column("failures", Integer, nullable=False),
    moment("try_at"),
)
"""Who is told what became of the messages of an API key; `told` in `outgoing` is the last word."""

replay = Table(
    "replay",
    metadata,
    number(),
    Column("outgoing_id", Uuid, nullable=False),
    moment("at"),
    Column("by", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index("replay_outgoing_id", "outgoing_id"),
)
"""A message that had failed was sent again; `words` is why it had failed."""
