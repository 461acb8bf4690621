"""The embedded servers: real, quick to come, true to their data, and gone when not needed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from gateway.kept_servers import KeeperFailed, KeptServers, stop_keeper


def stops(kept: KeptServers) -> bool:
    deadline = time.monotonic() + 15
    while kept.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_data_are_kept_even_where_the_path_has_spaces(tmp_path: Path) -> None:
    directory = tmp_path / "my data"
    kept = KeptServers(directory)
    first = kept.addresses()
    with psycopg.connect(first["postgres"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Đặng Thị Hường' AS name")
    with redis.Redis.from_url(first["valkey"]) as client:
        client.set("name", "Đặng Thị Hường")
    kept.stop()
    with pytest.raises(redis.ConnectionError), redis.Redis.from_url(first["valkey"]) as client:
        client.ping()

    kept = KeptServers(directory)
    second = kept.addresses()
    try:
        assert second["valkey"] == first["valkey"]
        with psycopg.connect(second["postgres"]) as connection:
            row = connection.execute("SELECT name FROM kept").fetchone()
        assert row == ("Đặng Thị Hường",)
        with redis.Redis.from_url(second["valkey"]) as client:
            assert client.get("name") == "Đặng Thị Hường".encode()
    finally:
        kept.stop()


def test_a_pid_file_left_by_a_crash_is_no_hindrance(tmp_path: Path) -> None:
    kept = KeptServers(tmp_path, only=("postgres",))
    kept.addresses()
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    left = pid_file.read_text()
    kept.stop()
    # After a restart of the machine that number belongs to another program: here, to ourselves.
    pid_file.write_text(left.replace(left.split()[0], str(os.getpid()), 1))

    kept = KeptServers(tmp_path, only=("postgres",))
    try:
        with psycopg.connect(kept.addresses()["postgres"]) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        kept.stop()


def test_they_live_as_long_as_their_owner(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    kept = KeptServers(tmp_path, owner=owner.pid, only=("valkey",))
    address = kept.addresses()["valkey"]
    with redis.Redis.from_url(address) as client:
        pid = client.info("server")["process_id"]
    owner.kill()
    owner.wait()
    assert stops(kept)
    assert not psutil.pid_exists(pid)


def test_thrown_away_they_leave_no_files(tmp_path: Path) -> None:
    kept = KeptServers(tmp_path / "kept", only=("valkey",), throw_away=True)
    kept.addresses()
    stop_keeper(kept.pid)
    assert stops(kept)
    assert not (tmp_path / "kept").exists()


def test_a_server_that_cannot_start_says_where_its_log_is(tmp_path: Path) -> None:
    (tmp_path / "valkey" / "appendonlydir").mkdir(parents=True)
    broken = tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest"
    broken.write_text("this is no manifest\n")
    kept = KeptServers(tmp_path, only=("valkey",))
    with pytest.raises(KeeperFailed, match=r"Valkey did not start.*log"):
        kept.addresses()
    assert stops(kept)
