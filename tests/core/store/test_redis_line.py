"""The line to Redis: answers stay with their questions, whatever goes wrong on the way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from core.message import Address
from core.people.accounts import Person
from core.session import Session
from core.store.redis_line import Line, Script
from core.store.sessions import RedisSessions
from core.store.vault import Vault

PHONE = Address("phone", "+84912345678")


class Cable:
    """Stands between us and Valkey, and can be cut just before an answer comes back."""

    def __init__(self, redis_url: str) -> None:
        there = urlsplit(redis_url)
        self._there = (there.hostname, there.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"redis://127.0.0.1:{self._listening.getsockname()[1]}{there.path}"
        self.cut_next = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(ours,), daemon=True).start()

    def _carry(self, ours: socket.socket) -> None:
        with ours, socket.create_connection(self._there) as theirs:
            while asked := ours.recv(65536):
                theirs.sendall(asked)
                answer = theirs.recv(65536)
                if self.cut_next:
                    self.cut_next = False
                    return
                ours.sendall(answer)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def cable(clean_redis: str) -> Iterator[Cable]:
    cable = Cable(clean_redis)
    yield cable
    cable.close()


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    with Redis.from_url(url, socket_timeout=2.0) as client:
        yield Line(client)


def test_all_commands_of_one_go_are_answered_in_order(clean_redis: str) -> None:
    with line_to(clean_redis) as line:
        assert line.ask(("SET", "a", b"\xff\x00"), ("GET", "a"), ("GET", "b"), ("EXISTS", "a")) == [
            b"OK",
            b"\xff\x00",
            None,
            1,
        ]


def test_a_refused_command_leaves_no_answer_behind_for_the_next_one(clean_redis: str) -> None:
    with line_to(clean_redis) as line:
        line.ask(("SET", "a", "1"), ("SET", "b", "2"))
        with pytest.raises(ResponseError):
            line.ask(("LPUSH", "a", "x"), ("GET", "a"), ("GET", "a"))
        assert line.ask(("GET", "b")) == [b"2"]


def test_a_large_answer_comes_whole(clean_redis: str) -> None:
    with line_to(clean_redis) as line:
        large = bytes(range(256)) * 4096
        assert line.ask(("SET", "a", large), ("GET", "a"))[1] == large


def test_each_thread_has_a_line_of_its_own(clean_redis: str) -> None:
    with line_to(clean_redis) as line:
        names: list[bytes] = []
        for _ in range(2):
            asking = threading.Thread(target=lambda: names.extend(line.ask(("CLIENT", "ID"))))
            asking.start()
            asking.join()
        assert len({*names, *line.ask(("CLIENT", "ID"))}) == 3


def test_a_lost_connection_is_made_anew(cable: Cable) -> None:
    with line_to(cable.address) as line:
        line.ask(("SET", "a", "1"))
        cable.cut_next = True
        assert line.ask(("GET", "a")) == [b"1"]


def test_without_a_server_the_error_says_so(cable: Cable) -> None:
    with line_to("redis://127.0.0.1:9/0") as line, pytest.raises(RedisConnectionError):
        line.ask(("GET", "a"))


def test_a_script_the_server_does_not_know_is_sent_whole(clean_redis: str) -> None:
    with line_to(clean_redis) as line:
        script = Script(line, "return {KEYS[1], ARGV[1]}")
        line.ask(("SCRIPT", "FLUSH"))
        for _ in range(2):
            assert script(("a",), "b") == [b"a", b"b"]


def test_a_session_whose_answer_got_lost_is_kept_all_the_same(cable: Cable, vault: Vault) -> None:
    """It was saved and its lock given back; asking again must not look like a lost lock."""
    with Redis.from_url(cable.address, socket_timeout=2.0) as client:
        sessions = RedisSessions(client, vault, keep_seconds=60)
        sessions.keep(sessions.hold(PHONE), Session(Person("p", "vi"), turns=1))
        held = sessions.hold(PHONE)
        cable.cut_next = True
        sessions.keep(held, Session(Person("p", "vi"), turns=2))
        cable.cut_next = True
        again = sessions.hold(PHONE)
        assert again.session == Session(Person("p", "vi"), turns=2)
        sessions.let_go(again)
