"""The way to PostgreSQL: one pool for each process, opened when it is first needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, TypeAlias, cast

import psycopg
from sqlalchemy import Connection, Dialect, Engine, create_engine, text
from sqlalchemy.dialects import registry
from sqlalchemy.engine import make_url

DRIVER = "postgresql+psycopg"


class Database:
    """A PostgreSQL database. Keep transactions short: never hold one over a call to somebody else.

    The pool is made after a fork, by whichever process first needs it: connections cannot be
    shared between processes.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._url = sqlalchemy_url(url)
        self._pool_size = pool_size
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._process = 0

    @property
    def libpq_url(self) -> str:
        """The address as psycopg itself takes it."""
        return self._url.replace(f"{DRIVER}://", "postgresql://", 1)

    @property
    def engine(self) -> Engine:
        """This process's engine."""
        with self._lock:
            if self._engine is None or self._process != os.getpid():
                if self._engine is not None:
                    # The parent goes on using these connections: forget them, do not close them.
                    self._engine.dispose(close=False)
                self._engine = _engine(self._url, self._pool_size)
                self._process = os.getpid()
            return self._engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back when something is raised."""
        with self.engine.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Asks for nothing; raises when the server cannot be reached."""
        with self.begin() as connection:
            connection.exec_driver_sql("select 1")

    def close(self) -> None:
        """Closes the pool; the next use opens a new one."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose(close=self._process == os.getpid())
            self._engine = None


Driver: TypeAlias = psycopg.Connection[Any]


def driver_of(connection: Connection) -> Driver:
    """psycopg's own connection under this transaction, for what SQLAlchemy has no words for."""
    return cast(Driver, connection.connection.driver_connection)


def in_driver(statement: str) -> LiteralString:
    """A statement in SQLAlchemy's spelling (`:name`), as psycopg takes it."""
    return str(text(statement).compile(dialect=_DIALECT))


_DIALECT: Dialect = registry.load("postgresql.psycopg")()


def one_at_a_time(connection: Connection, name: bytes) -> None:
    """Waits until no other transaction does this thing; others wait until ours has ended.

    `name` is a blind index or another hash: its first 8 bytes tell things apart.
    """
    connection.execute(_ONE_AT_A_TIME, {"key": int.from_bytes(name[:8], signed=True)})


def all_one_at_a_time(connection: Connection, names: Collection[bytes]) -> None:
    """The same for several things at once; always in the same order, so that nobody waits crosswise."""
    if names:
        connection.execute(_ALL_ONE_AT_A_TIME, {"keys": lock_keys(names)})


def lock_keys(names: Collection[bytes]) -> list[int]:
    """The same things as PostgreSQL numbers its advisory locks, in the order to take them in."""
    return sorted(int.from_bytes(name[:8], signed=True) for name in names)


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:key)")
_ALL_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key"
)


def notify(connection: Connection, channel: str) -> None:
    """Wakes whoever listens on `channel`, when the transaction is committed."""
    connection.execute(_NOTIFY, {"channel": channel})


_NOTIFY = text("SELECT pg_notify(:channel, '')")


def sqlalchemy_url(url: str) -> str:
    """A PostgreSQL address in any of its spellings, as SQLAlchemy takes it."""
    scheme, separator, rest = url.partition("://")
    known = DRIVER if scheme in {"postgres", "postgresql"} else scheme
    return make_url(f"{known}{separator}{rest}").render_as_string(hide_password=False)


def _engine(url: str, pool_size: int) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        # PostgreSQL may have been restarted since a connection was last used.
        pool_pre_ping=True,
        # Parameters are sealed or blind, yet they have no place in an exception's text either.
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": "motcua"},
    )
