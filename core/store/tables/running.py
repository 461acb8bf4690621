"""What the processes themselves need."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from core.store.tables.columns import metadata, moment

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("worker", Text, primary_key=True),
    moment("at"),
)

jobs_schema = Table(
    "jobs_schema",
    metadata,
    Column("name", Text, primary_key=True),
)
"""Which of procrastinate's own schema files have been applied (`migrate.py`)."""
