"""What every aggregator must do, told once: a new one inherits these tests and says how it asks."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.asked import LIMIT
from core.engine import Engine
from core.errors import Busy
from core.message import Inbound, Page
from core.privacy import redactor
from tests.core.house import House
from tests.fakes import PHONE
from ussd.aggregators.port import Aggregator
from ussd.app import Door
from ussd.pages import UssdVoice

SECRET = "kA9x-secret-part-of-the-address-7Q"


@dataclass
class Watched:
    """An engine that counts its turns, and can be told to fail."""

    engine: Engine
    turns: list[Inbound] = field(default_factory=list)
    fails: Exception | None = None

    def turn(self, inbound: Inbound, voice: Any) -> Page | None:
        self.turns.append(inbound)
        if self.fails is not None:
            raise self.fails
        return self.engine.turn(inbound, voice)


class UssdContract(ABC):
    """Subclass it as `Test…`, and say how the aggregator asks and how its answers are read."""

    aggregator: Aggregator
    path: str = ""
    """Where hops are sent, below the aggregator's own address."""

    @abstractmethod
    def hop(self, *said: str, session: str = "s1", phone: str = PHONE) -> dict[str, Any]:
        """Arguments of the test client for a hop: everything said so far in this session."""

    @abstractmethod
    def shown(self, answer: TestResponse) -> tuple[str, bool]:
        """The words on the screen, and whether the session stays open."""

    @abstractmethod
    def without(self, name: str) -> dict[str, Any]:
        """A hop in which a field that must be there is missing."""

    needed: tuple[str, ...]
    """Fields that must be there."""

    # The house

    @pytest.fixture
    def house(self) -> House:
        return House()

    @pytest.fixture
    def watched(self, house: House) -> Watched:
        return Watched(house.engine)

    @pytest.fixture
    def log(self) -> Any:
        """The log as it would be written, redacted and in one line each."""
        written = io.StringIO()
        before = structlog.get_config()
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                redactor,
                structlog.processors.JSONRenderer(),
            ],
            logger_factory=structlog.PrintLoggerFactory(written),
            cache_logger_on_first_use=False,
        )
        yield written
        structlog.configure(**before)

    @pytest.fixture
    def client(self, watched: Watched, log: Any) -> FlaskClient:
        return self.make_client(watched)

    def make_client(self, watched: Watched, **more: Any) -> FlaskClient:
        app = Flask(__name__)
        named: dict[str, Any] = {"secrets": {self.aggregator.name: SECRET}, **more}
        app.wsgi_app = Door(  # type: ignore[method-assign]
            app.wsgi_app,
            engine=watched,  # type: ignore[arg-type]
            voice=UssdVoice(),
            aggregators=(self.aggregator,),
            **named,
        )
        return app.test_client()

    def url(self, secret: str = SECRET) -> str:
        return f"/ussd/{self.aggregator.name}/{quote(secret)}" + (
            f"/{self.path}" if self.path else ""
        )

    # Open, go on, end

    def test_arriving_shows_the_menu_and_leaves_the_session_open(self, client: FlaskClient) -> None:
        text, stays_open = self.shown(client.post(self.url(), **self.hop()))
        assert "9 English" in text
        assert stays_open

    def test_an_answer_leads_on_in_the_language_chosen(self, client: FlaskClient) -> None:
        client.post(self.url(), **self.hop())
        text, stays_open = self.shown(client.post(self.url(), **self.hop("9")))
        assert "9 Tieng Viet" in text
        assert stays_open

    def test_what_was_typed_with_the_code_is_said_at_once(self, client: FlaskClient) -> None:
        text, _ = self.shown(client.post(self.url(), **self.hop("9")))
        assert "9 Tieng Viet" in text

    def test_a_last_word_closes_the_session(self, client: FlaskClient, watched: Watched) -> None:
        watched.engine = Ending()  # type: ignore[assignment]
        text, stays_open = self.shown(client.post(self.url(), **self.hop()))
        assert (text, stays_open) == ("Goodbye", False)

    # Repeats

    def test_a_repeat_gets_the_same_bytes_and_does_nothing(
        self, client: FlaskClient, house: House
    ) -> None:
        client.post(self.url(), **self.hop())
        first = client.post(self.url(), **self.hop("9"))
        stored = dict(house.sessions.stored)
        second = client.post(self.url(), **self.hop("9"))
        assert second.data == first.data
        assert second.headers["Content-Type"] == first.headers["Content-Type"]
        assert house.sessions.stored == stored

    def test_the_same_answer_in_another_session_is_no_repeat(
        self, client: FlaskClient, house: House
    ) -> None:
        client.post(self.url(), **self.hop("9"))
        stored = dict(house.sessions.stored)
        client.post(self.url(), **self.hop("9", session="s2"))
        assert house.sessions.stored != stored

    # Proof

    @pytest.mark.parametrize("secret", ["wrong", SECRET[:-1], SECRET + "x", "bí mật", "%FF"])
    def test_a_wrong_secret_learns_nothing(
        self, client: FlaskClient, watched: Watched, secret: str
    ) -> None:
        answer = client.post(self.url(secret), **self.hop())
        assert answer.status_code == 403
        assert answer.get_data(as_text=True) == "Forbidden"
        assert watched.turns == []

    def test_no_secret_means_no_address(self, watched: Watched) -> None:
        for secrets in ({}, {self.aggregator.name: ""}):
            client = self.make_client(watched, secrets=secrets)
            assert client.post(self.url(), **self.hop()).status_code == 404
            assert client.post(self.url("-"), **self.hop()).status_code == 404

    @pytest.mark.parametrize(
        ("caller", "status"),
        [
            ("203.0.113.7", 200),
            ("198.51.100.200", 200),
            ("::ffff:203.0.113.7", 200),
            ("203.0.113.8", 403),
            ("192.0.2.1", 403),
            ("2001:db8::1", 403),
            ("", 403),
        ],
    )
    def test_only_listed_addresses_may_call(
        self, watched: Watched, log: Any, caller: str, status: int
    ) -> None:
        allowed = {self.aggregator.name: ("203.0.113.7", "198.51.100.0/24")}
        client = self.make_client(watched, addresses=allowed)
        where = {"environ_base": {"REMOTE_ADDR": caller}}
        assert client.post(self.url(), **self.hop(), **where).status_code == status

    # Bad input

    def refused(self, answer: TestResponse, status: int, watched: Watched) -> None:
        """Refused in the protocol's own form, in Vietnamese, without a turn."""
        assert answer.status_code == status
        text, stays_open = self.shown(answer)
        assert text.isascii()
        assert len(text) <= 160
        assert not stays_open
        assert watched.turns == []

    def test_a_missing_field_is_refused_in_the_protocols_form(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        for name in self.needed:
            self.refused(client.post(self.url(), **self.without(name)), 400, watched)

    def test_another_content_type_is_refused(self, client: FlaskClient, watched: Watched) -> None:
        asked = {**self.hop(), "content_type": "image/png"}
        self.refused(client.post(self.url(), **asked), 415, watched)

    def test_an_oversized_body_is_refused_unread(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        asked = {**self.hop(), "data": b"x" * (LIMIT + 1)}
        self.refused(client.post(self.url(), **asked), 413, watched)

    def test_an_oversized_query_is_refused(self, client: FlaskClient, watched: Watched) -> None:
        answer = client.post(f"{self.url()}?{'x' * (LIMIT + 1)}", **self.hop())
        self.refused(answer, 413, watched)

    @pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"text=%FF%FE", b"", b"&&&=", b"{", b"\x00"])
    def test_nonsense_is_refused(self, client: FlaskClient, watched: Watched, body: bytes) -> None:
        asked = {**self.hop(), "data": body}
        self.refused(client.post(self.url(), **asked), 400, watched)

    # Trouble in the house

    @pytest.mark.parametrize("trouble", [Busy("held"), RuntimeError(f"at {PHONE} {SECRET}")])
    def test_trouble_is_an_apology_that_closes_the_session(
        self, client: FlaskClient, watched: Watched, trouble: Exception
    ) -> None:
        watched.fails = trouble
        answer = client.post(self.url(), **self.hop())
        assert answer.status_code == 200
        text, stays_open = self.shown(answer)
        assert text.isascii()
        assert "Traceback" not in text
        assert not stays_open

    def test_a_phone_that_asks_too_often_is_put_off_and_others_are_not(
        self, watched: Watched, log: Any
    ) -> None:
        minute = [0.0]
        client = self.make_client(watched, hops_per_minute=2, tick=lambda: minute[0])
        for session in ("s1", "s2", "s3"):
            answer = client.post(self.url(), **self.hop(session=session))
        assert not self.shown(answer)[1]
        assert len(watched.turns) == 2
        other = client.post(self.url(), **self.hop(session="s4", phone="+84987654321"))
        assert self.shown(other)[1]
        minute[0] = 60.0
        assert self.shown(client.post(self.url(), **self.hop(session="s5")))[1]

    # The log

    def test_each_hop_is_one_line_without_anything_personal(
        self, client: FlaskClient, log: Any
    ) -> None:
        client.post(self.url(), **self.hop("9", "1", "1", "079190012345"))
        (line,) = log.getvalue().splitlines()
        told = json.loads(line)
        assert told["aggregator"] == self.aggregator.name
        assert told["outcome"] == "page"
        assert told["phone"] == "+84******678"
        for hidden in (PHONE, PHONE[3:], "079190012345", SECRET):
            assert hidden not in line

    def test_trouble_is_logged_once_and_masked(
        self, client: FlaskClient, watched: Watched, log: Any
    ) -> None:
        watched.fails = RuntimeError(f"could not reach {PHONE} of 079190012345")
        client.post(self.url(), **self.hop())
        written = log.getvalue()
        assert written.count("Traceback") == 1
        for hidden in (PHONE, PHONE[3:], "079190012345", SECRET):
            assert hidden not in written

    def test_a_refused_caller_is_logged_without_the_secret_it_tried(
        self, client: FlaskClient, log: Any
    ) -> None:
        client.post(self.url("tried-this-one"), **self.hop())
        (line,) = log.getvalue().splitlines()
        assert json.loads(line)["outcome"] == "forbidden"
        assert "tried-this-one" not in line


class Ending:
    """An engine that says goodbye."""

    def turn(self, inbound: Inbound, voice: Any) -> Page | None:
        return Page("Goodbye", end=True)
