"""Brings a database up to date: our tables by Alembic, procrastinate's by its own files."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, insert, inspect, select, text

from core.store.database import sqlalchemy_url
from core.store.tables import jobs_schema

STEPS = Path(__file__).parent / "migrations"

_LOCK = 0x6D6F7463
"""Whoever holds this advisory lock migrates; the others wait, and find nothing left to do."""


def upgrade(database_url: str) -> None:
    """Applies every missing step, all or none. Any number of processes may call it at once."""
    engine = create_engine(sqlalchemy_url(database_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(alembic_config(connection), "head")
        _upgrade_jobs(connection)


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings, without a file: where the steps are, and the connection they run on."""
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade_jobs(connection: Connection) -> None:
    """A new database gets procrastinate's whole schema, a known one the files that are new to it.

    So a newer procrastinate needs no step of ours: its own files are applied once each.
    """
    applied = set(connection.scalars(select(jobs_schema.c.name)))
    missing = [file for file in _jobs_files() if file.name not in applied]
    if not inspect(connection).has_table("procrastinate_jobs"):
        _apply(connection, resources.files("procrastinate.sql") / "schema.sql")
    else:
        for file in missing:
            _apply(connection, file)
    if missing:
        connection.execute(insert(jobs_schema), [{"name": file.name} for file in missing])


def _jobs_files() -> Iterator[Traversable]:
    folder = resources.files("procrastinate.sql") / "migrations"
    files = (file for file in folder.iterdir() if file.name.endswith(".sql"))
    yield from sorted(files, key=lambda file: file.name)


def _apply(connection: Connection, file: Traversable) -> None:
    # SQLAlchemy would read a % in it as a parameter; psycopg, given none, sends it as it stands.
    connection.connection.cursor().execute(file.read_text(encoding="utf-8"))
