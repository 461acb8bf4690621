"""Other systems are told what became of their messages: signed, at least once, and nobody inside."""

from __future__ import annotations

import hmac
import json
import re
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.outbox.outgoing import Receipt, Status
from core.outbox.ports import Begin, Done, Sent
from core.store.outbox import at_any_hour
from core.store.replay import DeadLetters
from core.store.subscribers import Subscribers
from core.store.vault import Vault
from tests.conftest import ROOT
from tests.web.sending import TEXT, Program, program
from web import webhooks
from web.webhooks import BadUrl, Inwards, Teller, check_url, outwards, signature

VAULT = Vault([("k1", bytes(32))], b"the secret of the tests")


@pytest.fixture
def lab(fresh_database_url: str, clean_redis: str) -> Iterator[Program]:
    yield from program(fresh_database_url, clean_redis)


class Ear:
    """The other system: hears, or not."""

    def __init__(self, server: HTTPServer) -> None:
        self.got: list[Request] = []
        self.status = 204
        self.url = server.url_for("/told")
        server.expect_request("/told", method="POST").respond_with_handler(self._hear)

    def _hear(self, request: Request) -> Response:
        request.get_data()
        self.got.append(request)
        return Response(status=self.status)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [one for asked in self.got for one in json.loads(asked.get_data())["events"]]

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.events]


@pytest.fixture
def ear(httpserver: HTTPServer) -> Ear:
    return Ear(httpserver)


@pytest.fixture
def subscribers(lab: Program) -> Subscribers:
    return Subscribers(lab.database, VAULT, lambda: lab.now)


def owner(lab: Program) -> str:
    return lab.key.split("_")[1]


def teller(subscribers: Subscribers, **more: Any) -> Teller:
    return Teller(subscribers, subscribers.clock, **{"internal": True, **more})


def subscribed(subscribers: Subscribers, lab: Program, url: str) -> str:
    secret = subscribers.subscribe(owner(lab), url)
    assert secret is not None
    return secret


def sent(lab: Program) -> None:
    """Whatever waits goes out."""
    claimed = lab.outbox.claim(1000)
    lab.outbox.write([Begin(one, 1, "kannel") for one in claimed])
    lab.outbox.write([Done(one, "kannel", Sent(f"ref-{one.outgoing.id}", 1)) for one in claimed])


def test_it_is_told_signed_what_became_of_a_message(
    lab: Program, subscribers: Subscribers, ear: Ear
) -> None:
    secret = subscribed(subscribers, lab, ear.url)
    (name,) = lab.sends(TEXT)
    assert teller(subscribers).round() == 0, "nothing has become of it yet"
    sent(lab)
    assert teller(subscribers).round() == 1
    lab.outbox.settle(Receipt("kannel", f"ref-{name}", Status.DELIVERED, "ok"))
    assert teller(subscribers).round() == 1
    assert teller(subscribers).round() == 0
    assert ear.types == ["message.sent", "message.delivered"]
    assert ear.events[1]["message"] == {
        **{"id": name, "status": "delivered", "purpose": "result", "provider": "kannel"},
        **{"segments": 1, "cost": None, "words": "ok", "test": False},
    }
    for asked in ear.got:
        stamp, _, made = asked.headers["Motcua-Signature"].partition(",v1=")
        said = stamp.removeprefix("t=").encode() + b"." + asked.get_data()
        assert made == hmac.new(secret.encode(), said, "sha256").hexdigest()
        assert int(stamp.removeprefix("t=")) == int(lab.now.timestamp())
        assert b"912345678" not in asked.get_data()


def test_a_signature_is_what_the_page_says() -> None:
    made = signature("whsec_1", 1764000000, b'{"events": []}')
    assert made == (
        "t=1764000000,v1=28db0ca09b1f6a316a992890d3b8ff1d5aeb357594e161a47411989dc9e39434"
    )


def test_the_page_checks_it_like_that() -> None:
    page = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    scope: dict[str, Any] = {}
    exec(code, scope)
    check, body, now = scope["from_the_gateway"], '{"events": ["é"]}'.encode(), int(time.time())
    assert check("whsec_1", signature("whsec_1", now, body), body)
    assert not check("whsec_2", signature("whsec_1", now, body), body)
    assert not check("whsec_1", signature("whsec_1", now - 400, body), body)
    assert not check("whsec_1", signature("whsec_1", now, body), body + b" ")
    for header in ("", "t=1", "t=x,v1=1", f"t={now},v1=é", f"v1=1,t={now}"):
        assert not check("whsec_1", header, body)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 410, 429])
def test_any_other_answer_is_told_again(
    lab: Program, subscribers: Subscribers, ear: Ear, status: int
) -> None:
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    sent(lab)
    ear.status = status
    told = teller(subscribers, jitter=lambda: 1.0)
    assert told.round() == 0
    ear.status = 200
    lab.passes(seconds=5)
    assert told.round() == 1


def test_who_does_not_listen_is_told_again_later_and_later(
    lab: Program, subscribers: Subscribers, ear: Ear
) -> None:
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    sent(lab)
    ear.status = 500
    told = teller(subscribers, jitter=lambda: 1.0)
    for pause in (5, 10, 20):
        assert told.round() == 0
        tried = len(ear.got)
        lab.passes(seconds=pause - 1)
        told.round()
        assert len(ear.got) == tried, "left in peace"
        lab.passes(seconds=1)
    ear.status = 200
    assert told.round() == 1
    assert len({one["id"] for one in ear.events}) == 1, "one event, however often it was told"
    assert told.round() == 0
    lab.sends(TEXT, name="r2")
    sent(lab)
    assert told.round() == 1, "the pauses are forgotten"


