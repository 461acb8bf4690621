"""What every aggregator must do, told once: a new one inherits these tests and says how it asks."""

from __future__ import annotations

import io
import json
import re
from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode
from xml.sax.saxutils import quoteattr

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from core.asked import LIMIT
from core.engine import Engine
from core.errors import Busy
from core.message import Inbound, Page
from tests.core.house import House
from tests.fakes import PHONE
from tests.logged import written_log
from tests.ussd.wires import Hop, Reply, Request, Wire
from ussd import app as ussd_app
from ussd.aggregators.port import Aggregator
from ussd.app import Door
from ussd.pages import UssdVoice

SECRET = "kA9x-secret-part-of-the-address-7Q"

NONSENSE = (
    b"\xff\xfe\x00", b"text=%FF%FE", b"", b"&&&=", b"{", b"\x00", b"[]", b"null", b'"x"',
    b'{"msisdn": NaN}', b'{"a": 1, "a": 2}', b"[" * 5000, b'{"a":' * 3000, b"{" + b'"a":1e999}',
    b'{"a.b": "1", "a": {"b": "2"}}', b'{"a": "\\ud800"}',
    b"<dialog", b"<dialog/>", b"<x><dialog/></x>",
    b'<?xml version="1.0" encoding="nonsense"?><dialog/>',
    b'<?xml version="1.0" encoding="utf-7"?><dialog/>',
    '<?xml version="1.0" encoding="utf-16"?><dialog/>'.encode("utf-16"),
    b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><dialog type="&b;"/>',
    b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd"><dialog type="Begin"/>',
    b'<dialog localId="1">' + b"<a>" * 50 + b"</a>" * 50 + b"</dialog>",
)  # fmt: skip
"""What no network sends: broken codings, bombs, wrong kinds, things told twice."""


