"""Campaigns, their rows, and who did what with them."""

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

from core.campaigns.campaign import Fate, State
from core.store.tables.columns import blind, metadata, moment, number, one_of, sealed

campaign = Table(
    "campaign",
    metadata,
    Column("id", Text, primary_key=True),
    sealed("body"),
    Column("state", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("key_index", LargeBinary, unique=True, nullable=True, info={"hidden": "blind"}),
    Column("paused_areas", ARRAY(Text), nullable=False),
    Column("stopped_areas", ARRAY(Text), nullable=False),
    Column("why", Text, nullable=False),
    moment("created_at"),
    moment("started_at", nullable=True),
    moment("canary_out_at", nullable=True),
    moment("canary_ended_at", nullable=True),
    moment("ended_at", nullable=True),
    one_of("state", tuple(State)),
    Index("campaign_created_at", "created_at"),
    Index(
        "campaign_under_way",
        "started_at",
        postgresql_where=text("state IN ('canary', 'running', 'paused')"),
    ),
)

campaign_row = Table(
    "campaign_row",
    metadata,
    Column("campaign_id", Text, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    sealed("body", nullable=True),
    blind("phone_index", nullable=True),
    blind("said_index", nullable=True),
    Column("province", Text, nullable=True),
    Column("ward", Text, nullable=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("canary", Boolean, nullable=False),
    Column("outgoing_id", Uuid, unique=True, nullable=True),
    one_of("state", tuple(Fate)),
    Index(*("campaign_row_new", "campaign_id", "number"), postgresql_where=text("state = 'new'")),
    Index("campaign_row_fed", "campaign_id", postgresql_where=text("state = 'fed'")),
    Index("campaign_row_canary", "campaign_id", postgresql_where=text("canary")),
)

campaign_step = Table(
    "campaign_step",
    metadata,
    number(),
    Column("campaign_id", Text, ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False),
    moment("at"),
    Column("what", Text, nullable=False),
    sealed("who"),
    Index("campaign_step_campaign_id", "campaign_id", "id"),
)