def test_an_event_that_was_taken_but_not_written_down_comes_again(
    lab: Program, subscribers: Subscribers, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    sent(lab)
    with monkeypatch.context() as broken:
        broken.setattr(Subscribers, "heard", lambda *_: (_ for _ in ()).throw(OSError()))
        with pytest.raises(OSError):
            teller(subscribers).round()
    assert teller(subscribers).round() == 1
    assert len(ear.events) == 2
    assert ear.events[0] == ear.events[1]


def test_what_fails_again_while_its_first_failure_is_told_is_told_again(
    lab: Program, subscribers: Subscribers, ear: Ear
) -> None:
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    lab.outbox.end(lab.outbox.claim(1)[0], Status.FAILED, "no")
    (to,) = subscribers.due()
    failed = subscribers.news(to, 10)
    dead = DeadLetters(lab.database, lambda: lab.now, at_any_hour)
    assert list(dead.send_again([failed[0].message_id], "operator").values()) == [None]
    subscribers.heard(to, failed)
    lab.outbox.end(lab.outbox.claim(1)[0], Status.FAILED, "no again")
    subscribers.heard(to, failed)
    assert teller(subscribers).round() == 1
    assert [one["message"]["words"] for one in ear.events] == ["no again"]


def test_many_are_told_in_lots(
    lab: Program, subscribers: Subscribers, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST", 10)
    subscribed(subscribers, lab, ear.url)
    names = lab.sends(*({**TEXT, "text": f"Tin {number}"} for number in range(25)))
    sent(lab)
    assert teller(subscribers).round() == 25
    assert len(ear.got) == 3
    assert [one["message"]["id"] for one in ear.events] == names


def test_each_hears_only_of_their_own_and_only_of_what_came_after(
    lab: Program, subscribers: Subscribers, ear: Ear
) -> None:
    lab.sends(TEXT, name="before")
    lab.passes(seconds=1)
    subscribed(subscribers, lab, ear.url)
    other = lab.keys.make("clinic", ("messages:send",))
    lab.posts(TEXT, "r", other)
    (mine,) = lab.sends(TEXT, name="after")
    sent(lab)
    assert teller(subscribers).round() == 1
    assert [one["message"]["id"] for one in ear.events] == [mine]


def test_a_test_message_is_told_as_one(lab: Program, subscribers: Subscribers, ear: Ear) -> None:
    lab.key = lab.keys.make("lab, trying", ("messages:send",), test=True)
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    assert teller(subscribers).round() == 1
    assert (ear.types, ear.events[0]["message"]["test"]) == (["message.stopped"], True)


def test_a_revoked_key_and_an_ended_subscription_hear_nothing(
    lab: Program, subscribers: Subscribers, ear: Ear
) -> None:
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    sent(lab)
    lab.keys.revoke(owner(lab))
    assert teller(subscribers).round() == 0
    assert subscribers.subscribe(owner(lab), ear.url) is None
    assert subscribers.unsubscribe(owner(lab))
    assert not subscribers.unsubscribe(owner(lab))
    assert ear.got == []


def test_nothing_is_told_inwards_unless_that_is_allowed(
    lab: Program, subscribers: Subscribers, ear: Ear
) -> None:
    subscribed(subscribers, lab, ear.url)
    lab.sends(TEXT)
    sent(lab)
    assert teller(subscribers, internal=False).round() == 0
    lab.passes(minutes=1)
    inside = ear.url.replace("http://", "https://").replace("127.0.0.1", "localhost")
    subscribed(subscribers, lab, inside)
    assert teller(subscribers, internal=False).round() == 0
    assert ear.got == []
    lab.passes(minutes=1)
    (due,) = subscribers.due()
    assert due.failures == 1


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1"),
        *("224.0.0.1", "ff02::1", "192.0.0.192", "fec0::1", "::127.0.0.1", "64:ff9b:1::a00:1"),
        *("::ffff:0:a00:1", "5f00::1"),
    ],
)
def test_inside_is_everything_that_is_not_the_open_network(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(BadUrl):
        check_url(f"https://{host}/hook", internal=False)

    def look_up(*_: object, **__: object) -> list[Any]:
        return [(0, 0, 0, "", (one, 443)) for one in ("93.184.216.34", address)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(Inwards):
        outwards("hooks.example.vn", 443)


def test_a_name_outside_is_connected_to_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert outwards("hooks.example.vn", 443) == "93.184.216.34"


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.vn/", "ftp://hooks.example.vn/", "https://", "hooks", ""),
        *("https://a:b@hooks.example.vn/", "https://hooks.example.vn/#a", "https://h:x/"),
        *("https://hooks.example.vn/ a", "https://hooks.example.vn/\n", "https://ví-dụ.vn/"),
        "https://hooks.example.vn/" + "a" * 500,
    ],
)
def test_an_address_must_be_one(url: str) -> None:
    with pytest.raises(BadUrl):
        check_url(url, internal=False)
    assert check_url("https://hooks.example.vn:8443/a?b=c", internal=False)


def test_a_slow_ear_does_not_hold_up_the_others(
    lab: Program, subscribers: Subscribers, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not answer is left after its time; the other one has its news by then."""
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        subscribed(subscribers, lab, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        lab.sends(TEXT)
        lab.key = lab.keys.make("clinic", ("messages:send",))
        subscribed(subscribers, lab, ear.url)
        lab.sends(TEXT)
        sent(lab)
        assert teller(subscribers).round() == 1
    assert len(ear.events) == 1
    assert [one.failures for one in subscribers.due()] == [0]
    lab.now += timedelta(minutes=1)
    assert {one.failures for one in subscribers.due()} == {0, 1}