def mangled(request: Request) -> list[Any]:
    """Ways to spoil a good request with some bytes."""
    body, query = request.body, request.query

    def into_body(noise: bytes) -> Request:
        return replace(request, body=body[: len(body) // 2] + noise + body[len(body) // 2 :])

    def into_query(noise: bytes) -> Request:
        return replace(request, query=query[: len(query) // 2] + noise.decode("latin-1"))

    def as_value(noise: bytes) -> Request:
        return replace(request, body=body.replace(b"9", noise), query=query.replace("=9", "=%FF"))

    def instead(noise: bytes) -> Request:
        return replace(request, body=noise, query=noise.decode("latin-1"))

    return [into_body, into_query, as_value, instead]


HALF_A_SIGN = "\ud800"
"""A lone surrogate: JSON can tell it, UTF-8 cannot."""

ANY_TEXT = st.text(max_size=60) | st.sampled_from(
    [HALF_A_SIGN, "", "*", "#", "*#06#", "a\0b", "\x0b", "9" * 600, "\u202e1"]
)
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
_ATTRIBUTE = re.compile(r'(?<= )(\w+)="([^"]*)"')


def places(request: Request) -> list[int]:
    """The fields of a request, or its attributes, by number."""
    if request.content_type == "application/json":
        return list(range(len(json.loads(request.body))))
    if request.content_type == "text/xml":
        return list(range(len(_ATTRIBUTE.findall(request.body.decode()))))
    return list(range(len(parse_qsl(_coded(request), keep_blank_values=True))))


def altered(request: Request, place: int, value: Any) -> Request:
    """The same request, of which one field says something else."""
    if request.content_type == "application/json":
        fields = json.loads(request.body)
        fields[list(fields)[place]] = value
        return replace(request, body=json.dumps(fields).encode())
    text = value if isinstance(value, str) else json.dumps(value)
    if request.content_type == "text/xml":
        xml = request.body.decode()
        one = list(_ATTRIBUTE.finditer(xml))[place]
        told = f"{xml[: one.start()]}{one[1]}={quoteattr(text)}{xml[one.end() :]}"
        return replace(request, body=told.encode(errors="surrogatepass"))
    pairs = parse_qsl(_coded(request), keep_blank_values=True)
    pairs[place] = (pairs[place][0], text)
    coded = urlencode(pairs, errors="surrogatepass")
    if request.body:
        return replace(request, body=coded.encode())
    return replace(request, query=coded)


def _coded(request: Request) -> str:
    return request.body.decode() or request.query


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
    """Subclass it as `Test…`, and name the aggregator and its wire."""

    aggregator: Aggregator
    wire: Wire
    always_200 = False
    """Its protocol tells trouble inside of a good answer."""
    anonymous_apology = True
    """What cannot be read is answered with a screen, although nobody's session is known."""

    def asks(
        self,
        client: FlaskClient,
        *said: str,
        session: str = "s1",
        phone: str = PHONE,
        ahead: str = "",
    ) -> TestResponse:
        """One hop, with everything said so far in this session."""
        return self.sends(client, self.wire.ask(Hop(said, session, phone, ahead)))

    def sends(
        self, client: FlaskClient, request: Request, secret: str = SECRET, **more: Any
    ) -> TestResponse:
        place = self.url(secret) + (f"/{request.path}" if request.path else "")
        return client.open(place, **{**request.named(), **more})

    def shown(self, answer: TestResponse) -> tuple[str, bool]:
        """The words on the screen, and whether the session stays open."""
        text = answer.get_data(as_text=True)
        kind = answer.headers["Content-Type"]
        return self.wire.shown(Reply(answer.status_code, kind, text, dict(answer.headers)))

    def first(self, **changes: Any) -> Request:
        """The first hop of a session, changed a little."""
        return replace(self.wire.ask(Hop()), **changes)

    # The house

    @pytest.fixture
    def house(self) -> House:
        return House()

    @pytest.fixture
    def watched(self, house: House) -> Watched:
        return Watched(house.engine)

    @pytest.fixture
    def log(self) -> Iterator[io.StringIO]:
        with written_log(ussd_app._log) as written:
            yield written

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
        return f"/ussd/{self.aggregator.name}/{quote(secret)}"

    # Open, go on, end

    def test_arriving_shows_the_menu_and_leaves_the_session_open(self, client: FlaskClient) -> None:
        text, stays_open = self.shown(self.asks(client))
        assert "9 English" in text
        assert stays_open

    def test_an_answer_leads_on_in_the_language_chosen(self, client: FlaskClient) -> None:
        self.asks(client)
        text, stays_open = self.shown(self.asks(client, "9"))
        assert "9 Tieng Viet" in text
        assert stays_open

    def test_what_was_typed_with_the_code_is_said_at_once(self, client: FlaskClient) -> None:
        text, _ = self.shown(self.asks(client, ahead="9*8"))
        assert "Register a relative" in text

    def test_a_last_word_closes_the_session(self, client: FlaskClient, watched: Watched) -> None:
        watched.engine = Ending()  # type: ignore[assignment]
        text, stays_open = self.shown(self.asks(client))
        assert (text, stays_open) == ("Goodbye", False)

    def test_stars_hashes_and_nothing_at_all_are_answers_too(self, client: FlaskClient) -> None:
        self.asks(client)
        self.asks(client, "7")
        for said in ("", "#7", "7#"):
            text, stays_open = self.shown(self.asks(client, "7", said))
            assert stays_open
            assert text.isascii()

    def test_the_news_that_somebody_left_reaches_the_conversation(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        self.asks(client)
        news = self.wire.leave(Hop())
        if news is None:
            return
        answer = self.sends(client, news)
        assert answer.status_code == 200
        if watched.turns[-1].event == "close":
            assert watched.turns[-1].address.value == PHONE
        assert len(watched.turns) <= 2

    # Repeats

    def test_a_repeat_gets_the_same_bytes_and_does_nothing(
        self, client: FlaskClient, house: House
    ) -> None:
        self.asks(client)
        first = self.asks(client, "9")
        stored = dict(house.sessions.stored)
        second = self.asks(client, "9")
        assert second.data == first.data
        assert second.headers["Content-Type"] == first.headers["Content-Type"]
        assert house.sessions.stored == stored

    def test_the_same_answer_in_another_session_is_no_repeat(
        self, client: FlaskClient, house: House
    ) -> None:
        self.asks(client)
        self.asks(client, "9")
        self.asks(client, session="s2")
        stored = dict(house.sessions.stored)
        self.asks(client, "9", session="s2")
        assert house.sessions.stored != stored

    # Proof

    @pytest.mark.parametrize("secret", ["wrong", SECRET[:-1], SECRET + "x", "bí mật", "%FF"])
    def test_a_wrong_secret_learns_nothing(
        self, client: FlaskClient, watched: Watched, secret: str
    ) -> None:
        answer = self.sends(client, self.first(), secret)
        assert answer.status_code == 403
        assert answer.get_data(as_text=True) == "Forbidden"
        assert watched.turns == []

    def test_no_secret_means_no_address(self, watched: Watched) -> None:
        for secrets in ({}, {self.aggregator.name: ""}):
            client = self.make_client(watched, secrets=secrets)
            assert self.asks(client).status_code == 404
            assert self.sends(client, self.first(), "-").status_code == 404

    def test_another_method_is_refused(self, client: FlaskClient, watched: Watched) -> None:
        answer = self.sends(client, self.first(method="DELETE"))
        assert answer.status_code == 405
        assert watched.turns == []

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
        where = {"REMOTE_ADDR": caller}
        answer = self.sends(client, self.first(), environ_base=where)
        assert answer.status_code == status

    # Bad input

    def refused(self, answer: TestResponse, status: int, watched: Watched) -> None:
        """Refused in the protocol's own form, in Vietnamese, without a turn."""
        assert answer.status_code == (200 if self.always_200 else status)
        assert "Traceback" not in answer.get_data(as_text=True)
        assert watched.turns == []
        if not self.anonymous_apology:
            return
        text, stays_open = self.shown(answer)
        assert text.isascii()
        assert len(text) <= 160
        assert not stays_open

    def test_a_missing_field_is_refused_in_the_protocols_form(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        for name in self.wire.needed:
            self.refused(self.sends(client, self.wire.ask(Hop(), without=name)), 400, watched)

    def test_another_content_type_is_refused(self, client: FlaskClient, watched: Watched) -> None:
        """A GET has none: what comes as a body is not read as a hop."""
        request = self.first()
        if request.body:
            wrong = replace(request, content_type="image/png")
            self.refused(self.sends(client, wrong), 415, watched)
            return
        body = request.query.encode()
        wrong = replace(request, query="", body=body, content_type="image/png")
        self.refused(self.sends(client, wrong), 400, watched)

    def test_an_oversized_body_is_refused_unread(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        request = self.first()
        kind = request.content_type or "text/plain"
        large = replace(request, body=b"x" * (LIMIT + 1), content_type=kind)
        self.refused(self.sends(client, large), 413, watched)

    def test_an_oversized_query_is_refused(self, client: FlaskClient, watched: Watched) -> None:
        request = self.first()
        large = replace(request, query=f"{request.query}&{'x' * (LIMIT + 1)}")
        self.refused(self.sends(client, large), 413, watched)

    def nonsense(self, what: bytes) -> Request:
        """The first hop with this instead of what it should say."""
        request = self.first()
        if request.body or request.content_type:
            return replace(request, body=what, content_type=request.content_type)
        return replace(request, query=what.decode("latin-1"))

    @pytest.mark.parametrize("what", NONSENSE)
    def test_nonsense_is_refused(self, client: FlaskClient, watched: Watched, what: bytes) -> None:
        self.refused(self.sends(client, self.nonsense(what)), 400, watched)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_whatever_comes_is_answered_as_the_protocol_has_it(self, data: st.DataObject) -> None:
        watched = Watched(House().engine)
        client = self.make_client(watched)
        mended = data.draw(st.sampled_from(mangled(self.wire.ask(Hop(("9",))))))
        answer = self.sends(client, mended(data.draw(st.binary(max_size=40))))
        told = answer.get_data(as_text=True)
        assert answer.status_code in (200, 400, 403, 404, 405, 413, 415)
        assert "Traceback" not in told
        if answer.status_code in (200, 400) and self.anonymous_apology:
            assert self.shown(answer)[0].isascii()

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_whatever_a_field_says_nothing_goes_wrong_inside(self, data: st.DataObject) -> None:
        client = self.make_client(Watched(House().engine))
        said = data.draw(st.sampled_from([(), ("9",)]))
        if said:
            self.shown(self.asks(client))
        request = self.wire.ask(Hop(said))
        place = data.draw(st.sampled_from(places(request)))
        with capture_logs() as lines:
            answer = self.sends(client, altered(request, place, data.draw(ANY_VALUE)))
        assert answer.status_code in (200, 400, 413)
        assert "ussd_failed" not in [line["event"] for line in lines], lines

    def test_half_a_sign_does_no_harm_wherever_it_stands(self, client: FlaskClient) -> None:
        request = self.first()
        with capture_logs() as lines:
            for place in places(request):
                answer = self.sends(client, altered(request, place, HALF_A_SIGN))
                assert answer.status_code in (200, 400)
        assert "ussd_failed" not in [line["event"] for line in lines]

    # Trouble in the house

    @pytest.mark.parametrize("trouble", [Busy("held"), RuntimeError(f"at {PHONE} {SECRET}")])
    def test_trouble_is_an_apology_that_closes_the_session(
        self, client: FlaskClient, watched: Watched, trouble: Exception
    ) -> None:
        watched.fails = trouble
        answer = self.asks(client)
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
            answer = self.asks(client, session=session)
        assert not self.shown(answer)[1]
        assert len(watched.turns) == 2
        other = self.asks(client, session="s4", phone="+84987654321")
        assert self.shown(other)[1]
        minute[0] = 60.0
        assert self.shown(self.asks(client, session="s5"))[1]

    # The log

    def test_each_hop_is_one_line_without_anything_personal(
        self, client: FlaskClient, log: Any
    ) -> None:
        self.asks(client, ahead="9*1*1*079190012345")
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
        self.asks(client)
        written = log.getvalue()
        assert written.count("Traceback") == 1
        for hidden in (PHONE, PHONE[3:], "079190012345", SECRET):
            assert hidden not in written

    def test_a_refused_caller_is_logged_without_the_secret_it_tried(
        self, client: FlaskClient, log: Any
    ) -> None:
        self.sends(client, self.first(), "tried-this-one")
        (line,) = log.getvalue().splitlines()
        assert json.loads(line)["outcome"] == "forbidden"
        assert "tried-this-one" not in line


class Ending:
    """An engine that says goodbye."""

    def turn(self, inbound: Inbound, voice: Any) -> Page | None:
        return Page("Goodbye", end=True)
