"""The page, its token, and what its keys do to the gateway behind it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from tests.web.simulator.test_requests import LINES, PHONE
from web.simulator import page
from web.simulator.bot_api import BotApi
from web.simulator.handset import Handset
from web.simulator.post import Answer, Poster
from web.simulator.requests import NetworkRequest, Networks
from web.simulator.threads import START, Threads


@dataclass
class Gateway(Poster):
    """Answers what the test says, and keeps what was posted."""

    answer: Answer = field(default_factory=lambda: Answer(200, "CON Mot Cua\n1 Ma QR", 0.01))
    posted: list[NetworkRequest] = field(default_factory=list)
    called: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def send(self, request: NetworkRequest) -> Answer:
        self.posted.append(request)
        return self.answer

    def call(self, method: str, url: str, headers: Any = None, content: bytes = b"") -> Answer:
        self.called.append((url, dict(headers or {}), content))
        return self.answer


@dataclass
class Browser:
    """Somebody with the page open."""

    client: FlaskClient
    gateway: Gateway
    threads: Threads
    token: str = ""

    def opens(self) -> str:
        shown = self.client.get("/simulator").get_data(as_text=True)
        found = re.search(r'name="simulator-token" content="([^"]+)"', shown)
        assert found is not None
        self.token = found[1]
        return shown

    def does(self, path: str, **sent: Any) -> TestResponse:
        headers = {page.TOKEN_HEADER: self.token}
        asked = {"phone": PHONE, **sent}
        return self.client.post(f"/simulator/api/{path}", json=asked, headers=headers)

    def thread(self) -> list[dict[str, Any]]:
        return self.threads.after(PHONE, START)[1]


@pytest.fixture
def browser(clean_redis: str) -> Iterator[Browser]:
    redis = Redis.from_url(clean_redis)
    threads, gateway = Threads(redis), Gateway()
    handset = Handset(
        networks=Networks(LINES, lambda: datetime(2026, 11, 23, 1, 30, tzinfo=UTC)),
        poster=gateway,
        threads=threads,
        bot_api=BotApi(threads, time.time),
        short_number="1022",
    )
    app = Flask("tests")
    app.register_blueprint(
        page.blueprint(
            handset=handset,
            people=lambda: [{"name": "Nguyễn Thị Hường", "phone": PHONE}],
            poster=gateway,
            officer_key="mc_officer_secret",
            secret="secret of the tests",
        )
    )
    yield Browser(app.test_client(), gateway, threads)
    redis.close()


def test_the_page_needs_nothing_from_elsewhere(browser: Browser) -> None:
    shown = browser.opens()
    assert "*1022#" in shown
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", shown)
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style", shown)
    policy = browser.client.get("/simulator").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for address in re.findall(r'(?:src|href)="(/simulator/static/[^"]+)"', shown):
        assert browser.client.get(address).status_code == 200


def test_no_secret_is_on_the_page(browser: Browser) -> None:
    shown = browser.opens()
    for secret in ("path-secret", "twilio-token", "telegram-secret", "mc_officer"):
        assert secret not in shown


PATHS = ("ussd/dial", "ussd/answer", "ussd/cancel", "sms", "chat/write", "chat/tap", "chat/share",
         "chat/follow", "thread", "thread/clear", "verify")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_done_without_the_token_of_the_page(browser: Browser, path: str) -> None:
    for token in ("", "made-up", browser.token):
        answer = browser.client.post(
            f"/simulator/api/{path}", json={"phone": PHONE}, headers={page.TOKEN_HEADER: token}
        )
        assert answer.status_code == 403
    assert browser.gateway.posted == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"phone": 1}', b'{"phone": "0912"}'])
def test_nonsense_is_refused(browser: Browser, path: str, body: bytes) -> None:
    browser.opens()
    answer = browser.client.post(
        f"/simulator/api/{path}",
        data=body,
        content_type="application/json",
        headers={page.TOKEN_HEADER: browser.token},
    )
    well = path == "verify" and body.startswith(b'{"phone"')
    assert answer.status_code == (200 if well else 400)


def test_dialling_shows_the_screen_and_what_was_posted(browser: Browser) -> None:
    browser.opens()
    shown = browser.does("ussd/dial", dialled="*1022#").get_json()
    assert (shown["screen"], shown["open"], shown["history"]) == ("Mot Cua\n1 Ma QR", True, "")
    assert shown["wire"]["fields"]["phoneNumber"] == PHONE
    assert "path-secret" not in str(shown)
    after = browser.does("ussd/answer", session=shown["session"], history="", said="1").get_json()
    assert (after["history"], after["session"]) == ("1", shown["session"])


def test_an_answer_that_is_no_screen_is_a_connection_problem(browser: Browser) -> None:
    browser.opens()
    browser.gateway.answer = Answer(500, "Internal Server Error", 0.01)
    shown = browser.does("ussd/dial", dialled="*1022#").get_json()
    assert (shown["screen"], shown["open"]) == (None, False)


def test_another_code_is_not_posted(browser: Browser) -> None:
    browser.opens()
    assert browser.does("ussd/dial", dialled="*101#").get_json()["notOurs"] is True
    assert browser.gateway.posted == []


def test_a_text_and_its_reply_are_in_the_thread(browser: Browser) -> None:
    browser.opens()
    twiml = "<Response><Message>Nhan QR &amp; TT</Message></Response>"
    browser.gateway.answer = Answer(200, twiml, 0.01)
    assert browser.does("sms", text="HELP", by="twilio").get_json()["sent"] is True
    mine, theirs = browser.thread()
    assert (mine["from"], mine["text"]) == ("me", "HELP")
    assert (theirs["sender"], theirs["text"]) == ("1022", "Nhan QR & TT")


def test_a_call_in_the_webhooks_answer_is_carried_out(browser: Browser) -> None:
    browser.opens()
    inline = {"method": "sendMessage", "chat_id": 84912004701, "text": "Chào"}
    browser.gateway.answer = Answer(200, "", 0.01, inline)
    browser.does("chat/write", text="/start")
    assert [event["text"] for event in browser.thread()] == ["/start", "Chào"]


def test_the_thread_is_told_from_a_place_on(browser: Browser) -> None:
    browser.opens()
    browser.does("chat/write", text="một")
    first = browser.does("thread", after="").get_json()
    browser.does("chat/write", text="hai")
    second = browser.does("thread", after=first["place"]).get_json()
    assert [event["text"] for event in first["events"]] == ["một"]
    assert [event["text"] for event in second["events"]] == ["hai"]
    assert browser.does("thread", after="nowhere").status_code == 400
    browser.does("thread/clear")
    assert browser.does("thread", after="").get_json()["events"] == []


def test_one_phone_does_not_see_anothers_thread(browser: Browser) -> None:
    browser.opens()
    browser.does("chat/write", text="của tôi")
    assert browser.does("thread", phone="+84912004702", after="").get_json()["events"] == []


def test_the_officers_key_stays_on_the_server(browser: Browser) -> None:
    browser.opens()
    browser.gateway.answer = Answer(200, "", 0.01, {"result": "valid"})
    shown = browser.does("verify", scanned="1234 5678 9012")
    assert shown.get_json() == {"status": 200, "answer": {"result": "valid"}}
    (call,) = browser.gateway.called
    assert call[0] == "/api/v1/verify"
    assert call[1]["Authorization"] == "Bearer mc_officer_secret"


def test_a_picture_is_shown_by_its_name_only(browser: Browser) -> None:
    name = browser.threads.keep_photo(b"\x89PNG picture")
    shown = browser.client.get(f"/simulator/photo/{name}")
    assert (shown.mimetype, shown.data) == ("image/png", b"\x89PNG picture")
    assert browser.client.get("/simulator/photo/another").status_code == 404


def test_the_people_are_listed(browser: Browser) -> None:
    listed = browser.client.get("/simulator/api/people").get_json()
    assert listed["people"][0]["phone"] == PHONE


def test_zalo_has_a_thread_of_its_own(browser: Browser) -> None:
    browser.opens()
    browser.gateway.answer = Answer(200, "ok", 0.01)
    assert browser.does("chat/follow").get_json()["sent"] is True
    browser.does("chat/write", text="QR", network="zalo")
    browser.does("chat/tap", data="#mc:1f:yes", network="zalo")
    said = [request.fields.get("message", {}).get("text") for request in browser.gateway.posted]
    assert said == [None, "QR", "#mc:1f:yes"]
    assert [(event["thread"], event["text"]) for event in browser.thread()] == [("zalo", "QR")]
