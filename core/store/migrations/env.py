"""Runs the steps on the connection that `core.store.migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from core.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Procrastinate looks after its own tables.
    include_name=lambda name, kind, _: kind != "table" or not (name or "").startswith("procra"),
)
context.run_migrations()
