"""Tells whether anybody asked PostgreSQL anything: the server's own books, read from next door."""

from __future__ import annotations

from collections.abc import Hashable

import psycopg
from psycopg.conninfo import conninfo_to_dict

from gateway.database_url import libpq_url

_BOOKS = """
select pid, query_start, state_change from pg_stat_activity
where datname = %(name)s and backend_type = 'client backend'
union all
select 0, stats_reset, to_timestamp(sessions) from pg_stat_database where datname = %(name)s
"""
"""When each connection last began and ended a statement, and how many connections there were. The
count of transactions would not do: it has the server's own upkeep in it, and comes late."""


def books(database: str) -> Hashable:
    """The same value twice: between the two nobody asked this database anything."""
    address = libpq_url(database)
    name = conninfo_to_dict(address)["dbname"]
    with psycopg.connect(address, dbname="postgres") as next_door:
        return frozenset(next_door.execute(_BOOKS, {"name": name}).fetchall())
