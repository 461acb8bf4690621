"""The servers that all tests stand on are real, separate for each worker, and empty when asked."""

import psycopg
import redis

from gateway.database_url import libpq_url


def test_the_database_is_a_real_postgresql(database_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        row = connection.execute("SELECT current_database(), version()").fetchone()
    assert row is not None
    assert row[0].startswith("tests_")
    assert row[1].startswith("PostgreSQL 18")


def test_a_fresh_database_is_nobody_elses(database_url: str, fresh_database_url: str) -> None:
    with psycopg.connect(libpq_url(fresh_database_url)) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
    with psycopg.connect(libpq_url(database_url)) as connection:
        row = connection.execute("SELECT to_regclass('only_here')").fetchone()
    assert row == (None,)


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(libpq_url(empty_database_url)) as connection:
        assert connection.execute(query).fetchone() == (0,)


def test_valkey_can_be_had_empty(redis_url: str, clean_redis: str) -> None:
    assert clean_redis == redis_url
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("somebody", "was here")
        assert client.info("server")["server_name"] == "valkey"
